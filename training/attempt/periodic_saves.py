"""When the next of an attempt's periodic saves is due."""

import time

from checkpoints.policy import CheckpointPolicy


class PeriodicSaves:
    """Counts epochs on the training thread; asked on any."""

    def __init__(self, policy: CheckpointPolicy) -> None:
        self._policy = policy
        self.count_anew()

    @property
    def is_due(self) -> bool:
        return self._policy.due(
            epochs_since_save=self._epochs, seconds_since_save=time.monotonic() - self._since
        )

    def count_anew(self) -> None:
        """From here: a save was handed over, or the first batch comes next."""
        self._epochs, self._since = 0, time.monotonic()

    def epoch_done(self) -> None:
        self._epochs += 1

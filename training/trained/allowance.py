"""What a prediction may take where somebody waits for it."""

from dataclasses import dataclass

from training.errors import TooLargeHere
from training.models import TrainedModel
from training.trained.bundle_reader import WEIGHTS, TrainedNetwork
from training.trained.windows import num_operations

OPERATIONS_PER_SECOND = 8e9
"""Of one core: 7 to 10 were measured, in float64."""
COPIES = 4
"""Of stored weights in memory, while they are read: chunks, the whole, and twice as wide."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """An estimate before it begins, so that nobody waits for what will not come."""

    seconds: float
    memory_mb: int

    def require_memory(self, model: TrainedModel) -> None:
        """Raises `TooLargeHere` where the weights alone are too many."""
        stored = model.artifacts.get(name=WEIGHTS).size_bytes
        if stored * COPIES > self.memory_mb * 1024**2:
            reason = f"The model's weights alone need more than {self.memory_mb} MB."
            raise TooLargeHere(reason=reason, model_id=model.pk)

    def require_time(self, network: TrainedNetwork, num_windows: int, *, model_id: int) -> None:
        """Raises `TooLargeHere` where so many windows would take too long."""
        seconds = num_operations(network, num_windows) / OPERATIONS_PER_SECOND
        if seconds > self.seconds:
            reason = f"{num_windows} bars would take some {seconds:.0f} s, not {self.seconds:g}."
            raise TooLargeHere(reason=reason, model_id=model_id)

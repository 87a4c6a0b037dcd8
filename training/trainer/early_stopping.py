"""Stop when the monitored value has not improved for `patience` epochs."""

from typing import TYPE_CHECKING, Any

from training.strategy.training_settings import cost

if TYPE_CHECKING:
    from training.strategy import Strategy


class EarlyStopping:
    """Counts epochs without improvement by more than `min_delta`, from epoch `min_epochs` on.

    What counts as an improvement here never decides which model is the best one.
    """

    def __init__(self, strategy: "Strategy") -> None:
        self._settings = strategy.training.early_stopping
        self._monitor = strategy.training.monitored
        self.reference: float | None = None
        self.bad_epochs = 0
        self.stopped = False

    def observe(self, epoch: int, value: float) -> None:
        """Take in one epoch's monitored value."""
        if self._settings is None:
            return
        if self._improves(value, self._settings.min_delta):
            self.reference, self.bad_epochs = value, 0
        elif epoch >= self._settings.min_epochs:
            self.bad_epochs += 1
            self.stopped = self.bad_epochs >= self._settings.patience

    def _improves(self, value: float, min_delta: float) -> bool:
        if self.reference is None:
            return True
        return cost(self._monitor, value) < cost(self._monitor, self.reference) - min_delta

    def state_dict(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "bad_epochs": self.bad_epochs,
            "stopped": self.stopped,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.reference = state["reference"]
        self.bad_epochs = state["bad_epochs"]
        self.stopped = state["stopped"]

"""Learning rate schedules: the rate is a function of the position, and of validation for plateau.

Definitions are torch's, whose classes the tests compare with; here they are functions because
torch's `OneCycleLR` and `CosineAnnealingLR` load an old length and then run past it.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from training.strategy.schedules import (
    CosineSchedule,
    ExponentialSchedule,
    OneCycleSchedule,
    PlateauSchedule,
    StepSchedule,
)

if TYPE_CHECKING:
    from training.strategy import Strategy

PLATEAU_THRESHOLD = 1e-4  # relative: a smaller improvement counts as none


class Schedule:
    """A constant rate, and what every schedule offers."""

    def __init__(self, peak: float) -> None:
        self.peak = peak

    def learning_rate(self, epoch: int, batch: int) -> float:
        """The rate of one batch; both count from 0."""
        return self.peak

    def learning_rates(self, epoch: int, num_batches: int) -> NDArray[np.float64]:
        """[batches]: of each batch of an epoch."""
        return np.full(num_batches, self.learning_rate(epoch, 0))

    def after_epoch(self, val_loss: float) -> None:
        """Take in one epoch's validation loss."""

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if state.keys() != self.state_dict().keys():
            raise ValueError(f"needs {sorted(self.state_dict())}, found {sorted(state)}")


class Step(Schedule):
    """The rate times gamma every `step_size` epochs; exponential is a step every epoch."""

    def __init__(self, peak: float, *, gamma: float, step_size: int) -> None:
        super().__init__(peak)
        self.gamma = gamma
        self.step_size = step_size

    def learning_rate(self, epoch: int, batch: int) -> float:
        return self.peak * self.gamma ** (epoch // self.step_size)


class Plateau(Schedule):
    """The rate times `factor` when val_loss has not improved for more than `patience` epochs."""

    def __init__(self, peak: float, settings: PlateauSchedule) -> None:
        super().__init__(peak)
        self.settings = settings
        self.rate = peak
        self.best: float | None = None
        self.bad_epochs = 0

    def learning_rate(self, epoch: int, batch: int) -> float:
        return self.rate

    def after_epoch(self, val_loss: float) -> None:
        if self.best is None or val_loss < self.best * (1.0 - PLATEAU_THRESHOLD):
            self.best, self.bad_epochs = val_loss, 0
            return
        self.bad_epochs += 1
        if self.bad_epochs > self.settings.patience:
            self.rate = max(self.rate * self.settings.factor, self.settings.min_lr)
            self.bad_epochs = 0

    def state_dict(self) -> dict[str, Any]:
        return {"rate": self.rate, "best": self.best, "bad_epochs": self.bad_epochs}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.rate, self.best = state["rate"], state["best"]
        self.bad_epochs = state["bad_epochs"]


class Cycle(Schedule):
    """A schedule with a length: all epochs, or those that an extension adds."""

    def __init__(self, peak: float, *, epochs: int) -> None:
        super().__init__(peak)
        self.first_epoch = 0
        self.epochs = epochs

    def state_dict(self) -> dict[str, Any]:
        return {"first_epoch": self.first_epoch, "epochs": self.epochs}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.first_epoch, self.epochs = state["first_epoch"], state["epochs"]


class Cosine(Cycle):
    """Half a cosine from the peak to `min_lr` (Loshchilov and Hutter 2017, without restarts)."""

    def __init__(self, peak: float, settings: CosineSchedule, *, epochs: int) -> None:
        super().__init__(peak, epochs=epochs)
        self.min_lr = settings.min_lr

    def learning_rate(self, epoch: int, batch: int) -> float:
        return _cosine(self.peak, self.min_lr, (epoch - self.first_epoch) / self.epochs)


class OneCycle(Cycle):
    """Per batch: up from peak / div to the peak, then down to that start / final_div (Smith 2018).

    Momentum stays as it is.
    """

    def __init__(
        self, peak: float, settings: OneCycleSchedule, *, epochs: int, num_batches: int
    ) -> None:
        super().__init__(peak, epochs=epochs)
        self.settings = settings
        self.num_batches = num_batches  # per epoch

    def learning_rate(self, epoch: int, batch: int) -> float:
        total = self.epochs * self.num_batches
        summit = max(self.settings.pct_start * total - 1.0, 0.0)
        step = (epoch - self.first_epoch) * self.num_batches + batch
        start = self.peak / self.settings.div
        if step < summit:
            return _cosine(start, self.peak, step / summit)
        share = (step - summit) / max(total - 1.0 - summit, 1.0)
        return _cosine(self.peak, start / self.settings.final_div, share)

    def learning_rates(self, epoch: int, num_batches: int) -> NDArray[np.float64]:
        return np.array([self.learning_rate(epoch, batch) for batch in range(num_batches)])


def make_schedule(strategy: "Strategy", *, num_batches: int) -> Schedule:
    """The strategy's schedule; `num_batches` per epoch."""
    peak, epochs = strategy.training.learning_rate, strategy.training.epochs
    match strategy.training.lr_scheduler:
        case StepSchedule(gamma=gamma, step_size=step_size):
            return Step(peak, gamma=gamma, step_size=step_size)
        case ExponentialSchedule(gamma=gamma):
            return Step(peak, gamma=gamma, step_size=1)
        case PlateauSchedule() as settings:
            return Plateau(peak, settings)
        case CosineSchedule() as settings:
            return Cosine(peak, settings, epochs=epochs)
        case OneCycleSchedule() as settings:
            return OneCycle(peak, settings, epochs=epochs, num_batches=num_batches)
        case _:
            return Schedule(peak)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2.0 * (1.0 + math.cos(math.pi * share))

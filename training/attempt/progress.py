"""What a person is shown of a running attempt, and a later attempt compares itself with."""

from collections.abc import Mapping
from typing import Any

from training.trainer.run import EpochRecord, Progress
from training.trainer.state import Position

ETA_SMOOTHING = 0.3  # weight of the newest epoch's time in the moving average

LASTING = ("train_loss", "val_loss", "learning_rate", "best_epoch", "best_val_loss")
"""Values of the last epoch and the best one: shown until the next ends, and by later attempts."""


class ProgressBoard:
    """The operation's `progress`, kept by the training thread and sent with each heartbeat."""

    def __init__(self, before: Mapping[str, Any], *, total_epochs: int) -> None:
        """`before` is what earlier attempts had reached: it stands until this one trains."""
        self._shown = {**before, "phase": "preparing data", "total_epochs": total_epochs}
        self._total_epochs = total_epochs
        self._total_batches = 0
        self._samples = 0
        self._epoch_seconds: float | None = None
        self._lasting = {key: before[key] for key in LASTING if key in before}

    def shown(self) -> dict[str, Any]:
        return self._shown

    def preparing(self, step: str) -> None:
        self._shown = {**self._shown, "step": step}

    def training(self, position: Position, *, total_batches: int, samples: int) -> None:
        """The first batch comes next; `samples` are the rows of one epoch."""
        self._total_batches, self._samples = total_batches, samples
        self._shown = self._at(position)

    def reported(self, progress: Progress) -> None:
        self._shown = {
            **self._at(progress.position),
            "loss_sum": progress.loss_sum,
            "weight_sum": progress.weight_sum,
            "learning_rate": progress.learning_rate,
        }

    def measured(self, record: EpochRecord) -> dict[str, Any]:
        """What is to be shown once this epoch is done, for `epoch_done`."""
        before = self._epoch_seconds or record.seconds
        self._epoch_seconds = before + ETA_SMOOTHING * (record.seconds - before)
        self._lasting |= {key: record.metrics[key] for key in LASTING if key in record.metrics}
        if record.is_best:
            self._lasting |= {
                "best_epoch": record.epoch,
                "best_val_loss": record.metrics["val_loss"],
            }
        return self._at(Position(record.epoch, 0))

    def epoch_done(self, measured: dict[str, Any]) -> None:
        self._shown = measured

    def saving(self, position: Position | None = None) -> None:
        """The last batch is behind; `position` is what a final save will hold."""
        at = self._shown if position is None else self._at(position)
        self._shown = {**at, "phase": "saving"}

    def _at(self, position: Position) -> dict[str, Any]:
        done = position.epoch + 1 + position.batch / max(1, self._total_batches)
        shown = {
            **self._lasting,
            "phase": "training",
            "epoch": position.epoch,
            "batch": position.batch,
            "total_epochs": self._total_epochs,
            "total_batches": self._total_batches,
            "percent": round(100 * done / self._total_epochs, 2),
        }
        if self._epoch_seconds:
            shown["eta_seconds"] = round((self._total_epochs - done) * self._epoch_seconds, 1)
            shown["samples_per_second"] = round(self._samples / self._epoch_seconds)
        return shown

"""What an attempt tells of itself in its log, in lines that a person reads."""

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from operations.reading.words import position_words
from training.trainer.engines.rule import AUTOGRAD
from training.trainer.run import EpochRecord
from training.trainer.state import START, Position

if TYPE_CHECKING:
    from training.features.dataset import Dataset
    from training.trainer.pinned import Pinned

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_EPOCH_LINES = 2.0
"""Epochs may take milliseconds: of those in between, the metrics have every one."""


class Story:
    """The log lines of one attempt."""

    def __init__(self, *, total_epochs: int) -> None:
        self._total_epochs = total_epochs
        self._step = ""
        self._untold: EpochRecord | None = None
        self._num_untold = 0
        self._told_at = 0.0

    def preparing(self, step: str) -> None:
        if step != self._step:
            self._step = step
            logger.info("preparing: %s", step)

    def begins(
        self,
        start: Position,
        dataset: "Dataset",
        pinned: "Pinned",
        differences: Sequence[str],
        *,
        why_autograd: str,
    ) -> None:
        """The first batch comes next; `why_autograd` trains, where it does."""
        for part, classes in dataset.label_balance.items():
            balance = ", ".join(f"{count:,} {name}" for name, count in classes.items())
            logger.info("%s: %s", part, balance)
        logger.info("%s rows, %d features", *_shape(dataset))
        for warning in dataset.warnings:
            logger.warning("%s: %s", warning.subject, warning.message)
        logger.info(
            "trains on %s, %d threads, engine %s%s, optimizer %s; %s",
            *(pinned.device, pinned.threads, pinned.engine),
            f" ({why_autograd})" if pinned.engine == AUTOGRAD and why_autograd else "",
            pinned.optimizer_flavour,
            f"not exact: {'; '.join(differences)}" if differences else "exact",
        )
        begun = "starts from the beginning" if start == START else "goes on after "
        logger.info("%s%s", begun, "" if start == START else position_words(*start))

    def epoch(self, record: EpochRecord) -> None:
        """A line, unless the last one was a moment ago."""
        self._untold = record
        self._num_untold += 1
        if time.monotonic() - self._told_at >= SECONDS_BETWEEN_EPOCH_LINES:
            self._tell_epoch()

    def stops(self, reason: str, position: Position) -> None:
        self._tell_epoch()
        logger.info("stops for a %s after %s", reason, position_words(*position))

    def ends(self) -> None:
        """The last batch is behind."""
        self._tell_epoch()
        logger.info("trained; evaluates the best model on the test split")

    def _tell_epoch(self) -> None:
        if (record := self._untold) is None:
            return
        logger.info(
            "epoch %d of %d: %s, %.3g s%s%s",
            *(record.epoch, self._total_epochs),
            ", ".join(f"{name} {value:.6g}" for name, value in record.metrics.items()),
            record.seconds,
            ", the best so far" if record.is_best else "",
            f" ({self._num_untold - 1} since the last line)" if self._num_untold > 1 else "",
        )
        self._untold, self._num_untold, self._told_at = None, 0, time.monotonic()


def _shape(dataset: "Dataset") -> tuple[str, int]:
    num_rows, num_features = dataset.features.shape
    return f"{num_rows:,}", num_features

"""The trainer's line to the outside: what it asks, and what it tells."""

import sys
from dataclasses import dataclass
from enum import IntFlag
from typing import Protocol

import numpy as np

from training.trainer.state import Position, Snapshot


class Request(IntFlag):
    """What the outside wants at a step boundary."""

    NONE = 0
    REPORT = 1
    """Tell the exact running sums."""
    SAVE = 2
    """Hand over a snapshot, and go on."""
    STOP = 4
    """Hand over a final snapshot, and return."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a training stands in the middle of an epoch, exactly."""

    position: Position
    loss_sum: str  # float.hex of the loss summed over this epoch's rows so far, float64
    weight_sum: str  # float.hex of those rows' summed weights, float64
    learning_rate: float  # of the next batch


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """One finished epoch."""

    epoch: int  # counted from 0
    metrics: dict[str, float]  # train_loss, val_loss, val_accuracy (classification), learning_rate
    digest: str  # the state digest at the epoch's end
    seconds: float  # spent on it by this attempt
    is_best: bool


class Attention:
    """Called for on any thread; an engine sees it after the batch that it is training."""

    def __init__(self) -> None:
        self.flag = np.zeros(1, np.uint8)
        """[1]: memory, because compiled code looks at it, too."""

    def call(self) -> None:
        self.flag[0] = 1

    def clear(self) -> None:
        self.flag[0] = 0

    @property
    def is_called(self) -> bool:
        return bool(self.flag[0])


class TrainingRun(Protocol):
    """Who watches a training. Every method is called on the training thread only."""

    attention: Attention
    """To be asked before the batches are over that it let pass."""

    def batches_to_pass(self, position: Position) -> int:
        """How many batches may be trained from here before it is asked what to do, at least 1."""

    def at_boundary(self, position: Position) -> Request:
        """What to do now. Called between batches as it wants, and at every epoch's end."""

    def report(self, progress: Progress) -> None:
        """The answer to REPORT."""

    def epoch_done(self, record: EpochRecord) -> None:
        """An epoch's indivisible end is behind."""

    def save(self, snapshot: Snapshot, *, final: bool) -> None:
        """The answer to SAVE, or with `final` to STOP."""


ALL_BATCHES = sys.maxsize


class Unattended:
    """Nobody watches: never stops, keeps nothing."""

    def __init__(self) -> None:
        self.attention = Attention()

    def batches_to_pass(self, position: Position) -> int:
        return ALL_BATCHES

    def at_boundary(self, position: Position) -> Request:
        return Request.NONE

    def report(self, progress: Progress) -> None:
        return None

    def epoch_done(self, record: EpochRecord) -> None:
        return None

    def save(self, snapshot: Snapshot, *, final: bool) -> None:
        return None

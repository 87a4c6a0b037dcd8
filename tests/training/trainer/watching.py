"""Runs that watch a training from within a test."""

from collections.abc import Callable

from training.trainer.run import Attention, EpochRecord, Progress, Request
from training.trainer.state import Position, Snapshot


class Watcher:
    """Remembers everything a trainer tells, and asks what `when` says of each boundary."""

    def __init__(self, when: Callable[[Position], Request] = lambda _: Request.NONE) -> None:
        self._when = when
        self.attention = Attention()
        self.boundaries: list[Position] = []
        self.reports: list[Progress] = []
        self.records: list[EpochRecord] = []
        self.saved: list[Snapshot] = []
        self.final: Snapshot | None = None

    def batches_to_pass(self, position: Position) -> int:
        return 1

    def at_boundary(self, position: Position) -> Request:
        self.boundaries.append(position)
        return self._when(position)

    def report(self, progress: Progress) -> None:
        self.reports.append(progress)

    def epoch_done(self, record: EpochRecord) -> None:
        self.records.append(record)

    def save(self, snapshot: Snapshot, *, final: bool) -> None:
        if final:
            self.final = snapshot
        else:
            self.saved.append(snapshot)


def stop_at(epoch: int, batch: int) -> Watcher:
    """Stops at the first boundary at or after this position."""
    wanted = Position(epoch, batch)
    return Watcher(lambda position: Request.STOP if position >= wanted else Request.NONE)

"""Every replay proves itself: what is trained again must come out as it did before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.models import EventType, Metric, Operation
from training.attempt.journal import Note
from training.trainer.run import ALL_BATCHES, Progress
from training.trainer.state import Position


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What earlier attempts recorded beyond the position where this one begins."""

    digests: Mapping[int, str] = field(default_factory=dict)
    """State digests at the ends of epochs, by epoch."""
    position: Position | None = None
    """Position and loss of the last report in the middle of an epoch."""
    loss_sum: str = ""
    """float.hex of the running loss at `position`."""

    @classmethod
    def before(cls, operation: Operation, start: Position) -> "Recorded":
        """By the attempts before the operation's current one, which begins at `start`."""
        if operation.attempt == 1:
            return cls()
        earlier = Metric.objects.filter(
            operation=operation, attempt__lt=operation.attempt, step__gt=start.epoch
        ).order_by("step", "attempt")
        digests = {row.step: row.values["digest"] for row in earlier}
        return cls.beyond(start, digests=digests, progress=operation.progress)

    @classmethod
    def beyond(
        cls, start: Position, *, digests: Mapping[int, str], progress: Mapping[str, Any]
    ) -> "Recorded":
        """`progress` is the operation's: the last heartbeat that reached the database."""
        ahead = {epoch: digest for epoch, digest in digests.items() if epoch > start.epoch}
        reported = Position(progress.get("epoch", -1), progress.get("batch", 0))
        if reported <= start or not progress.get("loss_sum"):
            return cls(digests=ahead)
        return cls(digests=ahead, position=reported, loss_sum=progress["loss_sum"])


class Replay:
    """Compares an attempt, as it goes, with what was recorded before it."""

    def __init__(self, recorded: Recorded, *, differences: Sequence[str] = ()) -> None:
        """`differences` from the first attempt's conditions, in words, may explain a mismatch."""
        self.awaited = recorded.position
        """Where the trainer is asked for a report to compare; None when there is nothing (more)."""
        self.compared_epochs = 0
        self.mismatches: list[str] = []
        self._recorded = recorded
        self._differences = list(differences)
        self._compared_anything = False

    @property
    def verified(self) -> bool | None:
        """None when there was nothing to replay."""
        return not self.mismatches if self._compared_anything else None

    @property
    def is_over(self) -> bool:
        """Whether everything recorded has been trained again."""
        return self.awaited is None and self.compared_epochs >= len(self._recorded.digests)

    def batches_to_pass(self, position: Position) -> int:
        """Up to the awaited position in this epoch, else all."""
        if self.awaited is None or self.awaited.epoch != position.epoch:
            return ALL_BATCHES
        return self.awaited.batch - position.batch if self.awaited > position else ALL_BATCHES

    def passed_epoch(self, epoch: int, digest: str) -> bool:
        """Whether this epoch was a replay."""
        if epoch not in self._recorded.digests:
            return False
        self.compared_epochs += 1
        self._compare(f"epoch {epoch}", self._recorded.digests[epoch], digest)
        return True

    def passed(self, progress: Progress) -> bool:
        """Whether this position was a recorded one."""
        if progress.position != self.awaited:
            return False
        self.awaited = None
        where = f"epoch {progress.position.epoch + 1}, batch {progress.position.batch}"
        self._compare(where, self._recorded.loss_sum, progress.loss_sum)
        return True

    def conclusion(self) -> Note | None:
        """What was compared, and whether it was the same; None when there was nothing to."""
        if self.verified is None:
            return None
        data = {
            "replayed_epochs": self.compared_epochs,
            "mismatches": self.mismatches,
            "differences": self._differences,
        }
        return Note(
            event_type=EventType.REPLAY_VERIFIED if self.verified else EventType.REPLAY_MISMATCH,
            data=data,
            attempt_fields={
                "replayed_epochs": self.compared_epochs,
                "replay_verified": self.verified,
            },
        )

    def _compare(self, where: str, recorded: str, replayed: str) -> None:
        self._compared_anything = True
        if recorded != replayed:
            self.mismatches.append(where)

"""What a person wants to know of an operation beside its columns; every surface shows the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from checkpoints.models import Checkpoint
from operations.models import Operation, Status
from operations.operation_types import presentation, resumes_from_rows
from operations.reading.known import Known, known_of
from operations.selectors import (
    PartCounts,
    live_families_of,
    newest_checkpoints,
    part_counts,
)

NOTHING_KNOWN = Known()


class Phase(StrEnum):
    """What a live operation is doing. Derived; the status alone is a fact."""

    WAITING = "waiting for a worker"
    PARKED = "waiting for its parts"
    HELD = "waiting for its family"
    PREPARING = "preparing data"
    TRAINING = "training"
    MEASURING = "measuring"
    SAVING = "saving"
    STOPPING = "stopping"


class Action(StrEnum):
    """What its state allows. Whether a user may is a question of their rights."""

    CANCEL = "cancel"
    FORCE_CANCEL = "force_cancel"
    RESUME = "resume"
    RESTART = "restart"


def phase_of(operation: Operation) -> Phase | None:
    """None when it has ended."""
    if not operation.is_live:
        return None
    if operation.cancel_requested_at:
        return Phase.STOPPING
    if operation.waiting:
        return Phase.PARKED
    if operation.held_at:
        return Phase.HELD
    if not operation.claimed_at:
        return Phase.WAITING
    reported = operation.progress.get("phase")
    return Phase(reported) if reported in list(Phase) else Phase.PREPARING


@dataclass(frozen=True, kw_only=True)
class Overview:
    operation: Operation
    latest_checkpoint: Checkpoint | None
    """The newest usable one."""
    known: Known = NOTHING_KNOWN
    """What it is found by, and the figures of what came of it."""
    counts: PartCounts | None = None
    """Of a family's parts."""
    is_of_live_family: bool = False
    """Then nobody but the family lets it go on, or starts it again."""

    @property
    def owner(self) -> AbstractBaseUser | None:
        return self.operation.owner

    @property
    def phase(self) -> Phase | None:
        return phase_of(self.operation)

    @property
    def progress(self) -> dict[str, Any]:
        """Every key of its type is there; None where the worker has not said."""
        keys = presentation(self.operation.operation_type).progress_keys
        progress = {key: self.operation.progress.get(key) for key in keys}
        if self.operation.waiting and self.counts:
            percent = _moved_on(self.operation.progress, self.counts)
            progress |= {"percent": percent, "eta_seconds": _remaining(self.operation, percent)}
        if self.operation.status == Status.COMPLETED:
            progress |= {"percent": 100.0, "eta_seconds": 0.0}
        return progress

    @property
    def error(self) -> dict[str, str] | None:
        """Why it failed, by code and message."""
        code, message = self.operation.error_code, self.operation.error_message
        return {"code": code, "message": message} if code else None

    @property
    def resumable(self) -> bool:
        goes_on = self.latest_checkpoint is not None or resumes_from_rows(self.operation)
        return self.operation.is_resumable and goes_on and not self.is_of_live_family

    @property
    def parts(self) -> int | None:
        return self.counts.total if self.counts else None

    @property
    def open_parts(self) -> int | None:
        return self.counts.open if self.counts else None

    @property
    def allowed_actions(self) -> list[Action]:
        operation = self.operation
        allowed = {
            Action.CANCEL: operation.is_live and not operation.cancel_requested_at,
            Action.FORCE_CANCEL: operation.is_live and operation.claimed_at is not None,
            Action.RESUME: self.resumable,
            Action.RESTART: not self.is_of_live_family,
        }
        return [action for action, is_allowed in allowed.items() if is_allowed]


def _moved_on(reported: Mapping[str, Any], counts: PartCounts) -> float | None:
    """The percent of a family that waits: from `percent` to `percent_then` as those `awaited` end
    or hold. Counted when it is read, so that no part writes to the family's row.
    """
    percent: float | None = reported.get("percent")
    awaited = reported.get("awaited")
    if percent is None or not awaited:
        return percent
    there: float = 1 - min(counts.open, awaited) / awaited
    then: float = reported["percent_then"]
    return percent + there * (then - percent)


def _remaining(family: Operation, percent: float | None) -> float | None:
    """Seconds, if the rest takes as long for each percent as what has come since it waits: its
    worker was last heard of then. None before any part has come, and once it is to stop.
    """
    began: float = family.progress.get("percent") or 0.0
    if percent is None or percent <= began or not family.heartbeat_at or family.cancel_requested_at:
        return None
    waited = (timezone.now() - family.heartbeat_at).total_seconds()
    return round(max(waited, 0.0) * (100 - percent) / (percent - began), 1)


def overview(operation: Operation) -> Overview:
    return overviews([operation])[0]


def overviews(operations: Iterable[Operation]) -> list[Overview]:
    """For a whole page, with a few queries for all of it."""
    shown = list(operations)
    checkpoints = newest_checkpoints(operation.pk for operation in shown)
    known = known_of(shown)
    counts, of_live = part_counts(shown), live_families_of(shown)
    return [
        Overview(
            operation=operation,
            latest_checkpoint=checkpoints.get(operation.pk),
            known=known[operation.pk],
            counts=counts.get(operation.pk),
            is_of_live_family=operation.pk in of_live,
        )
        for operation in shown
    ]

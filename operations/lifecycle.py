"""Every transition of an operation. Nothing else in the project writes a status.

Each function is one conditional UPDATE whose row count is the answer, together with the attempt's
row and the event, in one short transaction: no file, hash, Redis or network inside it. What a
worker writes is fenced by its attempt number; `fenced` is how it inserts anything.

The last line of a docstring says from which situations to which one a transition leads; in any
other it changes nothing. A situation is a status with what the guards look at: `pending`,
`waiting` (running, its attempt unclaimed), `running` (claimed), `stopping` (claimed, a cancel is
asked for), and of attempts whose lease has run out `lost`, `spent` (no restart is left) and
`orphaned` (a cancel was asked for); `completed`, `failed`, `cancelled`.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from checkpoints.failpoints import failpoint
from operations import actor
from operations.errors import Superseded
from operations.models import (
    LOST_CHECKPOINT,
    Attempt,
    Event,
    EventType,
    Operation,
    Outcome,
    Status,
)
from operations.text import as_storable
from operations.webhook import outbox


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why an operation failed, in words for its user."""

    code: str
    message: str
    """What happened and what to do next."""
    traceback: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "message": as_storable(self.message),
            "traceback": as_storable(self.traceback),
        }


def new_operation_id(operation_type: str) -> str:
    """`op_training_20261121_101500_1a2b3c4d`: sorts by time, and is safe in paths and URLs."""
    return f"op_{operation_type}_{timezone.now():%Y%m%d_%H%M%S}_{secrets.token_hex(4)}"


def start(
    *,
    operation_type: str,
    request: Mapping[str, Any],
    queue: str,
    name: str = "",
    owner: AbstractBaseUser | None = None,
    parent: Operation | None = None,
    lineage: str = "",
    max_restarts: int | None = None,
    operation_id: str = "",
) -> Operation:
    """Create a pending operation with its first attempt; `dispatch` rings for it after commit.

    A caller that makes files for it first brings its id, from `new_operation_id`.

    nothing → pending.
    """
    operation_id = operation_id or new_operation_id(operation_type)
    with transaction.atomic():
        operation = Operation(
            id=operation_id,
            operation_type=operation_type,
            name=name,
            owner_id=owner.pk if owner else None,
            parent=parent,
            lineage=lineage or (parent.lineage if parent else operation_id),
            request=dict(request),
            queue=queue,
            max_restarts=settings.KTRDR_MAX_RESTARTS if max_restarts is None else max_restarts,
        )
        operation.save(force_insert=True)
        Attempt.objects.create(operation=operation, number=1)
        _record(operation, EventType.CREATED, {"parent": parent.pk} if parent else {})
        failpoint("start.written")
        return operation


def resume(
    operation_id: str,
    attempt: int,
    *,
    resumed_from: Mapping[str, Any],
    request: Mapping[str, Any],
    queue: str,
) -> Operation | None:
    """Let an operation that stopped at `attempt` run again, as its next attempt.

    Exactly one of any number of concurrent callers gets the operation, the others None.

    cancelled, failed → waiting.
    """
    with transaction.atomic():
        if not Operation.objects.try_resume(
            operation_id, attempt, request=dict(request), queue=queue
        ):
            return None
        operation = _numbers(operation_id)
        Attempt.objects.create(
            operation=operation, number=operation.attempt, resumed_from=dict(resumed_from)
        )
        _record(operation, EventType.RESUMED, {"resumed_from": dict(resumed_from)})
        failpoint("resume.written")
        return operation


def claim(
    operation_id: str, attempt: int, *, worker: str, device: str, token: str
) -> Operation | None:
    """Take an attempt for this worker. Exactly one delivery gets the operation, the others None.

    A caller whose connection was lost during COMMIT calls again with the same token.

    pending, waiting → running.
    """
    with transaction.atomic():
        won = Operation.objects.try_claim(
            operation_id,
            attempt,
            worker=worker,
            token=token,
            lease_seconds=settings.KTRDR_LEASE_SECONDS,
        )
        if not won:
            mine = Operation.objects.held_by(operation_id, attempt).filter(claim_token=token)
            return mine.first()
        operation = Operation.objects.get(pk=operation_id)
        _update_attempt(
            operation_id, attempt, worker=worker, device=device, claimed_at=operation.claimed_at
        )
        _record(operation, EventType.CLAIMED, {"worker": worker, "device": device})
        failpoint("claim.written")
        return operation


def heartbeat(operation_id: str, attempt: int, *, progress: Mapping[str, Any] | None) -> bool:
    """Renew the lease. False when superseded: write nothing more and stop.

    Without a `progress` the one that was reported last stands.

    lost, spent → running; orphaned → stopping.
    """
    return bool(
        Operation.objects.try_heartbeat(
            operation_id,
            attempt,
            lease_seconds=settings.KTRDR_LEASE_SECONDS,
            **_reported(progress),
        )
    )


@contextmanager
def fenced(
    operation_id: str,
    attempt: int,
    event_type: EventType | None = None,
    data: Mapping[str, Any] | None = None,
    *,
    progress: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """A transaction for an attempt's own inserts. Raises `Superseded` if it is no longer its turn.

    Yields the event's data, for the body to complete. `progress` is what the inserts show: whoever
    reads both sees them at one point.
    """
    event_data = dict(data or {})
    events = 1 if event_type else 0
    with transaction.atomic():
        if not Operation.objects.try_fence(
            operation_id, attempt, events=events, **_reported(progress)
        ):
            raise Superseded(operation_id=operation_id, attempt=attempt)
        if event_type is None:
            yield event_data
            return
        operation = _numbers(operation_id)  # before the body takes more numbers
        yield event_data
        _record(operation, event_type, event_data)


def _reported(progress: Mapping[str, Any] | None) -> dict[str, Any]:
    """The column that it changes."""
    return {} if progress is None else {"progress": dict(progress)}


def pin(operation_id: str, attempt: int, *, pinned: Mapping[str, Any]) -> None:
    """Fix what every later attempt uses too. Raises `Superseded`."""
    if not Operation.objects.try_pin(operation_id, attempt, pinned=dict(pinned)):
        raise Superseded(operation_id=operation_id, attempt=attempt)


def describe_attempt(operation_id: str, attempt: int, **fields: Any) -> None:
    """Write what a live attempt found out about itself. Raises `Superseded`."""
    with fenced(operation_id, attempt):
        _update_attempt(operation_id, attempt, **fields)


def request_cancel(operation_id: str, *, reason: str = "") -> Status | None:
    """Ask for a cancel; the first request and its reason are kept.

    Returns `CANCELLED` when nobody had claimed it, `RUNNING` when its worker will see the intent,
    and None when there was nothing to change: it has ended, or the intent was there already.

    pending, waiting → cancelled; running → stopping; lost, spent → orphaned.
    """
    with transaction.atomic():
        if not Operation.objects.try_request_cancel(operation_id, reason=reason):
            return None
        operation = _numbers(operation_id)
        failpoint("cancel_request.updated")
        if operation.status != Status.CANCELLED:
            _record(operation, EventType.CANCEL_REQUESTED, {"reason": reason})
            return Status.RUNNING
        _end_attempt(operation_id, operation.attempt, Outcome.CANCELLED)
        _record(operation, EventType.CANCELLED, {"reason": reason})
        return Status.CANCELLED


def force_cancel(operation_id: str, attempt: int, *, reason: str = "") -> bool:
    """Cancel over the head of a worker that does not answer: its attempt is fenced off.

    waiting, running, stopping, lost, spent, orphaned → cancelled.
    """
    return _end(
        operation_id,
        attempt,
        Status.CANCELLED,
        EventType.CANCELLED,
        data={"forced": True, "reason": reason},
    )


def cancel(operation_id: str, attempt: int, *, lost: str = "") -> bool:
    """The worker's answer to an intent. `lost`: in words, where its last save failed.

    waiting, running, stopping, lost, spent, orphaned → cancelled.
    """
    return _end(
        operation_id,
        attempt,
        Status.CANCELLED,
        EventType.CANCELLED,
        data={"lost_checkpoint": bool(lost), **({"lost": lost} if lost else {})},
        attempt_error={"code": LOST_CHECKPOINT, "message": lost} if lost else None,
    )


def cancel_lost(operation_id: str, attempt: int, *, as_of: datetime) -> bool:
    """The sweeper's: the worker died before it could answer the intent.

    `as_of` is when the sweeper looked, by the database's clock, here as in the next two functions.

    orphaned → cancelled.
    """
    with transaction.atomic():
        if not Operation.objects.try_cancel_lost(operation_id, attempt, as_of=as_of):
            return False
        failpoint("sweep.recover.updated")
        _end_attempt(operation_id, attempt, Outcome.LOST)
        _record(_numbers(operation_id), EventType.CANCELLED, {"worker_lost": True})
        return True


@contextmanager
def completing(operation_id: str, attempt: int, *, result: Mapping[str, Any]) -> Iterator[None]:
    """Complete an operation together with the rows its body writes. Raises `Superseded`.

    Completion wins over an intent to cancel: the work is done.

    waiting, running, stopping, lost, spent, orphaned → completed.
    """
    with transaction.atomic():
        if not Operation.objects.try_end(
            operation_id, attempt, status=Status.COMPLETED, result=dict(result)
        ):
            raise Superseded(operation_id=operation_id, attempt=attempt)
        operation = _numbers(operation_id)  # before the body takes more numbers
        failpoint("end.complete.updated")
        yield
        _end_attempt(operation_id, attempt, Outcome.COMPLETED)
        _record(operation, EventType.COMPLETED, {})
        failpoint("end.complete.written")


def fail(operation_id: str, attempt: int, failure: Failure) -> bool:
    """What it ran ended in an error.

    waiting, running, stopping, lost, spent, orphaned → failed.
    """
    error = failure.as_json()
    return _end(
        operation_id,
        attempt,
        Status.FAILED,
        EventType.FAILED,
        data={"code": error["code"], "message": error["message"]},
        attempt_error=error,
        error_code=error["code"],
        error_message=error["message"],
    )


def interrupt(operation_id: str, attempt: int) -> bool:
    """A shutting-down worker hands its operation on.

    False when superseded, or when an intent to cancel is set: then the worker cancels instead.

    running, lost, spent → waiting.
    """
    with transaction.atomic():
        if not Operation.objects.try_interrupt(operation_id, attempt):
            return False
        _succeed(operation_id, attempt, Outcome.INTERRUPTED, EventType.INTERRUPTED, {})
        failpoint("end.interrupt.written")
        return True


def interrupt_lost(operation_id: str, attempt: int, *, as_of: datetime) -> bool:
    """The lease ran out and restarts are left: the next attempt's turn.

    lost → waiting.
    """
    with transaction.atomic():
        if not Operation.objects.try_interrupt_lost(operation_id, attempt, as_of=as_of):
            return False
        failpoint("sweep.recover.updated")
        lost = Attempt.objects.get(operation_id=operation_id, number=attempt)
        _succeed(
            operation_id, attempt, Outcome.LOST, EventType.WORKER_LOST, {"worker": lost.worker}
        )
        return True


def lose(operation_id: str, attempt: int, *, as_of: datetime) -> bool:
    """The lease ran out and no restarts are left.

    spent → failed.
    """
    failure = Failure(
        code="worker_lost",
        message="The worker died and the restart budget is spent. Resume it when you know why.",
    )
    with transaction.atomic():
        if not Operation.objects.try_lose(
            operation_id, attempt, as_of=as_of, code=failure.code, message=failure.message
        ):
            return False
        failpoint("sweep.recover.updated")
        _end_attempt(operation_id, attempt, Outcome.LOST, error=failure.as_json())
        _record(
            _numbers(operation_id),
            EventType.FAILED,
            {"code": failure.code, "message": failure.message},
        )
        return True


def hold(operation: Operation) -> bool:
    """Whether it still is as it was read; then it stays so until the caller's transaction ends."""
    return bool(
        Operation.objects.try_hold(operation.pk, operation.attempt, status=operation.status)
    )


def take_ring(operation_id: str, attempt: int, *, after_ring: int) -> int | None:
    """The next ring number of an unclaimed attempt; None when another caller has taken it."""
    won = Operation.objects.try_ring(operation_id, attempt, after_ring=after_ring)
    return after_ring + 1 if won else None


def note(
    operation_id: str,
    event_type: EventType,
    data: Mapping[str, Any],
    *,
    attempt: int | None = None,
) -> None:
    """Record something that happened to an operation and changed none of its state.

    To its current attempt, unless `attempt` says to which: that one may be over by now.
    """
    with transaction.atomic():
        if Operation.objects.try_note(operation_id):
            _record(_numbers(operation_id), event_type, data, attempt=attempt)


def describe(operation_id: str, *, note: str, added: Sequence[str], removed: Sequence[str]) -> bool:
    """Write the note, and record it with the tags that its caller writes, in its transaction."""
    with transaction.atomic():
        if not Operation.objects.try_describe(operation_id, note=note):
            return False
        data = {"added": list(added), "removed": list(removed)}
        _record(_numbers(operation_id), EventType.DESCRIBED, data)
        return True


def _numbers(operation_id: str) -> Operation:
    """The row that was just updated, with what its event needs; the large columns stay unread."""
    return Operation.objects.only("status", "attempt", "last_event").get(pk=operation_id)


def _end(
    operation_id: str,
    attempt: int,
    status: Status,
    event_type: EventType,
    *,
    data: Mapping[str, Any],
    attempt_error: Mapping[str, Any] | None = None,
    **fields: Any,
) -> bool:
    with transaction.atomic():
        if not Operation.objects.try_end(operation_id, attempt, status=status, **fields):
            return False
        _end_attempt(operation_id, attempt, Outcome(status.value), error=attempt_error)
        _record(_numbers(operation_id), event_type, data)
        failpoint(f"end.{event_type}.written")
        return True


def _succeed(
    operation_id: str,
    attempt: int,
    outcome: Outcome,
    event_type: EventType,
    data: Mapping[str, Any],
) -> None:
    """Close one attempt and open the next, within the transaction that moved the number on."""
    _end_attempt(operation_id, attempt, outcome)
    Attempt.objects.create(operation_id=operation_id, number=attempt + 1)
    _record(_numbers(operation_id), event_type, data, attempt=attempt)


def _end_attempt(
    operation_id: str, attempt: int, outcome: Outcome, *, error: Mapping[str, Any] | None = None
) -> None:
    fields = {"error": dict(error)} if error else {}
    _update_attempt(operation_id, attempt, ended_at=Now(), outcome=outcome, **fields)


def _update_attempt(operation_id: str, attempt: int, **fields: Any) -> None:
    changed = Attempt.objects.filter(
        operation_id=operation_id, number=attempt, ended_at=None
    ).update(**fields)
    if changed != 1:
        raise RuntimeError(f"{operation_id} has {changed} live rows of attempt {attempt}, not 1")


def _record(
    operation: Operation,
    event_type: EventType,
    data: Mapping[str, Any],
    *,
    attempt: int | None = None,
) -> None:
    """Write the event whose number the UPDATE has taken: commit order is number order."""
    by = actor.current()
    Event.objects.create(
        operation=operation,
        number=operation.last_event,
        event_type=event_type,
        attempt=attempt or operation.attempt,
        data=dict(data),
        actor_kind=by.kind,
        actor_name=by.name,
    )
    outbox.write(
        operation.pk,
        number=operation.last_event,
        event_type=event_type,
        attempt=attempt or operation.attempt,
        data=data,
    )

"""Every transition of an operation. Nothing else in the project writes a status.

Each function is one conditional UPDATE whose row count is the answer, together with the attempt's
row and the event, in one short transaction: no file, hash, Redis or network inside it. What a
worker writes is fenced by its attempt number; `fenced` is how it inserts anything.

The last line of a docstring says from which situations to which one a transition leads; in any
other it changes nothing. A situation is a status with what the guards look at: `pending`,
`waiting` (running, its attempt unclaimed), `running` (claimed), `stopping` (claimed, a cancel is
asked for), and of attempts whose lease has run out `lost`, `spent` (no restart is left) and
`orphaned` (a cancel was asked for); `parked` (a family waits for its parts) and `held` (a part
waits for its family); `completed`, `failed`, `cancelled`.

An operation may have parts, and wait for them: a family. Every transaction that ends, holds,
releases, resumes or inserts a part, and every one that ends, parks or resumes a family, begins with
the lock of the family's row (`locked`), alone in its statement. Then come the conditional UPDATE
and, where a part changed, the family's waking. So no wake-up is lost and no part is forgotten, and
nobody waits for one lock while they hold another. Claims, heartbeats, metrics and checkpoints of
parts never touch the family.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from checkpoints import rows
from checkpoints.failpoints import failpoint
from checkpoints.prepared import Prepared
from operations import places
from operations.decision import Decision, NewPart, StoppedPart
from operations.errors import Superseded
from operations.models import (
    LIVE,
    LOST_CHECKPOINT,
    Attempt,
    Event,
    EventType,
    Operation,
    Outcome,
    Status,
)
from operations.recording import (
    end_attempt,
    end_attempts,
    event_of,
    numbers,
    record,
    record_each,
    succeed,
    update_attempt,
)
from operations.text import as_storable
from operations.writing import Outdated

WITH_FAMILY = "with its family"

woken = Signal()
"""Sent with `operation_id` and `attempt` in the transaction that woke a family: ring for it."""
parts_wait = Signal()
"""Sent with `family_id` in the transaction that lets its parts wait for workers: ring for them."""


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
        record(operation, EventType.CREATED, {"parent": parent.pk} if parent else {})
        failpoint("start.written")
        return operation


def resume(
    operation_id: str,
    attempt: int,
    *,
    resumed_from: Mapping[str, Any] | None,
    request: Mapping[str, Any],
    queue: str,
) -> Operation | None:
    """Let an operation that stopped at `attempt` run again, as its next attempt.

    Exactly one of any number of concurrent callers gets the operation, the others None. Of a part
    whose family is live nobody does: that resumes it (`park`).

    cancelled, failed → waiting.
    """
    with transaction.atomic():
        family = locked(operation_id)
        if family is None or (family.pk != operation_id and family.status in LIVE):
            return None
        if not Operation.objects.try_resume(
            operation_id, attempt, request=dict(request), queue=queue
        ):
            return None
        operation = numbers(operation_id)
        origin = None if resumed_from is None else dict(resumed_from)
        Attempt.objects.create(operation=operation, number=operation.attempt, resumed_from=origin)
        record(operation, EventType.RESUMED, {"resumed_from": origin})
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
        operation = Operation.objects.try_claim(
            operation_id,
            attempt,
            worker=worker,
            token=token,
            lease_seconds=settings.KTRDR_LEASE_SECONDS,
        )
        if operation is None:
            mine = Operation.objects.held_by(operation_id, attempt).filter(claim_token=token)
            return mine.first()
        update_attempt(
            operation_id, attempt, worker=worker, device=device, claimed_at=operation.claimed_at
        )
        record(operation, EventType.CLAIMED, {"worker": worker, "device": device})
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
        operation = Operation.objects.try_fence(
            operation_id, attempt, events=events, **_reported(progress)
        )
        if operation is None:
            raise Superseded(operation_id=operation_id, attempt=attempt)
        yield event_data
        if event_type is None:
            return
        record(operation, event_type, event_data)


def _reported(progress: Mapping[str, Any] | None) -> dict[str, Any]:
    """The column that it changes."""
    return {} if progress is None else {"progress": dict(progress)}


def pin(operation_id: str, attempt: int, *, pinned: Mapping[str, Any], **fields: Any) -> None:
    """Fix what every later attempt uses too, with what this one found out about itself.

    Raises `Superseded`.
    """
    with transaction.atomic():
        if not Operation.objects.try_pin(operation_id, attempt, pinned=dict(pinned)):
            raise Superseded(operation_id=operation_id, attempt=attempt)
        if fields:
            update_attempt(operation_id, attempt, **fields)


def describe_attempt(operation_id: str, attempt: int, **fields: Any) -> None:
    """Write what a live attempt found out about itself. Raises `Superseded`."""
    with fenced(operation_id, attempt):
        update_attempt(operation_id, attempt, **fields)


def request_cancel(operation_id: str, *, reason: str = "") -> Status | None:
    """Ask for a cancel; the first request and its reason are kept.

    Returns `CANCELLED` when nobody had claimed it, `RUNNING` when its worker will see the intent,
    and None when there was nothing to change: it has ended, or the intent was there already.

    pending, waiting, parked, held → cancelled; running → stopping; lost, spent → orphaned.
    """
    with transaction.atomic():
        family = locked(operation_id)
        if family is None or not Operation.objects.try_request_cancel(operation_id, reason=reason):
            return None
        operation = numbers(operation_id)
        failpoint("cancel_request.updated")
        if operation.status != Status.CANCELLED:
            record(operation, EventType.CANCEL_REQUESTED, {"reason": reason})
            return Status.RUNNING
        end_attempt(operation_id, operation.attempt, Outcome.CANCELLED)
        record(operation, EventType.CANCELLED, {"reason": reason})
        _after_end(family, operation_id)
        return Status.CANCELLED


def force_cancel(operation_id: str, attempt: int, *, reason: str = "") -> bool:
    """Cancel over the head of a worker that does not answer: its attempt is fenced off.

    waiting, running, stopping, lost, spent, orphaned, parked, held → cancelled.
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

    waiting, running, stopping, lost, spent, orphaned, parked, held → cancelled.
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
        family = locked(operation_id)
        if family is None or not Operation.objects.try_cancel_lost(
            operation_id, attempt, as_of=as_of
        ):
            return False
        failpoint("sweep.recover.updated")
        end_attempt(operation_id, attempt, Outcome.LOST)
        record(numbers(operation_id), EventType.CANCELLED, {"worker_lost": True})
        _after_end(family, operation_id)
        return True


@contextmanager
def completing(
    operation_id: str,
    attempt: int,
    *,
    result: Mapping[str, Any],
    value: str = "",
    out: Sequence[str] = (),
) -> Iterator[None]:
    """Complete an operation together with the rows its body writes. Raises `Superseded`.

    Completion wins over an intent to cancel: the work is done. `value`: what a part is compared by,
    as it holds. `out`: held parts of a family, which end with this; it may have no other live one.
    Raises RuntimeError where it has, and `Outdated` where one of `out` is not held any more.

    waiting, running, stopping, lost, spent, orphaned, held → completed.
    """
    with transaction.atomic():
        family = locked(operation_id)
        if family is None or not Operation.objects.try_end(
            operation_id, attempt, status=Status.COMPLETED, result=dict(result), part_value=value
        ):
            raise Superseded(operation_id=operation_id, attempt=attempt)
        operation = numbers(operation_id)  # before the body takes more numbers
        failpoint("end.complete.updated")
        yield
        end_attempt(operation_id, attempt, Outcome.COMPLETED)
        record(operation, EventType.COMPLETED, {})
        if out:
            retire(operation_id, out)
        _require_no_live_part(operation_id)
        _after_end(family, operation_id)
        failpoint("end.complete.written")


def fail(operation_id: str, attempt: int, failure: Failure) -> bool:
    """What it ran ended in an error.

    waiting, running, stopping, lost, spent, orphaned, parked, held → failed.
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
        part_value="",  # what failed has no value to be compared by
    )


def interrupt(operation_id: str, attempt: int) -> bool:
    """A shutting-down worker hands its operation on.

    False when superseded, or when an intent to cancel is set: then the worker cancels instead.

    running, lost, spent → waiting.
    """
    with transaction.atomic():
        if not Operation.objects.try_interrupt(operation_id, attempt):
            return False
        operation = numbers(operation_id)
        succeed(operation, Outcome.INTERRUPTED, EventType.INTERRUPTED, {})
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
        worker = {"worker": lost.worker}
        succeed(numbers(operation_id), Outcome.LOST, EventType.WORKER_LOST, worker)
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
        family = locked(operation_id)
        if family is None or not Operation.objects.try_lose(
            operation_id, attempt, as_of=as_of, code=failure.code, message=failure.message
        ):
            return False
        failpoint("sweep.recover.updated")
        end_attempt(operation_id, attempt, Outcome.LOST, error=failure.as_json())
        record(
            numbers(operation_id),
            EventType.FAILED,
            {"code": failure.code, "message": failure.message},
        )
        _after_end(family, operation_id)
        return True


def keep(operation: Operation) -> bool:
    """Whether it still is as it was read; then it stays so until the caller's transaction ends."""
    return bool(
        Operation.objects.try_keep(operation.pk, operation.attempt, status=operation.status)
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
            record(numbers(operation_id), event_type, data, attempt=attempt)


def describe(operation_id: str, *, note: str, added: Sequence[str], removed: Sequence[str]) -> bool:
    """Write the note, and record it with the tags that its caller writes, in its transaction."""
    with transaction.atomic():
        if not Operation.objects.try_describe(operation_id, note=note):
            return False
        data = {"added": list(added), "removed": list(removed)}
        record(numbers(operation_id), EventType.DESCRIBED, data)
        return True


def park(family_id: str, attempt: int, decision: Decision) -> bool:
    """Let a family wait until its parts have ended or hold; its next attempt is then rung for.

    What waits for nothing is rung for at once. False when superseded, or when an intent to
    cancel is set: then the worker cancels. Raises `Outdated` when a part is not as the decision
    took it to be: then nothing is written, and the family looks again.

    running, lost, spent → parked.
    """
    with transaction.atomic():
        family = locked(family_id)
        if family is None or not Operation.objects.try_park(family_id, attempt):
            return False
        failpoint("park.updated")
        succeed(numbers(family_id), Outcome.WAITING, EventType.WAITING, decision.data)
        if decision.new:
            _insert(family_id, decision.new)
        if decision.out:
            retire(family_id, decision.out)
        if decision.released:
            release(family_id, decision.released, hold_at=decision.hold_at)
        for part in decision.resumed:
            _resume_part(family_id, part)
        parts_wait.send(Operation, family_id=family_id)
        failpoint("park.written")
        _wake_if_settled(family)
        return True


def hold(
    part_id: str,
    attempt: int,
    *,
    value: str,
    progress: Mapping[str, Any] | None = None,
    write: Callable[[], None] | None = None,
) -> bool:
    """Let a part wait for its family, at the step it was told to, with what it is compared by.

    `value` is a `float.hex`, empty for none. To be called when the state there is durable; `write`
    inserts rows that come with it. False when superseded, or when an intent to cancel is set: then
    the worker cancels instead.

    running, lost, spent → held.
    """
    with transaction.atomic():
        family = locked(part_id)
        reported = _reported(progress)
        if family is None:
            return False
        held = Operation.objects.try_hold(part_id, attempt, value=value, **reported)
        if held is None:
            return False
        failpoint("hold.updated")
        succeed(held, Outcome.HELD, EventType.HELD, {"value": value})
        if write is not None:
            write()
        failpoint("hold.written")
        if not Operation.objects.has_open_part(family.pk):  # what holds breaks nothing
            _wake_if_settled(family)
        return True


def pin_family(family_id: str, *, pinned: Mapping[str, Any]) -> dict[str, Any]:
    """What all of its parts are trained with: `pinned`, unless one of them has pinned before."""
    with transaction.atomic():
        if locked(family_id) and Operation.objects.try_pin_family(family_id, pinned=dict(pinned)):
            return dict(pinned)
        family = Operation.objects.only("pinned").get(pk=family_id)
        stands: dict[str, Any] = family.pinned
        return stands


def settle(family_id: str) -> bool:
    """Wake a family that waits for nothing any more, if that has not happened yet.

    parked → waiting.
    """
    with transaction.atomic():
        family = locked(family_id)
        return family is not None and _wake_if_settled(family)


def retire(family_id: str, part_ids: Sequence[str]) -> None:
    """End held parts that are out, in the transaction in which their family parks or completes.

    Raises `Outdated` where one is not held any more.

    held → cancelled.
    """
    parts = _held(family_id, part_ids)
    if Operation.objects.try_retire(family_id, part_ids) != len(part_ids):
        raise Outdated
    failpoint("retire.updated")
    end_attempts(parts, Outcome.CANCELLED)
    record_each(parts, EventType.CANCELLED, {"reason": "out at its rung"})


def release(family_id: str, part_ids: Sequence[str], *, hold_at: int | None) -> None:
    """Let held parts go on, in the transaction in which their family parks.

    Raises `Outdated` where one is not held any more.

    held → waiting.
    """
    parts = _held(family_id, part_ids)
    if Operation.objects.try_release(family_id, part_ids, hold_at=hold_at) != len(part_ids):
        raise Outdated
    failpoint("release.updated")
    record_each(parts, EventType.RELEASED, {"hold_at": hold_at})


_PART_OF = Prepared(
    lambda operation_id: (
        Operation.objects.filter(pk=operation_id).order_by().values_list("part_of_id")
    ),
    operation_id="an operation",
)
_LOCKED = Prepared(
    lambda operation_id: (
        Operation.objects.filter(pk=operation_id)
        .order_by()
        .only("status", "attempt", "operation_type")
        .select_for_update(no_key=True)
    ),
    operation_id="an operation",
)


def locked(operation_id: str) -> Operation | None:
    """The row of a part's family, or of the operation itself, for this transaction alone.

    Whose part an operation is never changes, so that it can be looked at before.
    """
    (family_id,) = _PART_OF.row(operation_id=operation_id) or (None,)
    found: Operation | None = _LOCKED.model(operation_id=family_id or operation_id)
    return found


def _require_no_live_part(family_id: str) -> None:
    """Raises RuntimeError: a family completes when each part has its result."""
    if live := Operation.objects.filter(part_of=family_id, status__in=LIVE).count():
        raise RuntimeError(f"{family_id} cannot complete: {live} of its parts are live")


def part_results(operation_type: str) -> Sequence[str]:
    """What a part of such a family may end with, beside completing, for it to be a result."""
    row = settings.OPERATION_TYPES.get(operation_type, {})
    results: Sequence[str] = row.get("part_results", ())
    return results


def _after_end(family: Operation, part_id: str) -> None:
    """To be called by each end of an operation, in its transaction, with what `locked` gave."""
    if family.pk != part_id:
        _wake_if_settled(family)
    else:
        _let_parts_end(family.pk)


def _insert(family_id: str, parts: Sequence[NewPart]) -> None:
    family = Operation.objects.only("owner", "max_restarts").get(pk=family_id)
    made = [_made(family, part) for part in parts]
    Operation.objects.bulk_create(made)
    Attempt.objects.bulk_create(Attempt(operation=part, number=1) for part in made)
    rows.insert_each(Event, [_created(part, family_id) for part in made])
    places.renew(part.pk for part in made)
    failpoint("park.inserted")


def _made(family: Operation, part: NewPart) -> Operation:
    own = part.max_restarts
    return Operation(
        id=part.operation_id,
        operation_type=part.operation_type,
        name=part.name,
        owner_id=family.owner_id,
        part_of_id=family.pk,
        part_number=part.number,
        lineage=part.operation_id,
        request=dict(part.request),
        queue=part.queue,
        max_restarts=family.max_restarts if own is None else own,
        hold_at=part.hold_at,
    )


def _created(part: Operation, family_id: str) -> dict[str, Any]:
    from_family = {"part_of": family_id, "number": part.part_number}
    return event_of(part, EventType.CREATED, from_family, number=1)


def _resume_part(family_id: str, part: StoppedPart) -> None:
    changes = {"request": dict(part.request), "queue": part.queue, "hold_at": part.hold_at}
    stopped = Operation.objects.filter(pk=part.operation_id, part_of=family_id)
    if not stopped.exists() or not Operation.objects.try_resume(
        part.operation_id, part.attempt, **changes
    ):
        raise Outdated
    operation = numbers(part.operation_id)
    origin = None if part.resumed_from is None else dict(part.resumed_from)
    Attempt.objects.create(operation=operation, number=operation.attempt, resumed_from=origin)
    record(operation, EventType.RESUMED, {"resumed_from": origin, "reason": WITH_FAMILY})
    failpoint("park.resumed")


def _let_parts_end(family_id: str) -> None:
    """Of a family that ends: what nobody has claimed ends with it, the others are asked to."""
    live = list(_locked_parts(family_id))
    idle = [part for part in live if part.claimed_at is None]
    asked = [part for part in live if part.claimed_at and not part.cancel_requested_at]
    if not live:
        return
    if Operation.objects.try_dismiss(family_id) != len(idle):
        raise RuntimeError(f"parts of {family_id} changed under its lock")
    end_attempts(idle, Outcome.CANCELLED)
    record_each(idle, EventType.CANCELLED, {"reason": WITH_FAMILY})
    failpoint("dismiss.updated")
    if Operation.objects.try_ask_parts(family_id, reason=WITH_FAMILY) != len(asked):
        raise RuntimeError(f"parts of {family_id} changed under its lock")
    record_each(asked, EventType.CANCEL_REQUESTED, {"reason": WITH_FAMILY})
    failpoint("dismiss.asked")


def _locked_parts(family_id: str) -> Iterable[Operation]:
    """Its live ones: a claim locks no family, and waits here for one that ends."""
    live = Operation.objects.filter(part_of=family_id, status__in=LIVE).order_by("pk")
    wanted = ("attempt", "last_event", "claimed_at", "cancel_requested_at")
    return live.only(*wanted).select_for_update(no_key=True)


def _held(family_id: str, part_ids: Sequence[str]) -> list[Operation]:
    """As they are: under the family's lock nothing but `note` writes to what is held."""
    held = Operation.objects.held_parts(family_id, part_ids).order_by("pk")
    return list(held.only("attempt", "last_event").select_for_update(no_key=True))


def _wake_if_settled(family: Operation) -> bool:
    results = part_results(family.operation_type)
    if not Operation.objects.try_settle(family.pk, results=results):
        return False
    failpoint("settle.updated")
    attempt = numbers(family.pk).attempt
    woken.send(Operation, operation_id=family.pk, attempt=attempt)
    failpoint("settle.woken")
    return True


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
        family = locked(operation_id)
        if family is None or not Operation.objects.try_end(
            operation_id, attempt, status=status, **fields
        ):
            return False
        end_attempt(operation_id, attempt, Outcome(status.value), error=attempt_error)
        record(numbers(operation_id), event_type, data)
        _after_end(family, operation_id)
        failpoint(f"end.{event_type}.written")
        return True

"""The rows beside an operation's own, its attempts and events, written in its transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models.functions import Now

from checkpoints import rows
from checkpoints.prepared import Prepared
from operations import actor, places
from operations.models import NUMBERS, Attempt, Event, EventType, Operation, Outcome
from operations.webhook import outbox

LISTED = (
    *(EventType.CREATED, EventType.RESUMED),
    *(EventType.COMPLETED, EventType.FAILED, EventType.CANCELLED),
)
"""After which lists find an operation elsewhere."""


_NUMBERS = Prepared(
    lambda operation_id: Operation.objects.filter(pk=operation_id).order_by().only(*NUMBERS),
    operation_id="an operation",
)


def numbers(operation_id: str) -> Operation:
    """The row that was just updated, with what its event needs."""
    found: Operation | None = _NUMBERS.model(operation_id=operation_id)
    if found is None:
        raise Operation.DoesNotExist(operation_id)
    return found


def succeed(
    operation: Operation, outcome: Outcome, event_type: EventType, data: Mapping[str, Any]
) -> None:
    """Close an attempt and open the next, within the transaction that moved the number on, to what
    it is here."""
    attempt = operation.attempt - 1
    end_attempt(operation.pk, attempt, outcome)
    rows.insert(Attempt, operation_id=operation.pk, number=operation.attempt)
    record(operation, event_type, data, attempt=attempt)


def end_attempt(
    operation_id: str, attempt: int, outcome: Outcome, *, error: Mapping[str, Any] | None = None
) -> None:
    fields = {"error": dict(error)} if error else {}
    update_attempt(operation_id, attempt, ended_at=Now(), outcome=outcome, **fields)


def update_attempt(operation_id: str, attempt: int, **fields: Any) -> None:
    live = {"operation_id": operation_id, "number": attempt, "ended_at": None}
    changed = rows.update(Attempt, live, **fields)
    if changed != 1:
        raise RuntimeError(f"{operation_id} has {changed} live rows of attempt {attempt}, not 1")


def end_attempts(operations: Sequence[Operation], outcome: Outcome) -> None:
    """The live one of each."""
    live = Attempt.objects.filter(operation__in=operations, ended_at=None)
    changed = live.update(ended_at=Now(), outcome=outcome)
    if changed != len(operations):
        raise RuntimeError(f"{len(operations)} operations have {changed} live attempts")


def record(
    operation: Operation,
    event_type: EventType,
    data: Mapping[str, Any],
    *,
    attempt: int | None = None,
) -> None:
    """Write the event whose number the UPDATE has taken: commit order is number order."""
    rows.insert(Event, **event_of(operation, event_type, data, attempt=attempt))
    if event_type in LISTED:
        places.renew([operation.pk])
    if operation.part_of_id is None:  # of a family its user hears, not of each part
        outbox.write(
            operation.pk,
            number=operation.last_event,
            event_type=event_type,
            attempt=attempt or operation.attempt,
            data=data,
        )


def record_each(
    operations: Sequence[Operation], event_type: EventType, data: Mapping[str, Any]
) -> None:
    """One event for each of these parts, which are as they were before their UPDATE."""
    numbered = [event_of(part, event_type, data, number=part.last_event + 1) for part in operations]
    rows.insert_each(Event, numbered)
    if event_type in LISTED:
        places.renew(part.pk for part in operations)


def event_of(
    operation: Operation,
    event_type: EventType,
    data: Mapping[str, Any],
    *,
    attempt: int | None = None,
    number: int | None = None,
) -> dict[str, Any]:
    """The columns of its row."""
    by = actor.current()
    return {
        "operation_id": operation.pk,
        "number": number or operation.last_event,
        "event_type": event_type,
        "attempt": attempt or operation.attempt,
        "data": dict(data),
        "actor_kind": by.kind,
        "actor_name": by.name,
    }

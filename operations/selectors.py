"""Reads: what surfaces show and what a worker asks about its own standing."""

from enum import Enum

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from operations.errors import AmbiguousOperationId, OperationNotFound
from operations.models import Event, Metric, Operation, Status


class Standing(Enum):
    """What an attempt learns when it asks whether it may go on."""

    HELD = "held"
    CANCEL_REQUESTED = "cancel_requested"
    SUPERSEDED = "superseded"


def standing(operation_id: str, attempt: int) -> Standing:
    intents = Operation.objects.held_by(operation_id, attempt).values_list("cancel_requested_at")
    if (row := intents.first()) is None:
        return Standing.SUPERSEDED
    return Standing.CANCEL_REQUESTED if row[0] else Standing.HELD


def ended_by(operation_id: str, attempt: int, *, token: str, status: Status) -> bool:
    """Whether this very claim has brought the operation to `status`: asked after a lost answer."""
    return Operation.objects.filter(
        pk=operation_id, attempt=attempt, claim_token=token, status=status
    ).exists()


def visible_to(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Operation]:
    """Staff see every operation, others their own."""
    operations = Operation.objects.all()
    return operations if getattr(user, "is_staff", False) else operations.filter(owner_id=user.pk)


def find_operation(prefix: str, among: QuerySet[Operation] | None = None) -> Operation:
    """The operation with this id or unique prefix of one."""
    operations = Operation.objects.all() if among is None else among
    if exact := operations.filter(pk=prefix).first():
        return exact
    matches = list(operations.filter(pk__startswith=prefix).order_by("pk")[:2]) if prefix else []
    if not matches:
        raise OperationNotFound(operation_id=prefix)
    if len(matches) > 1:
        raise AmbiguousOperationId(prefix=prefix, first=matches[0].pk, second=matches[1].pk)
    return matches[0]


def metrics(operation_id: str, *, after_step: int = -1) -> list[Metric]:
    """One row per step, of the latest attempt that reached it, in step order."""
    rows = Metric.objects.filter(operation_id=operation_id, step__gt=after_step)
    latest = {row.step: row for row in rows.order_by("step", "attempt")}
    return list(latest.values())


def events(operation_id: str, *, after: int = 0, limit: int = 1000) -> list[Event]:
    return list(Event.objects.filter(operation_id=operation_id, number__gt=after)[:limit])

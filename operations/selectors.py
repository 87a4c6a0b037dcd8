"""Reads: what surfaces show and what a worker asks about its own standing."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from checkpoints.models import Checkpoint, CheckpointQuerySet
from operations.errors import (
    AmbiguousOperationId,
    CheckpointNotFound,
    NothingLive,
    OperationNotFound,
)
from operations.models import (
    FAMILY,
    LIVE,
    OPEN,
    RESUMABLE,
    Attempt,
    Event,
    Metric,
    Operation,
    OperationQuerySet,
    Process,
    Status,
    seconds_from_now,
)
from operations.tail import LENGTH, ends_with

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=Model)

MAX_ROWS = 1000
"""Most rows of a history in one answer."""
START_TAKES_SECONDS = 300.0
"""Within which a worker that said it is starting has come up, or died."""

TRIGRAM = 3
"""Letters that an index of a name's parts holds together."""


class Standing(Enum):
    """What an attempt learns when it asks whether it may go on."""

    HELD = "held"
    CANCEL_REQUESTED = "cancel_requested"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, kw_only=True)
class PartCounts:
    """How many parts a family has, and for how many of them it waits."""

    total: int = 0
    open: int = 0


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


def live_family_of(operation_id: str) -> str | None:
    """The id of the family that it is a part of, if that is live."""
    part = Operation.objects.filter(pk=operation_id, part_of__status__in=LIVE)
    return part.values_list("part_of_id", flat=True).first()


def waiting_parts(family_id: str) -> OperationQuerySet:
    """Parts of a live family that wait for a worker."""
    return Operation.objects.all().waiting().filter(part_of=family_id, part_of__status__in=LIVE)


def sees_all(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Staff see every operation, others their own."""
    return bool(getattr(user, "is_staff", False))


def visible_to(user: AbstractBaseUser | AnonymousUser) -> OperationQuerySet:
    operations = Operation.objects.all()
    return operations if sees_all(user) else operations.filter(owner_id=user.pk)


def is_visible(user: AbstractBaseUser | AnonymousUser, operation: Operation) -> bool:
    return sees_all(user) or operation.owner_id == user.pk


def find_operation(part: str, among: QuerySet[Operation] | None = None) -> Operation:
    """The operation with this id, or with a unique beginning or end of it.

    Raises `OperationNotFound`, `AmbiguousOperationId`.
    """
    operations = Operation.objects.all() if among is None else among
    operation = by_part(operations, "pk", part)
    if operation is None:
        raise OperationNotFound(operation_id=part)
    return operation


def newest_live() -> Operation:
    """Of those that are no part of another. Raises `NothingLive`."""
    live = Operation.objects.filter(status__in=LIVE, part_of=None)
    operation = live.order_by("-created_at", "-pk").first()
    if operation is None:
        raise NothingLive
    return operation


def by_part(rows: QuerySet[M], operation_id: str, part: str) -> M | None:
    """The row whose `operation_id`, by the name of its lookup, is this, or alone ends with it, as a
    person types it, or begins with it. Raises `AmbiguousOperationId`.
    """
    if (exact := rows.filter(**{operation_id: part}).first()) or not part:
        return exact
    ends = _unique(rows.filter(_ending(operation_id, part)), operation_id, part)
    begins = {f"{operation_id}__startswith": part}
    return ends or _unique(rows.filter(**begins), operation_id, part)


def _ending(operation_id: str, end: str) -> Q:
    """One that is long enough by its index; no id both ends and begins with the same."""
    if len(end) < LENGTH:
        return Q(**{f"{operation_id}__endswith": end})
    return Q(**{f"{operation_id}__in": Operation.objects.filter(ends_with(end))})


def _unique(matches: QuerySet[M], operation_id: str, part: str) -> M | None:
    ids = list(matches.order_by(operation_id).values_list(operation_id, flat=True)[:2])
    if len(ids) > 1:
        raise AmbiguousOperationId(part=part, first=ids[0], second=ids[1])
    return matches.first() if ids else None


def get(operation_id: str) -> Operation:
    """Whoever's it is. Raises `OperationNotFound`."""
    operation = Operation.objects.filter(pk=operation_id).select_related("owner").first()
    if operation is None:
        raise OperationNotFound(operation_id=operation_id)
    return operation


def get_visible(user: AbstractBaseUser | AnonymousUser, operation_id: str) -> Operation:
    """Raises `OperationNotFound` also for another's operation: nobody learns that it exists."""
    operation = get(operation_id)
    if not is_visible(user, operation):
        logger.warning("refused: operation %s to its non-owner %s", operation_id, user)
        raise OperationNotFound(operation_id=operation_id)
    return operation


def get_all_visible(user: AbstractBaseUser | AnonymousUser, ids: Sequence[str]) -> list[Operation]:
    """In this order. Raises `OperationNotFound` also for another's."""
    operations = visible_to(user).in_bulk(ids)
    for operation_id in ids:
        if operation_id not in operations:
            raise OperationNotFound(operation_id=operation_id)
    return [operations[operation_id] for operation_id in ids]


def checkpoints_visible_to(
    user: AbstractBaseUser | AnonymousUser, *, older_than_days: float | None = None
) -> CheckpointQuerySet:
    """Checkpoints of the operations that a user may see; by age, of the database's clock."""
    rows = Checkpoint.objects.all()
    if not getattr(user, "is_staff", False):
        rows = rows.filter(operation__owner_id=user.pk)
    if older_than_days is not None:
        rows = rows.filter(created_at__lt=seconds_from_now(-86_400 * older_than_days))
    return rows


def get_visible_checkpoint(
    user: AbstractBaseUser | AnonymousUser, checkpoint_id: int
) -> Checkpoint:
    """Raises `CheckpointNotFound` also for one of another's operation."""
    checkpoint = Checkpoint.objects.filter(pk=checkpoint_id).select_related("operation").first()
    if checkpoint is None:
        raise CheckpointNotFound(checkpoint_id=checkpoint_id)
    if not is_visible(user, checkpoint.operation):
        logger.warning("refused: checkpoint %s to its non-owner %s", checkpoint_id, user)
        raise CheckpointNotFound(checkpoint_id=checkpoint_id)
    return checkpoint


def matching(
    among: OperationQuerySet,
    *,
    status: str | None = None,
    operation_type: str | None = None,
    active: bool | None = None,
    resumable: bool | None = None,
    search: str | None = None,
    owner: str | None = None,
    lineage: str | None = None,
    created_after: datetime | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    part_of: str | None = None,
    parts: bool = False,
) -> OperationQuerySet:
    """The operations whose own columns fit everything that is not None; without parts of another.

    `part_of` leaves the parts of that one, and `parts` lets them all stand among the others.
    `search` is the beginning or end of an id, or a part of a name; see `_named`. `owner` is a
    username.
    """
    wanted = {
        "status": status,
        "operation_type": operation_type,
        "lineage": lineage,
        "created_at__gt": created_after,
        "created_at__gte": since,
        "created_at__lt": until,
        "part_of": part_of,
    }
    conditions = [Q(**{name: value}) for name, value in wanted.items() if value is not None]
    if part_of is None and not parts:
        conditions.append(FAMILY)
    if active is not None:
        conditions.append(Q(status__in=LIVE) if active else ~Q(status__in=LIVE))
    if resumable is not None:
        conditions.append(_resumable() if resumable else ~_resumable())
    if search:
        conditions.append(Q(pk__startswith=search) | ends_with(search) | _named(search))
    if owner is not None:
        conditions.append(Q(owner_id=id_of_user(owner)))
    return among.filter(*conditions)


def id_of_user(username: str) -> int:
    """Looked up beforehand: a join would have a million rows read for their owner. 0 is nobody."""
    found = get_user_model()._default_manager.filter(username=username).values_list("pk", flat=True)
    return found.first() or 0


def _named(search: str) -> Q:
    """A short text is looked for at the beginning of the name alone: no index of trigrams finds it
    elsewhere, and all operations would be read."""
    return Q(name__icontains=search) if len(search) >= TRIGRAM else Q(name__istartswith=search)


def _resumable() -> Q:
    checkpoints = Checkpoint.objects.usable().filter(operation_id=OuterRef("pk"))
    goes_on = Q(Exists(checkpoints)) | Q(operation_type__in=types_resumed_from_rows())
    of_live = Operation.objects.filter(pk=OuterRef("part_of"), status__in=LIVE)
    return Q(status__in=RESUMABLE) & goes_on & ~Q(Exists(of_live))


def types_resumed_from_rows() -> list[str]:
    """Types of operations that need no checkpoint to go on: their state is the rows of parts."""
    types = settings.OPERATION_TYPES.items()
    return [name for name, row in types if row.get("resumes_from") == "rows"]


def live_families_of(operations: Iterable[Operation]) -> dict[str, str]:
    """By its part's id, the id of each live family that one of these is a part of."""
    ids = [operation.pk for operation in operations if operation.part_of_id]
    live = Operation.objects.filter(pk__in=ids, part_of__status__in=LIVE) if ids else None
    return {} if live is None else dict(live.values_list("pk", "part_of_id"))


def part_counts(operations: Iterable[Operation]) -> dict[str, PartCounts]:
    """By the family's id, of those whose type has parts."""
    types = {name for name, row in settings.OPERATION_TYPES.items() if "parts_job" in row}
    ids = [operation.pk for operation in operations if operation.operation_type in types]
    if not ids:
        return {}
    rows = Operation.objects.filter(part_of__in=ids).order_by().values_list("part_of")
    counted = rows.annotate(total=Count("pk"), open=Count("pk", filter=OPEN))
    found = {pk: PartCounts(total=total, open=live) for pk, total, live in counted}
    return {pk: found.get(pk, PartCounts()) for pk in ids}


def attempts(operation_id: str) -> list[Attempt]:
    """The newest `MAX_ROWS` attempts, in their order."""
    newest = Attempt.objects.filter(operation_id=operation_id).order_by("-number")[:MAX_ROWS]
    return list(reversed(newest))


def newest_checkpoints(operation_ids: Iterable[str]) -> dict[str, Checkpoint]:
    """The newest usable checkpoint of each operation that has one: where a resume goes on."""
    rows = Checkpoint.objects.usable().filter(operation_id__in=list(operation_ids))
    return {row.operation_id: row for row in rows.newest_first().reverse()}


def checkpoints(operation_id: str) -> list[Checkpoint]:
    """The newest `MAX_ROWS`, newest first, with their artifacts."""
    rows = Checkpoint.objects.filter(operation_id=operation_id).newest_first()
    return list(rows.prefetch_related("artifacts")[:MAX_ROWS])


def alive(kind: Process.Kind) -> QuerySet[Process]:
    """Who has beaten lately enough, by the database's clock, to count as there."""
    silence = {
        Process.Kind.SWEEPER: 3 * settings.KTRDR_SWEEP_INTERVAL_SECONDS,
        Process.Kind.WORKER: settings.KTRDR_LEASE_SECONDS,
    }
    beating = Process.objects.filter(kind=kind, beat_at__gt=seconds_from_now(-silence[kind]))
    return beating.filter(details__starting__isnull=True)


def starting_workers() -> QuerySet[Process]:
    """Who has come up to compile, once, before it takes anything; it does not beat meanwhile."""
    recent = seconds_from_now(-START_TAKES_SECONDS)
    workers = Process.objects.filter(kind=Process.Kind.WORKER, beat_at__gt=recent)
    return workers.filter(details__starting=True)


def running_by_worker(among: OperationQuerySet) -> dict[str, Operation]:
    """What each worker, by its name, runs: its newest claim. Of a horse that died it holds another,
    until the lease ends."""
    return {operation.worker: operation for operation in among.claimed().order_by("claimed_at")}


def metrics(operation_id: str, *, after_step: int = -1, limit: int = MAX_ROWS) -> list[Metric]:
    """The first `limit` steps after one: a row each, of the latest attempt that reached it."""
    rows = Metric.objects.filter(operation_id=operation_id, step__gt=after_step)
    steps = list(rows.order_by("step").values_list("step", flat=True).distinct()[:limit])
    shown = rows.filter(step__lte=steps[-1]) if steps else rows.none()
    latest = {row.step: row for row in shown.order_by("step", "attempt")}
    return list(latest.values())


def events(operation_id: str, *, after: int = 0, limit: int = MAX_ROWS) -> list[Event]:
    return list(Event.objects.filter(operation_id=operation_id, number__gt=after)[:limit])


def newest_events(operation_id: str, *, before: int | None = None, limit: int) -> list[Event]:
    """The last `limit` events, of those with a number below `before`, in their order."""
    rows = Event.objects.filter(operation_id=operation_id)
    if before is not None:
        rows = rows.filter(number__lt=before)
    return list(reversed(rows.order_by("-number")[:limit]))

"""Which operations and workers have changed since the last look, in a few cheap queries.

They read what lives and what is new, never the table: a million operations that have ended cost
nothing.
"""

import time
from collections import deque
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations import selectors
from operations.models import Event, EventType, Operation, OperationQuerySet, Process
from operations.selectors import PartCounts

OVERLAP_SECONDS = 10.0
"""Numbers of rows are given out before the commit: a lower one may become visible later, but a
transaction here is short."""
MAX_EVENTS = 5000
"""In one look; the rest comes with the next."""
FIRST_OVERLAP_ROWS = 1000
"""What counts as known at the first look, of the rows that may just be committed around it."""

ROUTINE = (EventType.QUEUED, EventType.CHECKPOINT_SAVED)
"""What happens many times a minute, and changes little of what a page shows."""

SHOWN = (
    "operation_type",
    "owner_id",
    "part_of_id",
    "status",
    "attempt",
    "claimed_at",
    "waiting",
    "held_at",
    "cancel_requested_at",
    "heartbeat_at",
    "last_event",
    "progress",
)


@dataclass(frozen=True, kw_only=True)
class Changes:
    operations: list[Operation]
    """With `SHOWN` alone. Something happened to them, or their worker has reported."""
    notable: frozenset[str]
    """The ids of those to which something happened that is no `ROUTINE`."""
    counts: Mapping[str, PartCounts]
    """Of those among them that wait for their parts."""
    num_workers: int | None
    """Alive now; None when they are the same as before."""


class Watch:
    """Remembers what it saw. For one thread."""

    def __init__(self) -> None:
        self._events = _EventWindow()
        self._reports: dict[str, tuple[datetime | None, dict[str, Any]]] = {}
        self._workers: list[list[str]] | None = None
        """Names of those that are alive, and of those that are starting."""

    def look(self) -> Changes:
        """Raises as the database does when it is away; the next look then misses nothing."""
        notable = self._events.look()  # by operation: whether it is
        running = list(_running())
        changed = [row for row in running if row.pk in notable or self._has_reported(row)]
        changed += _shown().filter(pk__in=notable.keys() - {row.pk for row in running})
        changed += _families_of(changed, notable)
        num_workers = self._look_at_workers()
        self._events.keep()
        self._reports = {row.pk: (row.heartbeat_at, row.progress) for row in running}
        return Changes(
            operations=changed,
            notable=frozenset(pk for pk, is_notable in notable.items() if is_notable),
            counts=selectors.part_counts(row for row in changed if row.waiting),
            num_workers=num_workers,
        )

    def _has_reported(self, operation: Operation) -> bool:
        """By a heartbeat, or with the metrics of an epoch."""
        seen = self._reports.get(operation.pk)
        return seen != (operation.heartbeat_at, operation.progress)

    def _look_at_workers(self) -> int | None:
        both = (selectors.alive(Process.Kind.WORKER), selectors.starting_workers())
        alive, starting = (list(workers.values_list("name", flat=True)) for workers in both)
        if [alive, starting] == self._workers:
            return None
        self._workers = [alive, starting]
        return len(alive)


class _EventWindow:
    """The events that were not there at the look before, although numbers may come out of order."""

    def __init__(self) -> None:
        self._floor: int | None = None
        """All rows up to this one are known."""
        self._known: set[int] = set()
        self._order: deque[tuple[float, int]] = deque()
        self._new: set[int] = set()

    def look(self) -> dict[str, bool]:
        """The ids of their operations, and whether any of it was more than routine."""
        if self._floor is None:
            self._begin()
        rows = Event.objects.filter(pk__gt=self._floor).order_by("pk")
        found = rows.values_list("pk", "operation_id", "event_type")
        new = [row for row in found[: MAX_EVENTS + len(self._known)] if row[0] not in self._known]
        self._new = {pk for pk, _, _ in new}
        notable = {operation_id for _, operation_id, kind in new if kind not in ROUTINE}
        return {operation_id: operation_id in notable for _, operation_id, _ in new}

    def keep(self) -> None:
        """They are dealt with: what has been known for long enough is not read again."""
        now = time.monotonic()
        self._known |= self._new
        self._order += ((now, pk) for pk in sorted(self._new))
        while self._order and self._order[0][0] < now - OVERLAP_SECONDS:
            pk = self._order.popleft()[1]
            self._floor = max(self._floor or 0, pk)
        self._known = {pk for pk in self._known if pk > (self._floor or 0)}

    def _begin(self) -> None:
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True)[:FIRST_OVERLAP_ROWS]
        self._known = set(newest)
        self._floor = min(self._known, default=1) - 1
        self._order.extend((time.monotonic(), pk) for pk in sorted(self._known))


def _families_of(changed: Iterable[Operation], happened: Container[str]) -> OperationQuerySet:
    """Something happened to a part of theirs: how far they have come is counted."""
    changed = list(changed)
    told = {row.pk for row in changed}
    parts = (row for row in changed if row.part_of_id and row.pk in happened)
    return _shown().filter(pk__in={row.part_of_id for row in parts} - told)


def _running() -> OperationQuerySet:
    return _shown().claimed()


def _shown() -> OperationQuerySet:
    return Operation.objects.order_by().only(*SHOWN)

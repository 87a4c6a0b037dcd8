"""Watch an operation until it ends, across resumes, lost workers and a database that is away."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import close_old_connections

from operations import selectors
from operations.models import Event
from operations.outage import DATABASE_AWAY
from operations.reading.overview import Overview, overview

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Look:
    now: Overview
    events: list[Event]
    """What has happened since the look before, in order; none is ever skipped."""
    last_event: int
    """Number of the last event that was seen, in this look or before."""

    @property
    def is_behind(self) -> bool:
        """There are more events than one look takes."""
        return self.last_event < self.now.operation.last_event

    @property
    def is_end(self) -> bool:
        """It has ended, and nothing has happened since the end, such as a resume."""
        operation = self.now.operation
        return not operation.is_live and self.last_event == operation.last_event

    @property
    def has_nothing_more(self) -> bool:
        """The end was seen before."""
        return self.is_end and not self.events


def follow(operation_id: str, *, after: int = 0) -> Iterator[Look]:
    """Look again and again; the last look is at the operation's end. `after`: an event's number.

    Raises `OperationNotFound`.
    """
    while True:
        seen = _try_look(operation_id, after)
        if seen is not None:
            yield seen
            after = seen.last_event
            if seen.is_end:
                return
        if seen is None or not seen.is_behind:
            time.sleep(POLL_SECONDS)


def look(operation_id: str, *, after: int) -> Look:
    """One look. Raises `OperationNotFound`, and as the database does when it is away."""
    operation = selectors.find_operation(operation_id)
    events = selectors.events(operation_id, after=after)
    # Without a row there is nothing to come: what was counted before is pruned.
    last_event = events[-1].number if events else max(after, operation.last_event)
    return Look(now=overview(operation), events=events, last_event=last_event)


def _try_look(operation_id: str, after: int) -> Look | None:
    """None while the database is away."""
    try:
        return look(operation_id, after=after)
    except DATABASE_AWAY as error:
        logger.warning("the database is away, looking again: %s", str(error).strip())
        close_old_connections()
        return None

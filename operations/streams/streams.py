"""The two streams: everything a user may see that changes, and one operation's events."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from functools import partial

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from operations import selectors
from operations.models import Operation
from operations.outage import DATABASE_AWAY
from operations.reading import following
from operations.reading.as_json import EventSerializer
from operations.reading.following import Look
from operations.streams.hub import OUTAGE_PAUSE_SECONDS, Hub, hub
from operations.streams.listeners import Listener
from operations.streams.wire import KEEP_ALIVE, KEEP_ALIVE_SECONDS, message

LONGEST_SECONDS = 600.0
"""Then a stream ends: its client comes back by itself, and has to show once more who it is."""


async def changes(
    user: AbstractBaseUser | AnonymousUser, listener: Listener
) -> AsyncIterator[bytes]:
    """Tell of every operation that changes and that the user may see, and of the workers."""
    end = time.monotonic() + LONGEST_SECONDS
    with hub().subscribed(partial(selectors.is_visible, user), listener) as subscription:
        while time.monotonic() < end and not subscription.is_over:
            yield await subscription.next(KEEP_ALIVE_SECONDS) or KEEP_ALIVE


async def events(operation_id: str, listener: Listener, *, after: int) -> AsyncIterator[bytes]:
    """Each event of an operation beyond that number, until the one that ends it."""
    end = time.monotonic() + LONGEST_SECONDS
    with hub().subscribed(_only(operation_id), listener) as subscription:
        while time.monotonic() < end and not subscription.is_over:
            look = await _look(hub(), operation_id, after)
            if look is None:
                yield KEEP_ALIVE
                continue
            after = look.last_event
            for event in look.events:
                yield message(event.event_type, EventSerializer(event).data, number=event.number)
            if look.is_end:
                return
            if not look.is_behind and not await subscription.next(KEEP_ALIVE_SECONDS):
                yield KEEP_ALIVE


def _only(operation_id: str) -> Callable[[Operation], bool]:
    return lambda operation: operation.pk == operation_id


async def _look(hub: Hub, operation_id: str, after: int) -> Look | None:
    """None while the database is away."""
    try:
        return await hub.read(lambda: following.look(operation_id, after=after))
    except DATABASE_AWAY:
        await asyncio.sleep(OUTAGE_PAUSE_SECONDS)
        return None

"""One poller for all open streams of a process: it looks, and tells whom it concerns.

Everything here runs on the event loop but the looks themselves, which have a thread, and a
connection to the database, of their own.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar
from weakref import WeakKeyDictionary

from django.db import connections

from operations.models import Operation
from operations.outage import DATABASE_FAULT
from operations.reading.overview import Overview
from operations.selectors import PartCounts
from operations.streams.changes import Changes, Watch
from operations.streams.listeners import Listener
from operations.streams.wire import message

logger = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_SECONDS = 0.25
TELL_AGAIN_SECONDS = 0.75
"""An operation is told of at most once in this time: with a look, within a second of the event."""
OUTAGE_PAUSE_SECONDS = 1.0
RIGHTS_SECONDS = 10.0
"""Between two looks at whether those who listen still may; another look may be under way then, and
15 s after somebody lost their rights they hear nothing more."""
MAX_WAITING = 1000
"""Messages that a slow client may leave waiting; then it is told to read everything anew."""

RELOAD = message("reload", {})
LIST_CHANGED = message("operations", {})


class Subscription:
    """What waits to be sent to one client: of each kind of message the newest."""

    def __init__(self, wants: Callable[[Operation], bool], listener: Listener) -> None:
        self.wants = wants
        self.listener = listener
        self.is_greeted = False
        self.is_over = False
        self._waiting: dict[str, bytes] = {}
        self._something = asyncio.Event()

    def put(self, kind: str, told: bytes) -> None:
        if len(self._waiting) >= MAX_WAITING and kind not in self._waiting:
            self._waiting = {"reload": RELOAD}
        self._waiting[kind] = told
        self._something.set()

    def end(self) -> None:
        """The stream closes; its client will come back, to whoever is there then."""
        self.is_over = True
        self._something.set()

    async def next(self, timeout_seconds: float) -> bytes:
        """All that waits, or nothing after the timeout."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._something.wait()
        except TimeoutError:
            return b""
        told = b"".join(self._waiting.values())
        self._waiting.clear()
        self._something.clear()
        return told


class Hub:
    """The open streams of one event loop. Idle without any."""

    def __init__(self) -> None:
        self.subscriptions: set[Subscription] = set()
        self._polling: asyncio.Task[None] | None = None
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="streams")
        self._held: dict[str, Operation] = {}
        """Changed, but told of too short a time ago."""
        self._notable: set[str] = set()
        self._counts: dict[str, PartCounts] = {}
        """Operations of which more is to be told than routine."""
        self._told_at: dict[str, float] = {}
        self._is_away = False
        self._rights_looked_at = time.monotonic()

    @contextmanager
    def subscribed(
        self, wants: Callable[[Operation], bool], listener: Listener
    ) -> Iterator[Subscription]:
        """`reload` comes first: from then on nothing that changes is missed."""
        subscription = Subscription(wants, listener)
        self.subscriptions.add(subscription)
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll())
        try:
            yield subscription
        finally:
            self.subscriptions.discard(subscription)

    async def read(self, question: Callable[[], T]) -> T:
        """Ask the database, on the thread that all streams share."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, question)

    async def _poll(self) -> None:
        watch = Watch()
        try:
            while self.subscriptions:
                if _server_is_stopping():
                    for subscription in self.subscriptions:
                        subscription.end()
                await self._look(watch)
                await asyncio.sleep(OUTAGE_PAUSE_SECONDS if self._is_away else LOOK_SECONDS)
        finally:
            self._polling = None
            self._reader.submit(connections.close_all)

    async def _look(self, watch: Watch) -> None:
        newcomers = [it for it in self.subscriptions if not it.is_greeted]
        try:
            changes = await self.read(watch.look)
        except DATABASE_FAULT as error:
            await self._away(error)
            return
        self._tell_all_of_the_database(is_away=False)
        for newcomer in newcomers:
            newcomer.is_greeted = True
            newcomer.put("reload", RELOAD)
        self._tell(changes)
        if time.monotonic() >= self._rights_looked_at + RIGHTS_SECONDS:
            await self._look_at_rights()

    async def _look_at_rights(self) -> None:
        """Who may not listen any more is cut off; whoever may comes back, as who they are now."""
        self._rights_looked_at = time.monotonic()
        listeners = {subscription.listener for subscription in self.subscriptions}
        try:
            fallen = await self.read(lambda: {it for it in listeners if not it.may_listen()})
        except DATABASE_FAULT as error:
            await self._away(error)
            return
        for subscription in self.subscriptions:
            if subscription.listener in fallen:
                subscription.end()

    async def _away(self, error: Exception) -> None:
        if not self._is_away:
            logger.warning("the database is away, the streams wait for it: %s", error)
        self._tell_all_of_the_database(is_away=True)
        await self.read(connections.close_all)

    def _tell_all_of_the_database(self, *, is_away: bool) -> None:
        if is_away == self._is_away:
            return
        self._is_away = is_away
        self._tell_all("database", {"is_away": is_away})

    def _tell(self, changes: Changes) -> None:
        if changes.num_workers is not None:
            self._tell_all("workers", {"alive": changes.num_workers})
        for operation in changes.operations:
            if operation.pk in changes.notable:
                self._tell_of(operation, "operations", LIST_CHANGED)
        self._notable |= changes.notable
        self._counts |= changes.counts
        for operation in self._due(changes.operations):
            kind, is_routine = f"operation-{operation.pk}", operation.pk not in self._notable
            counts = self._counts.pop(operation.pk, None)
            told = shown(operation, counts, is_routine=is_routine)
            self._tell_of(operation, kind, message(kind, told))
            self._notable.discard(operation.pk)

    def _tell_of(self, operation: Operation, kind: str, told: bytes) -> None:
        for subscription in self.subscriptions:
            if subscription.wants(operation):
                subscription.put(kind, told)

    def _tell_all(self, kind: str, data: dict[str, object]) -> None:
        for subscription in self.subscriptions:
            subscription.put(kind, message(kind, data))

    def _due(self, changed: list[Operation]) -> list[Operation]:
        """Those to tell of now: changed, and not told of in the last second."""
        now = time.monotonic()
        recent = now - TELL_AGAIN_SECONDS
        self._told_at = {pk: at for pk, at in self._told_at.items() if at > recent}
        self._held |= {operation.pk: operation for operation in changed}
        due = [operation for pk, operation in self._held.items() if pk not in self._told_at]
        for operation in due:
            del self._held[operation.pk]
            self._told_at[operation.pk] = now
        return due


def _server_is_stopping() -> bool:
    """uvicorn waits for open answers before it tells anyone that it stops, and a stream would never
    end: so its signal handler, a method of the server, leads to the flag that it sets."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))


def shown(
    operation: Operation, counts: PartCounts | None, *, is_routine: bool
) -> dict[str, object]:
    """`is_routine`: nothing but saves and heartbeats since it was last told of."""
    overview = Overview(operation=operation, latest_checkpoint=None, counts=counts)
    return {
        "id": operation.pk,
        "status": operation.status,
        "phase": overview.phase,
        "attempt": operation.attempt,
        "last_event": operation.last_event,
        "is_routine": is_routine,
        "heartbeat_at": operation.heartbeat_at,
        "progress": overview.progress,
    }


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """This event loop's: a web process has one."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]

"""So many turns at a time, how many may wait for one, and whose is next.

It is theirs of whom the fewest requests are worked on.
"""

import asyncio
from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks, as far as a request shows it before anybody has looked at it."""

    address: str
    shown: int
    """Stands for the token or cookies that it shows, which may be made up."""

    @property
    def names(self) -> tuple[object, object]:
        return self.address, (self.address, self.shown)


def asker_of(scope: MutableMapping[str, Any]) -> Asker:
    """Who shows others' cookies with each request is still one address."""
    shown = tuple(it for it in scope.get("headers", ()) if it[0] in (b"authorization", b"cookie"))
    client = scope.get("client") or ("",)
    return Asker(address=client[0], shown=hash(shown))


@dataclass(frozen=True, kw_only=True)
class Room:
    """How many requests may wait for a turn, so that those who do are called soon."""

    of_asker: int
    of_address: int
    """Which many users may share, as behind a proxy that is not named."""
    of_all: int


ROOM = Room(of_asker=64, of_address=256, of_all=512)
"""A turn is some hundredths of a second: the last of them waits for about ten."""


class TooManyWaiting(Exception):
    """The room is full: of who asks, or of all."""

    def __init__(self, *, is_of_all: bool) -> None:
        super().__init__()
        self.is_of_all = is_of_all


@dataclass(eq=False)
class Waiting:
    """A request in the room; whoever gives up waiting leaves it (`Turns.leave`)."""

    asker: Asker
    called: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Turns:
    """For one event loop. Without it one user's hundred requests would go before another's one."""

    def __init__(self, at_once: int, room: Room = ROOM) -> None:
        self._num_free = at_once
        self._room = room
        self._in_work: Counter[object] = Counter()
        self._num_waiting: Counter[object] = Counter()
        self._waiting: dict[Waiting, None] = {}  # in the order of arrival

    def try_acquire(self, asker: Asker) -> bool:
        if not self._num_free:
            return False
        self._begin(asker)
        return True

    def wait(self, asker: Asker) -> Waiting:
        """For who comes. Raises `TooManyWaiting`."""
        if len(self._waiting) >= self._room.of_all:
            raise TooManyWaiting(is_of_all=True)
        limits = (self._room.of_address, self._room.of_asker)
        for name, most in zip(asker.names, limits, strict=True):
            if self._num_waiting[name] >= most:
                raise TooManyWaiting(is_of_all=False)
        return self._enter(asker)

    async def acquire(self, asker: Asker) -> None:
        """For who has been here before: it comes back, however many wait."""
        if not self.try_acquire(asker):
            waiting = self._enter(asker)
            try:
                await waiting.called
            except asyncio.CancelledError:
                self.leave(waiting)
                raise

    def leave(self, waiting: Waiting) -> None:
        """Give up waiting; a turn that it has just been given is the next one's."""
        if waiting in self._waiting:
            self._remove(waiting)
        else:
            self.release(waiting.asker)

    def release(self, asker: Asker) -> None:
        self._num_free += 1
        _take(self._in_work, asker)
        staying = (it for it in self._waiting if not it.called.cancelled())
        if following := min(staying, key=self._num_in_work, default=None):
            self._remove(following)
            self._begin(following.asker)
            following.called.set_result(None)

    def _enter(self, asker: Asker) -> Waiting:
        waiting = Waiting(asker)
        self._waiting[waiting] = None
        self._num_waiting.update(asker.names)
        return waiting

    def _remove(self, waiting: Waiting) -> None:
        del self._waiting[waiting]
        _take(self._num_waiting, waiting.asker)

    def _begin(self, asker: Asker) -> None:
        self._num_free -= 1
        self._in_work.update(asker.names)

    def _num_in_work(self, waiting: Waiting) -> tuple[int, ...]:
        return tuple(self._in_work[name] for name in waiting.asker.names)


def _take(counted: Counter[object], asker: Asker) -> None:
    """Counter's own subtraction would look at everybody."""
    for name in asker.names:
        counted[name] -= 1
        if not counted[name]:
            del counted[name]

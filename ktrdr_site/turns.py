"""So many turns at a time, and whose is next: of whom the fewest requests are worked on."""

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


@dataclass(eq=False)
class _Waiting:
    asker: Asker
    called: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Turns:
    """For one event loop. Without it one user's hundred requests would go before another's one."""

    def __init__(self, at_once: int) -> None:
        self._num_free = at_once
        self._in_work: Counter[object] = Counter()
        self._waiting: list[_Waiting] = []  # in the order of arrival

    async def acquire(self, asker: Asker) -> None:
        if self._num_free:
            self._begin(asker)
            return
        waiting = _Waiting(asker)
        self._waiting.append(waiting)
        try:
            await waiting.called
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            else:  # it had just been called
                self.release(asker)
            raise

    def release(self, asker: Asker) -> None:
        self._num_free += 1
        self._in_work -= Counter(asker.names)  # keeps those above nought
        staying = (it for it in self._waiting if not it.called.cancelled())
        if following := min(staying, key=self._num_in_work, default=None):
            self._waiting.remove(following)
            self._begin(following.asker)
            following.called.set_result(None)

    def _begin(self, asker: Asker) -> None:
        self._num_free -= 1
        self._in_work.update(asker.names)

    def _num_in_work(self, waiting: _Waiting) -> tuple[int, ...]:
        return tuple(self._in_work[name] for name in waiting.asker.names)

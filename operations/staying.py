"""How long a worker's fork stays, to take the next operation, or part of a family, without a fork.

What it has imported, compiled and mapped is there then. Whatever an operation had for itself ends
with it: its log, its side threads with their connections to the database, its warnings, its limit
of memory. Of one that failed the process goes with it: a library may be left in any state.
"""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings

from checkpoints.prepared import Prepared
from operations.models import Operation
from operations.outage import forget_connections, patiently
from operations.process_memory import keeping_limit, resident_bytes

MOST_TIMES_MEMORY = 1.5
"""Of what the process had after its first operation: what grows by each one goes with it."""
LIBRARIES_BYTES = 250_000_000
"""So much more is no growth: the first may have loaded nothing, as where another one had it."""


@dataclass(kw_only=True)
class Fork:
    """This process, which was forked for a ring."""

    has_to_end: Callable[[], bool]
    """Whether it was told to stop, or has nobody to tell it any more."""
    memory_bytes: int | None = None
    """What it had after its first operation; none before that has ended."""
    is_unfit: bool = False
    """Whether an operation failed in it."""
    holds_device: bool = False
    """Whether it has memory of a GPU, which goes with it alone."""

    def takes_rings(self) -> bool:
        """Whether it may answer another ring, of whatever operation."""
        return self.goes_on() and not self.holds_device

    def goes_on(self) -> bool:
        """Whether it may take up anything more. Asked after each operation."""
        if self.memory_bytes is None:
            self.memory_bytes = resident_bytes()
        room = max(MOST_TIMES_MEMORY * self.memory_bytes, self.memory_bytes + LIBRARIES_BYTES)
        return not (self.is_unfit or self.has_to_end() or resident_bytes() > room)


@dataclass(kw_only=True)
class Stay:
    """Of a fork with one family."""

    fork: Fork
    queue: str
    """Where it heard the bell."""
    higher_queues: Sequence[str]
    """Those that its worker empties before."""
    began: float = field(default_factory=time.monotonic)

    def goes_on(self) -> bool:
        """Whether to take another part now, if there is one. Asked after each part."""
        return (
            self.fork.goes_on()
            and time.monotonic() - self.began <= settings.FAMILY_TURN_SECONDS
            and not patiently(self._is_wanted_elsewhere)
        )

    def _is_wanted_elsewhere(self) -> bool:
        """By the database: a ring may have been lost."""
        queues = tuple(self.higher_queues)
        return bool(queues) and _waiting_on(queues).row() is not None


@cache
def _waiting_on(queues: tuple[str, ...]) -> Prepared:
    waiting = Operation.objects.all().waiting().filter(queue__in=queues)
    return Prepared(lambda: waiting.order_by().values_list("attempt")[:1])


_this_process: Stay | None = None


@contextmanager
def staying(stay: Stay) -> Iterator[None]:
    """For the job in the body."""
    global _this_process
    _this_process = stay
    try:
        yield
    finally:
        _this_process = None


def this_stay() -> Stay | None:
    """None outside of a worker's fork, which nobody tells to stop between two parts."""
    return _this_process


def end_after_this() -> None:
    """An operation failed here, by whatever fault: no other one is to find what it left behind."""
    if _this_process is not None:
        _this_process.fork.is_unfit = True


def hold_device() -> None:
    """A GPU is used here: its memory is for parts of the same family, and never lies idle beside an
    operation that needs none."""
    if _this_process is not None:
        _this_process.fork.holds_device = True


@contextmanager
def by_itself() -> Iterator[None]:
    """What one operation leaves behind in its process is gone for the next.

    Python warns once of each line of code; inside, as in a new process, from the beginning. The
    connection to the database stays, unless the operation broke: a new one takes 2 ms.
    """
    with warnings.catch_warnings(), keeping_limit():
        try:
            yield
        except BaseException:
            forget_connections()
            raise

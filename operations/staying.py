"""How long the process that took a part of a family stays, to take the next one without a fork.

What it has imported, compiled and mapped is there then. Whatever a part had for itself ends with
it: its log, its side threads with their connections to the database, its warnings.
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
from operations.process_memory import resident_bytes

MOST_TIMES_MEMORY = 1.5
"""Of what the process had after its first part, which loads libraries and compiles: what grows by
each part goes with the process."""


@dataclass(kw_only=True)
class Stay:
    """Of one forked process."""

    queue: str
    """Where it heard the bell."""
    higher_queues: Sequence[str]
    """Those that its worker empties before."""
    has_to_end: Callable[[], bool]
    """Whether it was told to stop, or has nobody to tell it any more."""
    began: float = field(default_factory=time.monotonic)
    memory_bytes: int | None = None
    """What it had after its first part; none before that has ended."""

    def goes_on(self) -> bool:
        """Whether to take another part now, if there is one. Asked after each part."""
        if self.memory_bytes is None:
            self.memory_bytes = resident_bytes()
        return not (
            self.has_to_end()
            or time.monotonic() - self.began > settings.FAMILY_TURN_SECONDS
            or resident_bytes() > MOST_TIMES_MEMORY * self.memory_bytes
            or patiently(self._is_wanted_elsewhere)
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


@contextmanager
def one_part() -> Iterator[None]:
    """What one part leaves behind in its process is gone for the next.

    Python warns once of each line of code; inside, as in a new process, from the beginning. The
    connection to the database stays, unless the part broke: a new one takes 2 ms.
    """
    with warnings.catch_warnings():
        try:
            yield
        except BaseException:
            forget_connections()
            raise

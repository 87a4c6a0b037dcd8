"""How much a piece of code works."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """The garbage of all tests before is half a second's work, and not that of this one."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def seconds_of(act: Callable[[], object]) -> float:
    """Processor time of this thread alone, however busy the machine."""
    with nothing_collected():
        begun = time.thread_time()
        act()
        return time.thread_time() - begun

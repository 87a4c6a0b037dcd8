"""The horse: the process that is forked for an attempt, and what it shares with its worker.

It may run one after the other (`operations/staying.py`).
"""

import mmap
import os
import signal
import struct
import time
from collections.abc import Callable
from types import FrameType

from operations.process_memory import go_first_when_memory_runs_out

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

_TIME = struct.Struct("d")
_WORDS = struct.Struct("256p")  # longer ones are cut


class Watch:
    """A page of memory that worker and horse share: when the horse last moved, and at what.

    Made before the fork. The monotonic clock is the same in both processes.
    """

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self.moved()

    def moved(self) -> None:
        _TIME.pack_into(self._page, 0, time.monotonic())

    def silent_seconds(self) -> float:
        return time.monotonic() - float(_TIME.unpack_from(self._page, 0)[0])

    def begins(self, words: str) -> None:
        """What the horse does from here on."""
        _WORDS.pack_into(self._page, _TIME.size, words.encode())
        self.moved()

    def last_begun(self) -> str:
        return bytes(_WORDS.unpack_from(self._page, _TIME.size)[0]).decode(errors="replace")


class Horse:
    """This process, as the run of an attempt sees it."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._worker_pid = os.getppid()
        self._told_to_stop = False
        self._when_told: Callable[[], None] = lambda: None

    def take_signals(self) -> None:
        """SIGTERM asks for a checkpoint and an end; Ctrl-C is the worker's to pass on."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._told)

    def when_told_to_stop(self, callback: Callable[[], None]) -> None:
        """Call back from the signal handler, or now if it came first: to set a flag."""
        self._when_told = callback
        if self._told_to_stop:
            callback()

    @property
    def has_to_end(self) -> bool:
        """Before it takes up anything more."""
        return self._told_to_stop or self.lost_its_worker

    @property
    def lost_its_worker(self) -> bool:
        """A killed worker can tell its horse nothing: the horse has to look."""
        return os.getppid() != self._worker_pid

    def _told(self, signum: int, frame: FrameType | None) -> None:
        self._told_to_stop = True
        self._when_told()


_this_process: Horse | None = None


def become_horse(watch: Watch) -> None:
    """Called first thing after the fork, while the stop signals are still blocked."""
    global _this_process
    _this_process = Horse(watch)
    _this_process.take_signals()
    go_first_when_memory_runs_out()


def is_horse() -> bool:
    """Whether this process was forked for a ring, and ends with its job."""
    return _this_process is not None


def this_horse() -> Horse:
    """Also outside of a worker, where nobody watches and nothing signals."""
    return _this_process or Horse(Watch())

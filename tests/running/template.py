"""A migrated database, made once in a run: its other processes begin with a copy.

Nearly sixty migrations take a processor five seconds, and each process of the tests has a server
of its own.
"""

import fcntl
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path


class Template:
    """What the first of several processes makes, in a directory that they share.

    Who asks while the first one makes it waits; if that one dies, the next one makes it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: TextIOWrapper | None = None

    def copied_with(self, copy: Callable[[Path], object]) -> bool:
        """Whether it is there, and was copied. Else the caller makes it, and has to `publish`."""
        if not self._path.exists():
            self._lock = self._path.with_suffix(".lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self._path.exists():
            self._release()
            copy(self._path)
            return True
        return False

    def publish(self, copy_to: Callable[[Path], object]) -> None:
        """Nothing where it was there already."""
        if self._lock is None:
            return
        begun = self._path.with_suffix(".begun")
        copy_to(begun)
        begun.rename(self._path)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

"""What children print, line by line, read by one thread."""

import os
import selectors
from collections.abc import Callable
from typing import IO

Say = Callable[[str, str], None]
"""Shows one line: the name of who said it, and the line."""


class ChildOutput:
    def __init__(self, say: Say) -> None:
        self._say = say
        self._selector = selectors.DefaultSelector()

    def follow(self, name: str, pipe: IO[bytes]) -> None:
        """Until its last writer is gone, which may be something that the child forked."""
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, selectors.EVENT_READ, _Reader(name, pipe, self._say))

    def pump(self, timeout_seconds: float) -> None:
        """Show what has been printed; waits up to `timeout_seconds` for the first of it."""
        for key, _ in self._selector.select(timeout_seconds):
            if not key.data.read():
                self._selector.unregister(key.fileobj)
                key.data.pipe.close()


class _Reader:
    def __init__(self, name: str, pipe: IO[bytes], say: Say) -> None:
        self.pipe = pipe
        self._name = name
        self._say = say
        self._unfinished = b""

    def read(self) -> bool:
        """False at the end."""
        received = os.read(self.pipe.fileno(), 65536)
        *lines, self._unfinished = (self._unfinished + (received or b"\n")).split(b"\n")
        for line in lines:
            if received or line:
                self._say(self._name, line.decode(errors="replace"))
        return bool(received)

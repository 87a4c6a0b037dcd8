"""Lines of JSON between the room and a child."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

CHUNK_BYTES = 65_536


def send(line: socket.socket, **told: Any) -> None:
    """Raises `OSError` where nobody listens."""
    line.sendall(json.dumps(told).encode() + b"\n")


class Lines:
    """What arrives on a socket until its other ends are closed."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.deadline: float | None = None
        """On the monotonic clock; then `TimeoutError` is raised."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        held = b""
        while chunk := self._receive():
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                yield json.loads(line)

    def _receive(self) -> bytes:
        left = None if self.deadline is None else self.deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        self._line.settimeout(left)
        try:
            return self._line.recv(CHUNK_BYTES)
        except ConnectionError:
            return b""

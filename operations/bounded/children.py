"""Children for work, forked by a process that has loaded what they need."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from threading import Lock

PROJECT = Path(__file__).parents[2]


class Children:
    """Of one process of the site. Their parent starts when it is first needed."""

    def __init__(self, prepare: str) -> None:
        self.environment: dict[str, str] = {}
        """What their parent has beside this process's own."""
        self._prepare = prepare
        self._lock = Lock()
        self._control: socket.socket | None = None
        self._parent: subprocess.Popen[bytes] | None = None

    def expect(self) -> None:
        """Let the parent load now what it needs, so that the first child comes at once."""
        with self._lock:
            self._started()

    def fork(self) -> socket.socket:
        """Return the line to a new child; whoever closes it ends the child."""
        near, far = socket.socketpair()
        with far, self._lock:
            try:
                socket.send_fds(self._started(), [b"f"], [far.fileno()])
            except OSError:  # it ended meanwhile: it had long been idle, or was killed
                self._forget()
                socket.send_fds(self._started(), [b"f"], [far.fileno()])
        return near

    def close(self) -> None:
        """End the parent, and with it every child."""
        with self._lock:
            self._forget()

    def _started(self) -> socket.socket:
        if self._parent is not None and self._parent.poll() is not None:
            self._forget()
        if self._control is None:
            self._control, far = socket.socketpair()
            with far:
                self._parent = subprocess.Popen(
                    [sys.executable, "-m", "operations.bounded.parent", self._prepare],
                    stdin=far.fileno(),
                    cwd=PROJECT,
                    env={**os.environ, **self.environment},
                )
        return self._control

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._parent is not None:
            self._parent.wait()
        self._control = self._parent = None

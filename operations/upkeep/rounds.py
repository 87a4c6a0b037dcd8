"""What the sweeper does beside its looks: on threads, so that nothing slow keeps a look waiting."""

import threading
import time
from collections.abc import Callable

PATIENCE_SECONDS = 2.0  # two kinds of rounds end within the five seconds that `up` waits


class SideRounds:
    """At most one round at a time."""

    def __init__(self, name: str, act: Callable[[], object], *, every_seconds: float = 0.0) -> None:
        self._name = name
        self._act = act
        self._every_seconds = every_seconds
        self._thread: threading.Thread | None = None
        self._due_at = time.monotonic()

    def begin_if_due(self) -> None:
        if time.monotonic() < self._due_at or (self._thread and self._thread.is_alive()):
            return
        self._due_at = time.monotonic() + self._every_seconds
        self._thread = threading.Thread(target=self._act, name=self._name, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let a round that has begun come to its end, for a moment; every round may be cut off."""
        if self._thread:
            self._thread.join(timeout=PATIENCE_SECONDS)

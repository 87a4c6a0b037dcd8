"""A process of its own that SIGKILL meets at a named point."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

from django.db import connections


def kill_at(point: str, act: Callable[[], object], reached: Path) -> None:
    """Fork a process that does this, and is killed at the point; `reached` notes that it came."""
    connections.close_all()  # a connection must not be shared with the child

    def play() -> None:
        os.environ["KTRDR_FAILPOINTS"] = f"{point}=kill@once"
        os.environ["KTRDR_FAILPOINTS_ONCE"] = str(reached)
        act()

    child = multiprocessing.get_context("fork").Process(target=play)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL

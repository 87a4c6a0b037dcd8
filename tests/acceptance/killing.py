"""A process of its own that SIGKILL meets at a named point."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
from django.db import connections

from tests.running.stack import StackProcess


def at_once(
    points: Iterable[str], reached: Path, *others: str, act: str = "kill"
) -> dict[str, str]:
    """Variables of processes of which the first at each point does this; `reached` notes that it
    came there. `others` is what else they do."""
    return {
        "KTRDR_FAILPOINTS": ";".join((*(f"{point}={act}@once" for point in points), *others)),
        "KTRDR_FAILPOINTS_ONCE": str(reached),
    }


def stopped_horses(worker: StackProcess) -> list[psutil.Process]:
    """Those that have stopped themselves, and wait for SIGCONT."""
    try:
        return [horse for horse in psutil.Process(worker.pid).children() if _is_stopped(horse)]
    except psutil.NoSuchProcess:
        return []


def _is_stopped(horse: psutil.Process) -> bool:
    try:
        return horse.status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False


def kill_at(point: str, act: Callable[[], object], reached: Path) -> None:
    """Fork a process that does this, and is killed at the point; `reached` notes that it came."""
    connections.close_all()  # a connection must not be shared with the child

    def play() -> None:
        os.environ.update(at_once([point], reached))
        act()

    child = multiprocessing.get_context("fork").Process(target=play)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL

"""Work for a room of the tests: what is good, and everything that is not."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from operations.bounded.work import Tell, Work
from operations.errors import NotResumable
from operations.models import Process
from operations.upkeep import presence

Arguments = Mapping[str, Any]


def work(function: Any, **changes: Any) -> Work:
    """That function, as a kind of work of its own."""
    limits = {"seconds": 30.0, "memory_mb": 300, "newest_counts": False, **changes}
    path = f"{function.__module__}.{function.__qualname__}"
    return Work(name=function.__qualname__, function=path, **limits)


def prepare() -> None:
    np.ones(2) @ np.ones(2)


def echo(arguments: Arguments, tell: Tell) -> Any:
    return {"said": arguments["say"], "pid": os.getpid()}


def refuse(arguments: Arguments, tell: Tell) -> Any:
    raise NotResumable(reason="It is not.", errors=[{"pointer": "#/x", "detail": "y"}])


def fail(arguments: Arguments, tell: Tell) -> Any:
    raise ZeroDivisionError


def abort(arguments: Arguments, tell: Tell) -> Any:
    os.abort()


def vanish(arguments: Arguments, tell: Tell) -> Any:
    os._exit(0)


def last(arguments: Arguments, tell: Tell) -> Any:
    """Longer than anybody waits, in a call that no exception of Python's could end."""
    tell(f"sleeping in {os.getpid()}")
    time.sleep(3600)


def eat(arguments: Arguments, tell: Tell) -> Any:
    """As much memory as there is, in pieces that are really used."""
    tell("eating")
    return [int(np.ones(1_000_000).sum()) for _ in iter(_Eaten(), None)]


class _Eaten:
    def __init__(self) -> None:
        self._pieces: list[Any] = []

    def __call__(self) -> int:
        self._pieces.append(np.ones(1_000_000))
        return len(self._pieces)


def write(arguments: Arguments, tell: Tell) -> Any:
    presence.beat(Process.Kind.WORKER, "written by a child")


def read(arguments: Arguments, tell: Tell) -> Any:
    return list(Process.objects.values_list("name", flat=True))


def descriptors(arguments: Arguments, tell: Tell) -> Any:
    """What this process holds open."""
    links = list(Path("/proc/self/fd").iterdir())
    return [str(link.readlink()) for link in links if link.is_symlink()]

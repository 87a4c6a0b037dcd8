"""What runs, and for how long, while this thread's connection is in a transaction."""

import builtins
import io
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.asking.work import nothing_collected
from tests.running.stack import PROJECT

SLOW = (
    "training/canonical.py",
    "training/features/",
    "training/launch/layout.py",
    "training/market_data/",
    "training/strategy/",
    "checkpoints/files.py",
    "checkpoints/reading.py",
    "checkpoints/storage.py",
)
"""Strategies, bars, fingerprints, stored files."""
OPENS = {id(it) for it in (builtins.open, io.open, os.open, os.stat, os.fsync, os.listdir)}
DIGESTS = ("_hashlib", "_sha256", "_sha512", "_sha1", "_md5", "_blake2", "_sha3")


@dataclass
class Held:
    """What happened in the transactions that were watched."""

    transactions: int = 0
    slow_calls: set[str] = field(default_factory=set)
    longest_seconds: float = 0.0
    """CPU time of its thread in one of them."""


@contextmanager
def watched(*, calls: bool) -> Iterator[Held]:
    """Watch each thread: its calls, or (`calls` slows it down) its time."""
    held, own = Held(), threading.local()

    def begin() -> None:
        held.transactions += 1
        own.begun = time.thread_time()  # no other thread's clock says anything of this one
        if calls:
            sys.setprofile(lambda *event: _note(held, *event))

    def end() -> None:
        sys.setprofile(None)
        if hasattr(own, "begun"):  # else its transaction had begun before
            held.longest_seconds = max(held.longest_seconds, time.thread_time() - own.begun)

    with pytest.MonkeyPatch.context() as patched, nothing_collected():
        _call_around(patched, begin, end)
        yield held


def _call_around(patched: pytest.MonkeyPatch, begin: Any, end: Any) -> None:
    """Django begins a transaction by turning autocommit off, and ends it before what it has
    promised for after the commit."""
    set_autocommit = BaseDatabaseWrapper.set_autocommit

    def watched_autocommit(self: Any, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        set_autocommit(self, autocommit, *args, **kwargs)
        if not autocommit:
            begin()

    patched.setattr(BaseDatabaseWrapper, "set_autocommit", watched_autocommit)
    for name in ("commit", "rollback"):
        patched.setattr(BaseDatabaseWrapper, name, _followed(name, end))


def _followed(name: str, end: Any) -> Any:
    before = getattr(BaseDatabaseWrapper, name)

    def act(self: Any) -> None:
        before(self)
        end()

    return act


def _note(held: Held, frame: FrameType, event: str, called: Any) -> None:
    if event == "call":
        path = frame.f_code.co_filename.removeprefix(f"{PROJECT}/")
        if path.startswith(SLOW) or "/yaml/" in path:
            held.slow_calls.add(f"{path}: {frame.f_code.co_name}")
    elif event == "c_call" and _is_slow(called):
        held.slow_calls.add(f"{called.__name__} in {frame.f_code.co_filename}")


def _is_slow(called: Any) -> bool:
    return id(called) in OPENS or getattr(called, "__module__", None) in DIGESTS

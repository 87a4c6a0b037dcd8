"""What an attempt takes of its machine: looked at once a second, and part of no result."""

import time

import pytest

from training.attempt import usage
from training.attempt.usage import Usage


def work(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_it_is_told_of_the_time_since_the_look_before(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Usage("cpu")
    work(0.02)
    first = own.seen()
    assert first["cpu_percent"] > 0 and 1e7 < first["memory_bytes"] < 1e11
    assert set(first) == {"cpu_percent", "memory_bytes"}
    work(0.001)
    assert own.seen() is first  # at every epoch, and so for nothing
    monkeypatch.setattr(usage, "SECONDS_BETWEEN_LOOKS", 0.0)
    assert own.seen() is not first

"""The sweeper as a command: real processes, real signals."""

import signal
import time

import pytest

from operations.models import Attempt, Process
from tests.asking.commands import Manage
from tests.operations import scenes
from tests.running.stack import Stack, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_at_once(stack: Stack, number: signal.Signals) -> None:
    sweeper = stack.start("sweeper", "sweep_operations", "--every", "600")
    wait_until(lambda: Process.objects.filter(pid=sweeper.pid).exists())
    sweeper.send(number)
    began = time.monotonic()
    assert sweeper.wait() == 0
    assert time.monotonic() - began < 60  # the next look is ten minutes away
    assert "Traceback" not in sweeper.output


def test_one_sweep_waits_until_it_may_declare_something_lost(stack: Stack) -> None:
    operation = scenes.running()
    scenes.expire_lease(operation)
    sweeper = stack.start(
        "sweeper",
        "sweep_operations",
        KTRDR_LEASE_SECONDS="1",
        KTRDR_HEARTBEAT_SECONDS="0.3",
        KTRDR_SWEEP_INTERVAL_SECONDS="0.2",
    )
    assert sweeper.wait() == 0
    assert "Recovered: 1." in sweeper.output
    assert Attempt.objects.filter(operation=operation).count() == 2
    assert not Process.objects.filter(kind=Process.Kind.SWEEPER).exists()


def test_an_interval_that_is_none_is_bad_input(manage: Manage) -> None:
    assert manage("sweep_operations", "--every", "0").code == 2

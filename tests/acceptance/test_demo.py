"""`manage.py demo` tells the product's story, fails loudly, and leaves nothing running."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ktrdr_site.watchdog import Ward
from tests.servers import Servers
from tests.stack import PROJECT, wait_until


class Demo:
    def __init__(self, directory: Path, *, epochs: int) -> None:
        self._directory = directory
        self._log = directory / "output"
        env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self._log.open("wb") as output:
            self._popen = subprocess.Popen(
                [sys.executable, "-u", "manage.py", "demo", "--epochs", str(epochs)],
                cwd=PROJECT,
                env={**env, "KTRDR_DATA_DIR": str(directory)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid

    @property
    def output(self) -> str:
        return self._log.read_text()

    def wait(self) -> int:
        return self._popen.wait(240)

    def wait_for(self, words: str) -> None:
        wait_until(lambda: self._has_said(words), 120, describe=lambda: self.output)

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def processes(self) -> list[psutil.Process]:
        """Whatever on this machine works in the demo's directory."""
        return [it for it in psutil.process_iter() if self._data() in environment(it).values()]

    def _data(self) -> str:
        return str(self._directory / "demo")

    def _has_said(self, words: str) -> bool:
        assert self._popen.poll() is None, self.output
        return words in self.output


def environment(process: psutil.Process) -> dict[str, str]:
    try:
        return dict(process.environ())
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return {}


@pytest.fixture
def demo(tmp_path: Path, servers: Servers) -> Iterator[Demo]:
    running = Demo(tmp_path, epochs=3000)
    servers.watchdog.watch(Ward(stage=0, pid=running.pid, stop_signal=signal.SIGINT))
    yield running
    running.send(signal.SIGINT)
    running.wait()
    servers.watchdog.forget(running.pid)


def test_a_killed_cancelled_and_resumed_training_ends_with_its_twins_bytes(demo: Demo) -> None:
    assert demo.wait() == 0, demo.output

    for scene in ("SIGKILL to the worker", "worker_lost", "recovered", "cancelled", "resumed"):
        assert scene in demo.output
    digests = [line.split()[-1] for line in demo.output.splitlines() if line.startswith("  killed")]
    assert demo.output.count(digests[0]) == 2
    assert demo.processes() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_demo_leaves_nothing_running(demo: Demo, number: signal.Signals) -> None:
    demo.wait_for("started")
    assert len(demo.processes()) >= 5

    demo.send(number)

    assert demo.wait() == 130
    assert demo.processes() == []


def test_a_killed_demo_leaves_nothing_running(demo: Demo) -> None:
    demo.wait_for("started")

    demo.send(signal.SIGKILL)

    wait_until(lambda: demo.processes() == [], 60)

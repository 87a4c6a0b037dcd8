"""`manage.py up`: the whole site of one machine, first start to last process."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ktrdr_site.watchdog import Ward, Watchdog
from tests.servers import Servers
from tests.stack import PROJECT, wait_until

READY = "KTRDR is up at"


class Up:
    """One `manage.py up` in a data directory, as a user starts it: with nothing set."""

    def __init__(self, data: Path, log: Path, watchdog: Watchdog) -> None:
        self.port = free_port()
        self._log = log
        env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port)],
                cwd=PROJECT,
                env={**env, "KTRDR_DATA_DIR": str(data), "KTRDR_SHUTDOWN_GRACE_SECONDS": "5"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid
        watchdog.watch(Ward(stage=0, pid=self.pid, grace_seconds=30))

    @property
    def output(self) -> str:
        return self._log.read_text()

    def wait_until_ready(self) -> None:
        wait_until(self._is_ready, 60, describe=lambda: self.output)

    def _is_ready(self) -> bool:
        assert self._popen.poll() is None, self.output
        return READY in self.output and bool(self.workers())

    def children(self) -> list[psutil.Process]:
        return list(psutil.Process(self.pid).children(recursive=True))

    def workers(self) -> list[psutil.Process]:
        return [child for child in self.children() if "rqworker" in command_line(child)]

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def wait(self) -> int:
        return self._popen.wait(60)


def command_line(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.NoSuchProcess:
        return []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "a user's data"


@pytest.fixture
def start(data: Path, tmp_path: Path, servers: Servers) -> Iterator[Callable[[], Up]]:
    started: list[Up] = []

    def start_up() -> Up:
        log = tmp_path / f"up-{len(started)}.log"
        started.append(Up(data, log, servers.watchdog))
        return started[-1]

    yield start_up
    for running in started:
        running.send(signal.SIGTERM)
        running.wait()
        servers.watchdog.forget(running.pid)


@pytest.fixture
def up(start: Callable[[], Up]) -> Up:
    running = start()
    running.wait_until_ready()
    return running


def test_up_serves_the_site_and_creates_a_login_once(
    up: Up, start: Callable[[], Up], data: Path
) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/admin/login/") as answer:
        assert answer.status == 200
    assert re.search(r"sign in +ktrdr / \S{16} ", up.output)
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600

    up.send(signal.SIGINT)
    up.wait()
    again = start()
    again.wait_until_ready()

    assert "as before" in again.output


def test_ctrl_c_ends_everything_in_order(up: Up) -> None:
    children = up.children()
    assert len(children) >= 5

    up.send(signal.SIGINT)

    assert up.wait() == 0
    assert not any(child.is_running() for child in children)
    assert "killed" not in up.output


def test_nothing_outlives_a_killed_up(up: Up) -> None:
    children = up.children()

    up.send(signal.SIGKILL)

    wait_until(lambda: not any(child.is_running() for child in children), 30)


def test_a_killed_worker_is_replaced(up: Up) -> None:
    [worker] = up.workers()

    worker.kill()

    wait_until(lambda: up.workers() not in ([], [worker]), 20, describe=lambda: up.output)


def test_a_second_up_in_the_same_directory_is_refused(up: Up, start: Callable[[], Up]) -> None:
    second = start()

    assert second.wait() == 1
    assert "is up already" in second.output


def test_a_taken_port_is_refused_by_name(data: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            cwd=PROJECT,
            env={"KTRDR_DATA_DIR": str(data)},
            capture_output=True,
            text=True,
        )

    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr

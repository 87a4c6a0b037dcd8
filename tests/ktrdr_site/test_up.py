"""`manage.py up`: the whole site of one machine, first start to last process."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running.servers import Servers
from tests.running.stack import PROJECT, wait_until
from tests.running.up import Up


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """There before, as a service manager makes it, for all to read."""
    directory = tmp_path / "a user's data"
    directory.mkdir()
    directory.chmod(0o755)
    return directory


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
    login = (data / "first_login").read_text()
    assert re.fullmatch(r"ktrdr / \S{16}\n", login)
    assert f"sign in  as {data / 'first_login'} says" in up.output
    assert login.split()[-1] not in up.output
    assert [path for path in (data, *data.rglob("*")) if path.lstat().st_mode & 0o077] == []

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

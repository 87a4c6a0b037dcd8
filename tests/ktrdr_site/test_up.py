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


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """There before, as a service manager makes it, for all to read."""
    directory = tmp_path_factory.mktemp("up") / "a user's data"
    directory.mkdir()
    directory.chmod(0o755)
    return directory


Start = Callable[[Path], Up]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Iterator[Start]:
    started: list[Up] = []

    def start_up(data: Path) -> Up:
        started.append(Up(data, tmp_path_factory.mktemp("log") / "up.log", servers.watchdog))
        return started[-1]

    yield start_up
    for running in started:
        running.send(signal.SIGTERM)
        running.wait()
        servers.watchdog.forget(running.pid)


@pytest.fixture(scope="module")
def up(start: Start, data: Path) -> Up:
    """One for all whom it outlives."""
    running = start(data)
    running.wait_until_ready()
    return running


def test_up_serves_the_site_and_tells_its_first_login_to_its_owner_alone(
    up: Up, data: Path
) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/admin/login/") as answer:
        assert answer.status == 200
    login = (data / "first_login").read_text()
    assert re.fullmatch(r"ktrdr / \S{16}\n", login)
    assert f"sign in  as {data / 'first_login'} says" in up.output
    assert login.split()[-1] not in up.output
    assert [path for path in (data, *data.rglob("*")) if path.lstat().st_mode & 0o077] == []


def test_a_killed_worker_is_replaced(up: Up) -> None:
    [worker] = up.workers()

    worker.kill()

    wait_until(lambda: up.workers() not in ([], [worker]), 20, describe=lambda: up.output)


def test_a_second_up_in_the_same_directory_is_refused(up: Up, start: Start, data: Path) -> None:
    second = start(data)

    assert second.wait() == 1
    assert "is up already" in second.output


def test_ctrl_c_ends_everything_in_order_and_a_kill_leaves_nothing(
    start: Start, tmp_path: Path
) -> None:
    first = start(tmp_path)
    first.wait_until_ready()
    children = first.children()
    assert len(children) >= 5

    first.send(signal.SIGINT)

    assert first.wait() == 0
    assert not any(child.is_running() for child in children)
    assert "killed" not in first.output

    second = start(tmp_path)
    second.wait_until_ready()
    assert "as before" in second.output  # its login
    children = second.children()

    second.send(signal.SIGKILL)

    wait_until(lambda: not any(child.is_running() for child in children), 30)


def test_a_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            cwd=PROJECT,
            env={"KTRDR_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
        )

    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr

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


Start = Callable[[], Up]


@pytest.fixture
def start(data: Path, tmp_path: Path, servers: Servers) -> Iterator[Start]:
    started: list[Up] = []

    def start_up() -> Up:
        started.append(Up(data, tmp_path / f"{len(started)}.log", servers.watchdog))
        return started[-1]

    yield start_up
    for running in started:
        running.send(signal.SIGTERM)
        running.wait()
        servers.watchdog.forget(running.pid)


def test_from_the_first_start_to_the_end_of_the_last_process(start: Start, data: Path) -> None:
    first = start()
    first.wait_until_ready()
    assert_it_serves_the_site_and_tells_its_first_login_to_its_owner_alone(first, data)
    assert_a_second_one_in_the_same_directory_is_refused(start)
    assert_a_killed_worker_is_replaced(first)
    assert_ctrl_c_ends_everything_in_order(first)

    second = start()
    second.wait_until_ready()
    assert "as before" in second.output  # its login
    assert_a_kill_leaves_nothing(second)


def assert_it_serves_the_site_and_tells_its_first_login_to_its_owner_alone(
    up: Up, data: Path
) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/admin/login/") as answer:
        assert answer.status == 200
    login = (data / "first_login").read_text()
    assert re.fullmatch(r"ktrdr / \S{16}\n", login)
    assert f"sign in  as {data / 'first_login'} says" in up.output
    assert login.split()[-1] not in up.output
    assert [path for path in (data, *data.rglob("*")) if path.lstat().st_mode & 0o077] == []


def assert_a_second_one_in_the_same_directory_is_refused(start: Start) -> None:
    second = start()
    assert second.wait() == 1
    assert "is up already" in second.output


def assert_a_killed_worker_is_replaced(up: Up) -> None:
    [worker] = up.workers()
    worker.kill()
    wait_until(lambda: up.workers() not in ([], [worker]), 60, describe=lambda: up.output)


def assert_ctrl_c_ends_everything_in_order(up: Up) -> None:
    children = up.children()
    assert len(children) >= 5
    up.send(signal.SIGINT)
    assert up.wait() == 0
    assert not any(child.is_running() for child in children)
    assert "killed" not in up.output


def assert_a_kill_leaves_nothing(up: Up) -> None:
    children = up.children()
    up.send(signal.SIGKILL)
    wait_until(lambda: not any(child.is_running() for child in children), 60)


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

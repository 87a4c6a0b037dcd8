"""Real KTRDR processes for a test: workers, a sweeper, any command, on the test's own servers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ktrdr_site.local.watchdog import Ward, kill_session, session_pids
from tests.running.nursery import Forked, Nursery
from tests.running.servers import Servers

PROJECT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.05


def wait_until(
    condition: Callable[[], object], timeout: float = 30, describe: Callable[[], object] = str
) -> None:
    """Returns once `condition()` is true; fails after `timeout` seconds, saying `describe()`."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Still not true after {timeout:g} s. {describe()}")
        time.sleep(POLL_SECONDS)


class StackProcess:
    """One command in a session of its own; its output goes to a file."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes] | Forked", log: Path) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process
        self._log = log

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def pids(self) -> list[int]:
        """The process and what it forked (a worker's horse) that is still alive."""
        return session_pids(self.pid)

    def send(self, number: signal.Signals) -> None:
        """To the process itself and not to what it forked."""
        self._process.send_signal(number)

    def kill_all(self) -> None:
        """SIGKILL to the process and everything it forked, as when a machine dies."""
        kill_session(self.pid)
        self._process.wait()

    def wait(self, timeout: float = 30) -> int:
        """Returns the exit code."""
        return self._process.wait(timeout)


class Stack:
    """What a test started; everything of it is gone when the test ends."""

    def __init__(
        self, servers: Servers, directory: Path, *, database: str, nursery: Nursery | None = None
    ) -> None:
        self.processes: list[StackProcess] = []
        self._watchdog = servers.watchdog
        self._directory = directory
        self._nursery = nursery
        self._env = {**os.environ, "DATABASE_URL": servers.database_url(database)}

    def start(
        self,
        name: str,
        *arguments: str,
        prefix: Sequence[str] = (),
        afresh: bool = False,
        **env: str,
    ) -> StackProcess:
        """`manage.py` with these arguments; `env` goes on top of the tests' environment.

        `prefix` is a command that runs it elsewhere, and becomes it. Without one it is a fork
        of the nursery where it can be, unless it is to start `afresh`.
        """
        log = self._directory / f"{len(self.processes) + 1}-{name}.log"
        log.touch()  # a fork of the nursery would open it a moment later
        whole = {**self._env, **env}
        started: subprocess.Popen[bytes] | Forked
        nursery = None if prefix or afresh else self._nursery
        if nursery is not None and nursery.can_start(arguments[0], env):
            started = nursery.fork(list(arguments), log=log, env=whole)
        else:
            started = _manage_py(arguments, prefix=prefix, log=log, env=whole)
        process = StackProcess(name, started, log)
        self.processes.append(process)
        self._watchdog.watch(
            Ward(stage=0, pid=process.pid, stop_signal=signal.SIGKILL, grace_seconds=0)
        )
        return process

    def worker(
        self, *arguments: str, prefix: Sequence[str] = (), afresh: bool = False, **env: str
    ) -> StackProcess:
        return self.start("worker", "rqworker", *arguments, prefix=prefix, afresh=afresh, **env)

    def sweeper(self, **env: str) -> StackProcess:
        return self.start("sweeper", "sweep_operations", "--every", "0.5", **env)

    def stop(self) -> None:
        for process in self.processes:
            process.kill_all()
            self._watchdog.forget(process.pid)
        if self._nursery is not None:
            self._nursery.forget_other_settings()


def _manage_py(
    arguments: Sequence[str], *, prefix: Sequence[str], log: Path, env: dict[str, str]
) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(
            [*prefix, sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

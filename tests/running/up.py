"""`manage.py up` for a test, as a user starts it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from ktrdr_site.local.watchdog import Ward, Watchdog
from tests.running.stack import PROJECT, wait_until

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

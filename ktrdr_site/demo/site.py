"""The demo's own site: `manage.py up` in its own data directory."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

from django.conf import settings

from ktrdr_site.local.place import BASE_DIR
from ktrdr_site.local.supervisor import STOP_SIGNALS
from ktrdr_site.local.watchdog import Ward, Watchdog, kill_session, session_pids
from operations import selectors
from operations.models import Process

USUAL_PORT = 8000
START_SECONDS = 120.0
POLL_SECONDS = 0.1
STOP_MARGIN_SECONDS = 40.0
"""`up` gives each of its processes a grace of its own before it kills it."""


class SiteFailed(Exception):
    """The site did not start, or ended; with what it printed last."""


class DemoSite(AbstractContextManager["DemoSite"]):
    def __init__(self) -> None:
        self.port = USUAL_PORT if _is_free(USUAL_PORT) else _free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.log: Path = settings.KTRDR_DATA_DIR / "up.log"

    def __enter__(self) -> "DemoSite":
        self._watchdog = Watchdog()
        with self.log.open("wb") as log:
            self._up = subprocess.Popen(
                [sys.executable, str(BASE_DIR / "manage.py"), "up", "--port", str(self.port)],
                cwd=BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        grace_seconds = settings.KTRDR_SHUTDOWN_GRACE_SECONDS + STOP_MARGIN_SECONDS
        self._watchdog.watch(Ward(stage=0, pid=self._up.pid, grace_seconds=grace_seconds))
        return self

    def __exit__(self, *exception: object) -> None:
        """No second Ctrl-C shortens this: nothing may be left running."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self._up.terminate()
        self._up.wait()
        self._watchdog.close()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (self._answers() and selectors.alive(Process.Kind.WORKER).exists()):
            self.require_running()
            if time.monotonic() > deadline:
                raise SiteFailed(f"Not ready after {START_SECONDS:g} s. {self.last_words()}")
            time.sleep(POLL_SECONDS)

    def require_running(self) -> None:
        if self._up.poll() is not None:
            raise SiteFailed(f"Ended with exit code {self._up.returncode}. {self.last_words()}")

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-20:]
        return "\n".join([f"{self.log} ends with:", *lines])

    def kill_worker(self) -> list[int]:
        """SIGKILL to the worker and its horse, as when a machine dies; returns their pids."""
        worker = selectors.alive(Process.Kind.WORKER).order_by("-started_at").first()
        if worker is None:
            raise SiteFailed(f"There is no worker to kill. {self.last_words()}")
        pids = session_pids(worker.pid)
        kill_session(worker.pid)
        return pids

    def wait_until_stopped(self) -> None:
        """Returns when the site ended by itself; Ctrl-C ends the wait."""
        self._up.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}healthz", timeout=2):  # noqa: S310 (own site)
                return True
        except (urllib.error.URLError, OSError):
            return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

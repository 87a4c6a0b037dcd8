"""A real web process for a test, and what a browser hears from it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ktrdr_site.local.watchdog import Ward
from tests.running.servers import Servers
from tests.running.stack import PROJECT, wait_until

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Web:
    """uvicorn on the test database, as `manage.py up` starts it."""

    def __init__(
        self,
        servers: Servers,
        log: Path,
        *,
        database: str,
        application: str = "ktrdr_site.asgi:application",
        **env: str,
    ) -> None:
        self.port = free_port()
        self._log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                [
                    *(sys.executable, "-m", "uvicorn", application),
                    *("--host", HOST, "--port", str(self.port), "--lifespan", "off"),
                    *("--log-level", "warning", "--timeout-graceful-shutdown", "2"),
                    "--no-proxy-headers",
                ],
                cwd=PROJECT,
                env={**os.environ, "DATABASE_URL": servers.database_url(database), **env},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid
        servers.watchdog.watch(
            Ward(stage=0, pid=self.pid, stop_signal=signal.SIGKILL, grace_seconds=0)
        )
        self._servers = servers
        wait_until(self._answers, 60, describe=lambda: self.output)

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def listen(self, path: str, headers: Mapping[str, str]) -> "Listener":
        return Listener(self.port, path, headers)

    def stop(self) -> int:
        """The exit code."""
        self._popen.terminate()
        code = self._popen.wait(30)
        self._servers.watchdog.forget(self.pid)
        return code

    def _answers(self) -> bool:
        assert self._popen.poll() is None, self.output
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One server-sent event, as its bytes arrived."""

    event: str
    data: str
    number: str


class Listener:
    """Reads a stream on a thread until it ends, or `close`."""

    def __init__(self, port: int, path: str, headers: Mapping[str, str]) -> None:
        self.heard: list[Heard] = []
        self.comments: list[str] = []
        self.has_ended = False
        self._connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self._connection.request("GET", path, headers=dict(headers))
        assert self._connection.sock is not None
        self._socket = self._connection.sock
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.headers = self._response.headers
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def events(self) -> list[str]:
        return [heard.event for heard in self.heard]

    def wait_for(self, event: str, times: int = 1) -> None:
        wait_until(lambda: self.events().count(event) >= times, 20, self._story)

    def wait_for_end(self) -> None:
        wait_until(lambda: self.has_ended, 20, self._story)

    def _story(self) -> str:
        end = "ended" if self.has_ended else "open"
        return f"The stream is {end}, after {len(self.comments)} comments and {self.heard}"

    def close(self) -> None:
        """As when a page is closed."""
        if not self.has_ended:
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._response.close()
        self._connection.close()

    def _listen(self) -> None:
        fields: dict[str, Any] = {}
        try:
            for line in self._response:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if not (name or value) and "event" in fields:
                    self._hear(fields)
                    fields = {}
                elif line.startswith(b":"):
                    self.comments.append(value)
                elif name:
                    fields[name] = value
        except (OSError, http.client.HTTPException):
            pass  # the server went, or the page did
        self.has_ended = True

    def _hear(self, fields: dict[str, str]) -> None:
        self.heard.append(
            Heard(event=fields["event"], data=fields["data"], number=fields.get("id", ""))
        )

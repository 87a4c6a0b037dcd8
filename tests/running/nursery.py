"""Workers and sweepers in a tenth of a second: forks of a process that has loaded all they need.

`manage.py rqworker` needs four seconds before it can take an operation: it imports torch and loads
the kernel. A nursery has done that once per run of the tests. What it forks leads a session of its
own, runs `manage.py`'s own function, and is from then on a worker like any other: real processes,
real signals, real horses. Only what is read when Django reads its settings cannot differ: whoever
needs other settings starts a `manage.py` afresh (`Stack.start` decides).
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ktrdr_site.local.watchdog import Ward
from tests.running.servers import Servers

COMMANDS = ("rqworker", "sweep_operations")
READ_LATE = {"KTRDR_FAILPOINTS", "KTRDR_FAILPOINTS_ONCE", "PYTEST_CURRENT_TEST"}
"""Variables that no setting is made of: they are read when they are needed, if at all."""

POLL_SECONDS = 0.02


class Forked:
    """A process that the nursery forked; to be used like a `subprocess.Popen`."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery

    def poll(self) -> int | None:
        """The exit code; None while it runs. Until it was asked for, the pid is no one else's."""
        if self.returncode is None:
            self.returncode = self._nursery.exit_code(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        began = time.monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() - began > timeout:
                raise subprocess.TimeoutExpired(f"the nursery's process {self.pid}", timeout)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class Nursery:
    """The tests' end; the other process starts with the first fork."""

    def __init__(self, servers: Servers, log: Path, *, database: str) -> None:
        self._env = {**os.environ, "DATABASE_URL": servers.database_url(database)}
        self._log = log
        self._watchdog = servers.watchdog
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the process that has loaded everything."""
        assert self._process is not None
        return self._process.pid

    def can_start(self, command: str, env: dict[str, str]) -> bool:
        """Whether a fork is what a `manage.py` with this environment would be."""
        changed = {name for name, _ in env.items() ^ self._env.items()}
        return command in COMMANDS and changed <= READ_LATE

    def fork(self, arguments: list[str], *, log: Path, env: dict[str, str]) -> Forked:
        """A process that runs `manage.py` with these arguments; its output goes to `log`."""
        late = {name: env.get(name) for name in READ_LATE}
        pid = self._ask({"arguments": arguments, "log": str(log), "env": late})
        return Forked(self, int(pid))

    def exit_code(self, pid: int) -> int | None:
        """Minus the signal's number for what a signal ended."""
        code: int | None = self._ask({"exit_code_of": pid})
        return code

    def stop(self) -> None:
        """What it forked, a stack has ended by now."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._watchdog.forget(self._process.pid)
        for end in (self._requests, self._answers, self._socket):
            end.close()

    def _ask(self, request: dict[str, Any]) -> Any:
        if self._process is None:
            self._start()
        self._requests.write(json.dumps(request) + "\n")
        self._requests.flush()
        answer = self._answers.readline()
        assert answer, f"The nursery has ended:\n{self._log.read_text(errors='replace')}"
        return json.loads(answer)

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs, self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.running.nursery", str(theirs.fileno())],
                cwd=Path(__file__).resolve().parents[2],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[theirs.fileno()],
            )
        self._watchdog.watch(Ward(stage=1, pid=self._process.pid, stop_signal=signal.SIGKILL))
        self._requests, self._answers = self._socket.makefile("w"), self._socket.makefile("r")


def _serve(requests: socket.socket) -> list[str] | None:
    """Returns in the forks, with their arguments; and in the nursery when no one asks any more."""
    with requests.makefile("r") as lines, requests.makefile("w") as answers:
        for line in lines:
            request = json.loads(line)
            if "exit_code_of" in request:
                answer = _exit_code(request["exit_code_of"])
            elif (answer := os.fork()) == 0:
                break
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
        else:
            return None
    requests.close()
    _leave_home(Path(request["log"]), request["env"])
    arguments: list[str] = request["arguments"]
    return arguments


def _leave_home(log: Path, env: dict[str, str | None]) -> None:
    """A session, an output and an environment of its own, as a new process has."""
    os.setsid()
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    for name, value in env.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _exit_code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    from training.worker import preload

    preload()
    arguments = _serve(socket.socket(fileno=int(sys.argv[1])))
    if arguments is not None:
        sys.argv = ["manage.py", *arguments]
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

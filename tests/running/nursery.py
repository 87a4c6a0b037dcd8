"""Workers, sweepers and imports in a tenth of a second: forks of a process that has loaded it all.

`manage.py rqworker` needs two and a half seconds of a processor before it can take an operation.
Most of them it imports torch and what else reads no setting: the nursery has done that once per run
of the tests. For each environment it forks a mother, which reads the settings and loads the kernel.
What a mother forks leads a session of its own, runs `manage.py`'s own function, and is from then on
a worker like any other: real processes, real signals, real horses. Whoever changes what a library
reads when it is loaded starts a `manage.py` afresh (`Stack.start` decides).
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ktrdr_site.local.watchdog import Ward, kill_session
from tests.running.servers import Servers

COMMANDS = ("rqworker", "sweep_operations", "import_market_data")
READ_LATE = {"KTRDR_FAILPOINTS", "KTRDR_FAILPOINTS_ONCE", "PYTEST_CURRENT_TEST"}
"""Variables that no setting is made of: they are read when they are needed, if at all."""
OF_SETTINGS = re.compile(r"(KTRDR|AWS)_\w+|DATABASE_URL|REDIS_URL|DJANGO_SETTINGS_MODULE")
"""Variables that are read when Django reads its settings, or later."""

MOST_BYTES = 65_536
"""Of an order for a mother."""

Changes = dict[str, str | None]
"""Variables of an environment that differ from the tests'; None where one is missing."""

POLL_SECONDS = 0.02


class Forked:
    """A process that a mother forked; to be used like a `subprocess.Popen`."""

    def __init__(self, mother: "Mother", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._mother = mother

    def poll(self) -> int | None:
        """The exit code; None while it runs. Until it was asked for, the pid is no one else's."""
        if self.returncode is None:
            self.returncode = self._mother.ask({"exit_code_of": self.pid})
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


class Mother:
    """The tests' end of a process that has loaded everything; it ends when this end is closed."""

    def __init__(self, ours: socket.socket, log: Path) -> None:
        self._log = log
        self._requests, self._answers = ours.makefile("w"), ours.makefile("r")
        ours.close()  # once both files are

    def ask(self, request: dict[str, Any]) -> Any:
        """The number of a process, or minus the number of the signal that ended it."""
        self._requests.write(json.dumps(request) + "\n")
        self._requests.flush()
        answer = self._answers.readline()
        assert answer, f"The nursery has ended:\n{self._log.read_text(errors='replace')}"
        return json.loads(answer)

    def close(self) -> None:
        self._requests.close()
        self._answers.close()


class Nursery:
    """The tests' end; the other process starts with the first fork, and so does each mother."""

    def __init__(self, servers: Servers, log: Path, *, database: str) -> None:
        self._env = {**os.environ, "DATABASE_URL": servers.database_url(database)}
        self._log = log
        self._watchdog = servers.watchdog
        self._process: subprocess.Popen[bytes] | None = None
        self._mothers: dict[str, Mother] = {}

    @property
    def pid(self) -> int:
        """Of the process that every other one here descends from."""
        assert self._process is not None
        return self._process.pid

    def can_start(self, command: str, changes: Mapping[str, str]) -> bool:
        """Whether a fork is what a `manage.py` with these changes of the environment would be."""
        return command in COMMANDS and all(map(OF_SETTINGS.fullmatch, changes.keys() - READ_LATE))

    def fork(self, arguments: list[str], *, log: Path, env: Mapping[str, str]) -> Forked:
        """A process that runs `manage.py` with these arguments; its output goes to `log`."""
        late: Changes = {name: env.get(name) for name in READ_LATE}
        mother = self._mother(self._changes(env))
        return Forked(mother, mother.ask({"arguments": arguments, "log": str(log), "env": late}))

    def forget_other_settings(self) -> None:
        """The mothers end that serve other settings than the tests' own."""
        for key in self._mothers.keys() - {_key({})}:
            self._mothers.pop(key).close()

    def stop(self) -> None:
        """What it forked, a stack has ended by now."""
        if self._process is None:
            return
        self._orders.close()
        for mother in self._mothers.values():
            mother.close()
        kill_session(self._process.pid)
        self._process.wait()
        self._watchdog.forget(self._process.pid)

    def _changes(self, env: Mapping[str, str]) -> Changes:
        """Of settings; what a library writes into the environment when it is loaded is none."""
        names = {name for name, _ in env.items() ^ self._env.items() if OF_SETTINGS.fullmatch(name)}
        return {name: env.get(name) for name in names}

    def _mother(self, changes: Changes) -> Mother:
        changes = {name: value for name, value in changes.items() if name not in READ_LATE}
        if (key := _key(changes)) not in self._mothers:
            self._mothers[key] = self._raise_mother(changes)
        return self._mothers[key]

    def _raise_mother(self, changes: Changes) -> Mother:
        if self._process is None:
            self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._orders, [json.dumps(changes).encode()], [theirs.fileno()])
        return Mother(ours, self._log)

    def _start(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
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


def _key(changes: Changes) -> str:
    return json.dumps(changes, sort_keys=True)


def _fork_mothers(orders: socket.socket) -> tuple[Changes, socket.socket] | None:
    """Returns in the mothers, with what each was told; and here when no one orders any more."""
    while True:
        order, files, _, _ = socket.recv_fds(orders, MOST_BYTES, 1)
        if not order:
            return None
        if os.fork() == 0:
            orders.close()
            return json.loads(order), socket.socket(fileno=files[0])
        os.close(files[0])


def _serve(requests: socket.socket) -> list[str] | None:
    """Returns in the forks, with their arguments; and in the mother when no one asks any more."""
    with requests.makefile("r") as lines, requests.makefile("w") as answers:
        for line in lines:
            request = json.loads(line)
            if "exit_code_of" in request:
                answer = _exit_code(request["exit_code_of"])
            elif (answer := _fork_into_a_session()) == 0:
                break
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
        else:
            return None
    requests.close()
    _leave_home(Path(request["log"]), request["env"])
    arguments: list[str] = request["arguments"]
    return arguments


def _fork_into_a_session() -> int:
    """As `os.fork`, of a process that leads a session by the time that its pid is told: killed a
    moment earlier, it would not be found there, and its killer would wait for it for ever."""
    leading, leads = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
    os.close(leads)
    if pid != 0:
        os.read(leading, 1)  # its end: the other one has closed it
    os.close(leading)
    return pid


def _leave_home(log: Path, env: Changes) -> None:
    """An output and an environment of its own, as a new process has."""
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    _change_environment(env)


def _change_environment(changes: Changes) -> None:
    for name, value in changes.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _exit_code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _load_what_reads_no_setting() -> None:
    import django.core.management
    import numba
    import polars
    import rq
    import talib

    import training.trainer.device  # as everywhere: it says how torch is to load

    _ = django, numba, polars, rq, talib, training


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ktrdr_site.settings")
    _load_what_reads_no_setting()
    mother = _fork_mothers(socket.socket(fileno=int(sys.argv[1])))
    if mother is None:
        return
    changes, requests = mother
    _change_environment(changes)
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    from training.worker import preload

    preload()
    arguments = _serve(requests)
    if arguments is not None:
        sys.argv = ["manage.py", *arguments]
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

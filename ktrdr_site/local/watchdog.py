"""Ends a program's children when the program was killed and could not do it itself.

The watchdog is a process of its own, started by the program and told of each child. While the
program lives it does nothing. Once the program is gone it ends what is left, stage by stage, as the
program would have. Every child leads a session, so whatever it forked is found and ended with it.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

POLL_SECONDS = 0.05
KILL_POLL_SECONDS = 0.005
PARENT_POLL_SECONDS = 1.0
"""A process that the program forked may hold the pipe open: so the parent is looked at, too."""


@dataclass(frozen=True, kw_only=True)
class Ward:
    """A child and how it is to be ended."""

    stage: int
    """Lower stages end before higher ones are told."""
    pid: int
    """Also the id of the session it leads."""
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 5.0
    """Between the stop signal and SIGKILL."""


class Watchdog:
    """The program's end of the pipe."""

    def __init__(self, *, holding: Sequence[int] = ()) -> None:
        """`holding`: file descriptors, a lock's say, to keep open until the last child is gone."""
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), str(os.getpid())],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=holding,
            cwd="/",
        )

    def watch(self, ward: Ward) -> None:
        self._tell(f"+ {ward.stage} {ward.pid} {ward.stop_signal:d} {ward.grace_seconds}")

    def forget(self, pid: int) -> None:
        """The child has ended and been waited for: its pid may soon be another's."""
        self._tell(f"- {pid}")

    def close(self) -> None:
        """Returns once the watchdog has ended, and with it whatever was still being watched."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # somebody killed it: the program goes on without
            self._process.stdin.write(f"{line}\n".encode())


def session_pids(leader: int) -> list[int]:
    """Everything alive in the session that `leader` leads; zombies are not."""
    return [pid for pid in _all_pids() if _session_of(pid) == leader and not _is_zombie(pid)]


def kill_session(leader: int) -> None:
    """Returns once nothing in it is alive."""
    while pids := session_pids(leader):
        for pid in pids:
            _signal(pid, signal.SIGKILL)
        time.sleep(KILL_POLL_SECONDS)


def end_stage(wards: Iterable[Ward]) -> None:
    """Stop signal to each, and SIGKILL to what is left of its session when its grace is over."""
    began = time.monotonic()
    left = list(wards)
    for ward in left:
        _signal(ward.pid, ward.stop_signal)
    while left := [ward for ward in left if session_pids(ward.pid)]:
        for ward in left:
            if time.monotonic() - began >= ward.grace_seconds:
                kill_session(ward.pid)
        time.sleep(POLL_SECONDS)


def _all_pids() -> list[int]:
    proc = Path("/proc")
    if proc.is_dir():
        return [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()]
    listing = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid="], capture_output=True, text=True, check=True
    )
    return [int(pid) for pid in listing.stdout.split()]


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _is_zombie(pid: int) -> bool:
    try:
        # "pid (name) state …": the name may hold spaces and parentheses.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _listen(parent: int) -> dict[int, Ward]:
    """Returns who is still being watched once the program has closed the pipe or died."""
    wards: dict[int, Ward] = {}
    unread = b""
    while received := _receive(parent):
        *lines, unread = (unread + received).split(b"\n")
        for line in lines:
            _note(line.split(), wards)
    return wards


def _receive(parent: int) -> bytes:
    """What the program wrote next, even just before its end; nothing once it is gone."""
    while True:
        gone = os.getppid() != parent
        if select.select([sys.stdin], [], [], 0 if gone else PARENT_POLL_SECONDS)[0]:
            return os.read(sys.stdin.fileno(), 65536)
        if gone:
            return b""


def _note(words: list[bytes], wards: dict[int, Ward]) -> None:
    if words[0] == b"-":
        wards.pop(int(words[1]), None)
        return
    stage, pid, stop_signal, grace_seconds = words[1:]
    wards[int(pid)] = Ward(
        stage=int(stage),
        pid=int(pid),
        stop_signal=int(stop_signal),
        grace_seconds=float(grace_seconds),
    )


def main() -> None:
    wards = _listen(parent=int(sys.argv[1]))
    by_stage = sorted(wards.values(), key=lambda ward: ward.stage)
    for _, stage in groupby(by_stage, key=lambda ward: ward.stage):
        end_stage(stage)


if __name__ == "__main__":
    main()

"""A process that has to run, over all its restarts.

Each leads a session of its own, so that Ctrl-C reaches the supervisor alone and whatever it forked
can be found when it has to end.
"""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ktrdr_site.local.child_output import ChildOutput
from ktrdr_site.local.place import BASE_DIR
from ktrdr_site.local.watchdog import Ward, Watchdog, kill_session, session_pids

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 10.0
"""Who ran for this long starts again after the first, short pause."""


@dataclass(frozen=True, kw_only=True)
class Service:
    name: str
    command: Sequence[str]
    stage: int
    """Lower stages are stopped, and waited for, before higher ones."""
    grace_seconds: float
    """Between SIGTERM and SIGKILL."""


class RunningService:
    def __init__(self, service: Service, *, watchdog: Watchdog, output: ChildOutput) -> None:
        self.service = service
        self._watchdog = watchdog
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None
        self._orphaned: set[int] = set()
        """Sessions whose leader is dead, and which something it forked still holds."""
        self._started_at = 0.0
        self._due_at = float("inf")
        self._pause_seconds = FIRST_PAUSE_SECONDS

    def start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            self.service.command,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._watchdog.watch(
            Ward(
                stage=self.service.stage,
                pid=self._process.pid,
                grace_seconds=self.service.grace_seconds,
            )
        )
        assert self._process.stdout is not None
        self._output.follow(self.service.name, self._process.stdout)
        self._started_at, self._due_at = time.monotonic(), float("inf")
        return self._process

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._due_at

    def collect(self) -> int | None:
        """The exit code if the process has ended since the last look; its restart is planned."""
        self._let_empty_sessions_go()
        if self._process is None or self._process.poll() is None:
            return None
        code = self._process.returncode
        self._orphaned.add(self._process.pid)
        self._process = None
        self._plan_restart()
        return code

    def is_left(self) -> bool:
        """Whether anything of it still runs: the process, or what an earlier one forked."""
        self.collect()
        self._let_empty_sessions_go()
        return self._process is not None or bool(self._orphaned)

    def terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        for leader in [*self._orphaned, *([self._process.pid] if self._process else [])]:
            kill_session(leader)

    def _plan_restart(self) -> None:
        if time.monotonic() - self._started_at > STEADY_SECONDS:
            self._pause_seconds = FIRST_PAUSE_SECONDS
        self._due_at = time.monotonic() + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)

    def _let_empty_sessions_go(self) -> None:
        for leader in [leader for leader in self._orphaned if not session_pids(leader)]:
            self._orphaned.discard(leader)
            self._watchdog.forget(leader)

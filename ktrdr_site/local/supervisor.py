"""Keeps a site's processes running, and ends them in order.

One thread: it starts services, reads what they print, restarts what ended, and waits for a signal.
"""

import signal
import subprocess
import time
from collections.abc import Callable
from types import FrameType

from ktrdr_site.local.child_output import ChildOutput, Say
from ktrdr_site.local.service import RunningService, Service
from ktrdr_site.local.watchdog import Watchdog

TICK_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    def __init__(self, *, watchdog: Watchdog, say: Say) -> None:
        self._watchdog = watchdog
        self._say = say
        self._output = ChildOutput(say)
        self._services: list[RunningService] = []
        self._stop_requested = False

    def listen_to_signals(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self._request_stop)

    def start(self, service: Service) -> subprocess.Popen[bytes]:
        running = RunningService(service, watchdog=self._watchdog, output=self._output)
        self._services.append(running)
        return running.start()

    def run(self, *, each_tick: Callable[[], None]) -> None:
        """Returns when a stop was asked for; the services still run then."""
        while not self._stop_requested:
            self._output.pump(TICK_SECONDS)
            for running in self._services:
                self._keep(running)
            each_tick()

    def stop(self) -> None:
        """Returns once nothing is left of any service; each stage had its grace to end in order."""
        for stage in sorted({running.service.stage for running in self._services}):
            self._stop_stage([it for it in self._services if it.service.stage == stage])
        self._output.pump(0)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        if self._stop_requested:
            self._say("up", "stopping already: a running training is saving its state")
        self._stop_requested = True

    def _keep(self, running: RunningService) -> None:
        code = running.collect()
        if code is not None:
            self._say("up", f"{running.service.name} ended (exit code {code}) and is started again")
        if running.is_due:
            running.start()

    def _stop_stage(self, left: list[RunningService]) -> None:
        for running in left:
            running.terminate()
        began = time.monotonic()
        while left := [running for running in left if running.is_left()]:
            self._output.pump(TICK_SECONDS)
            for running in left:
                if time.monotonic() - began > running.service.grace_seconds:
                    self._say("up", f"{running.service.name} did not end in time and is killed")
                    running.kill()

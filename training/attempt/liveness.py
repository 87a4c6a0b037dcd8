"""The side thread of a horse: it keeps the lease alive, on a connection of its own.

It renews only while the training thread moves, hears of cancels and take-overs, and ends a process
that was superseded, or has stalled, and does not end by itself.
"""

import logging
import os
import signal
import threading
import time

from django.conf import settings

from checkpoints.failpoints import failpoint
from operations.errors import Superseded
from operations.outage import DATABASE_AWAY, DATABASE_FAULT, forget_connections
from operations.selectors import Standing, standing
from training.attempt.captured_log import CapturedLog
from training.attempt.horse import Horse
from training.attempt.requests import StopReason
from training.attempt.run_context import RunContext

logger = logging.getLogger(__name__)

LONGEST_LOOK_SECONDS = 1.0  # between two looks: a cancel is seen within it


class Liveness(threading.Thread):
    """`with Liveness(run, horse, log): …` for as long as the attempt runs."""

    def __init__(self, run: RunContext, horse: Horse, log: CapturedLog) -> None:
        super().__init__(name="liveness", daemon=True)
        self._run = run
        self._horse = horse
        self._log = log
        self._over = threading.Event()
        self._seen_boundaries = -1
        self._moved_at = self._beat_at = time.monotonic()
        self._condemned_at: float | None = None

    def __enter__(self) -> "Liveness":
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        self.join()
        try:
            self._log.write_down(in_the_end=True)
        except DATABASE_FAULT as error:  # only its last lines are missing
            logger.warning("the end of the log could not be written: %s", error)

    def run(self) -> None:
        look_seconds = min(LONGEST_LOOK_SECONDS, settings.KTRDR_HEARTBEAT_SECONDS)
        while not self._over.wait(look_seconds):
            self._horse.watch.moved()
            try:
                self._look()
            except Superseded:
                self._run.requests.stop(StopReason.SUPERSEDED)
            except DATABASE_AWAY as error:
                logger.warning("%s: the database is away: %s", self._run.operation_id, error)
                forget_connections()
            except MemoryError:  # the training may have it; it is about to end with its own words
                logger.warning("%s: there is no memory for a look", self._run.operation_id)
            except Exception:  # without this thread nobody renews the lease: as if it had died
                logger.exception("%s cannot be kept alive", self._run.operation_id)
                os.kill(os.getpid(), signal.SIGKILL)
            self._end_what_does_not_end()
        forget_connections()

    def _look(self) -> None:
        if self._horse.lost_its_worker:
            self._run.requests.stop(StopReason.SHUTDOWN)
        self._ask_the_database()
        self._run.journal.try_write_down()  # while a save writes it, the lease must not wait
        self._log.write_down()
        self._run.ask_for_save_if_due()
        if time.monotonic() - self._beat_at >= settings.KTRDR_HEARTBEAT_SECONDS:
            self._beat()
        self._run.requests.report()

    def _ask_the_database(self) -> None:
        now_standing = standing(self._run.operation_id, self._run.attempt)
        if now_standing is Standing.CANCEL_REQUESTED:
            self._run.requests.stop(StopReason.CANCEL)
        elif now_standing is Standing.SUPERSEDED:
            self._run.requests.stop(StopReason.SUPERSEDED)

    def _beat(self) -> None:
        """Renew the lease, with the last report; not for a training that has stopped moving."""
        if self._is_stalled():
            return
        failpoint("heartbeat.begin")
        held = self._run.beat()
        failpoint("heartbeat.end")
        self._beat_at = time.monotonic()
        if not held:
            raise Superseded(operation_id=self._run.operation_id, attempt=self._run.attempt)

    def _is_stalled(self) -> bool:
        if self._run.boundaries != self._seen_boundaries:
            self._seen_boundaries, self._moved_at = self._run.boundaries, time.monotonic()
        return time.monotonic() - self._moved_at > settings.KTRDR_STALL_SECONDS

    def _end_what_does_not_end(self) -> None:
        """A training thread that hangs hears of no stop, and its worker waits for it."""
        if self._run.requests.stop_reason is not StopReason.SUPERSEDED and not self._is_stalled():
            self._condemned_at = None
            return
        self._condemned_at = self._condemned_at or time.monotonic()
        if time.monotonic() - self._condemned_at > settings.KTRDR_SHUTDOWN_GRACE_SECONDS:
            logger.error("%s hangs and is ended", self._run.operation_id)
            os.kill(os.getpid(), signal.SIGKILL)

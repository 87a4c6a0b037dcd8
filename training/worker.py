"""The RQ worker: takes a ring from the queue and forks a horse that runs the attempt.

It listens to rings only (`operations/doorbell/`). What RQ lacks besides: a SIGTERM must reach the
horse, which then saves and hands its operation on; a Redis outage must not end a busy worker; and a
horse that hangs must go.
"""

import gc
import logging
import os
import signal
import threading
import time
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import connections
from rq import Queue
from rq.executions import Execution
from rq.job import Job

from checkpoints.failpoints import failpoint
from operations.doorbell.worker import DoorbellWorker
from operations.models import Process
from operations.outage import DATABASE_AWAY
from operations.upkeep import presence
from training.attempt import horse
from training.trainer.device import local_devices

logger = logging.getLogger(__name__)

DEQUEUE_MARGIN_SECONDS = 15  # RQ blocks on the queue for its worker_ttl less this


class Presence(Enum):
    """What a worker says of itself."""

    STARTING = "starting"
    THERE = "there"
    LEAVING = "leaving"


class TrainingWorker(DoorbellWorker):
    """One worker process; it serves the queues it was given, in strict order."""

    _told_at = float("-inf")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        beat_seconds = max(1, round(settings.KTRDR_HEARTBEAT_SECONDS))
        kwargs["name"] = presence.unique_name(kwargs.get("name"))
        kwargs["worker_ttl"] = DEQUEUE_MARGIN_SECONDS + beat_seconds
        kwargs["job_monitoring_interval"] = beat_seconds
        super().__init__(*args, **kwargs)

    def work(self, *args: Any, **kwargs: Any) -> bool:
        self._tell_the_database(Presence.STARTING)
        try:
            preload()
            logger.info(
                "worker %s on %s serves %s",
                self.name,
                " and ".join(local_devices()),
                ", ".join(self.queue_names()),
            )
            return super().work(*args, **kwargs)
        finally:
            if not self.is_horse:
                self._tell_the_database(Presence.LEAVING)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ has three for each ring; the database is told as often as it has to hear."""
        super().heartbeat(timeout, pipeline)
        is_due = time.monotonic() - self._told_at >= settings.KTRDR_HEARTBEAT_SECONDS / 2
        if is_due and not self.is_horse:
            self._told_at = time.monotonic()
            self._tell_the_database()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """A connection that was open here would be shared by every later horse."""
        failpoint("worker.popped")
        connections.close_all()
        super().execute_job(job, queue)

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """No signal may meet a horse that has not yet its own way to take it."""
        self._watch = horse.Watch()
        signal.pthread_sigmask(signal.SIG_BLOCK, horse.STOP_SIGNALS)
        try:
            super().fork_work_horse(job, queue)  # the child never returns from here
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, horse.STOP_SIGNALS)

    def setup_work_horse_signals(self) -> None:
        horse.become_horse(self._watch)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, horse.STOP_SIGNALS)

    def begins(self, job: Job) -> None:
        horse.this_horse().watch.begins(job.description or job.id)

    def has_to_end(self) -> bool:
        this_horse = horse.this_horse()
        this_horse.watch.moved()
        return this_horse.has_to_end

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        if self._watch.silent_seconds() > settings.KTRDR_STALL_SECONDS:
            logger.error("horse %d has stopped moving and is killed", self.horse_pid)
            self.kill_horse()
        super().maintain_heartbeats(job, execution)

    def wait_for_horse(self) -> tuple[int | None, int | None, Any]:
        """RQ would name the ring for which it was forked, and which may long be answered."""
        pid, status, usage = super().wait_for_horse()
        if status:
            logger.error(
                "horse %d ended before its time, with exit code %d, at %s",
                *(pid, os.waitstatus_to_exitcode(status), self._watch.last_begun()),
            )
        return pid, os.EX_OK, usage

    def handle_warm_shutdown_request(self) -> None:
        """Pass SIGTERM on to the horse alone: its group holds whatever it started."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)
            deadline = threading.Timer(settings.KTRDR_SHUTDOWN_GRACE_SECONDS, self._out_of_grace)
            deadline.daemon = True
            deadline.start()

    def request_force_stop(self, signum: int, frame: Any) -> None:
        """A second signal changes nothing: the horse is saving, and its grace is running."""
        logger.info("worker %s is stopping already", self.name)

    def _out_of_grace(self) -> None:
        if self.horse_pid:
            logger.error("horse %d outlived the grace and is killed", self.horse_pid)
            self.kill_horse()

    def _tell_the_database(self, what: Presence = Presence.THERE) -> None:
        try:
            if what is Presence.LEAVING:
                presence.leave(Process.Kind.WORKER, self.name)
            elif what is Presence.STARTING:
                presence.starting(self.name)
            else:
                presence.beat(
                    Process.Kind.WORKER,
                    self.name,
                    queues=self.queue_names(),
                    devices=local_devices(),
                )
        except DATABASE_AWAY as error:
            logger.warning("worker %s could not tell the database: %s", self.name, error)
        finally:
            connections.close_all()


def preload() -> None:
    """Do once what every horse would begin with, so that its first step comes 1.5 s sooner.

    Nothing that starts threads: a tensor operation here, on several, would hang the children.
    """
    import numpy as np

    import training.jobs  # noqa: F401  # with all of an attempt
    from training.features import cache
    from training.features.labels.volatility import log_returns
    from training.market_data.samples import SAMPLES, load_sample
    from training.strategy import Strategy, find_strategy
    from training.trained.from_bars.source import reader_source
    from training.trainer.engines import kernel
    from training.trainer.fingerprint import this_machine

    cache.code_version()
    this_machine()
    reader_source()
    for symbol, timeframe in SAMPLES:
        load_sample(symbol, timeframe)
    Strategy.from_snapshot(find_strategy("sp500_daily").load().strategy.snapshot())
    log_returns(np.ones(2))  # numba prepares itself at the first call, in 0.5 s
    logger.info(
        "loading the kernel; where `manage.py compile` has not run it compiles for half a minute"
    )
    if reason := kernel.unavailable():
        logger.warning("autograd trains every network: the kernel cannot be compiled: %s", reason)
    gc.collect()
    gc.freeze()

"""Make a training's snapshots durable beside the training: at most one is in flight."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from checkpoints import store
from checkpoints.errors import StorageUnreachableError
from checkpoints.models import Checkpoint, CheckpointType
from operations import lifecycle, restore_point
from operations.errors import Superseded
from operations.models import EventType
from operations.outage import DATABASE_AWAY, forget_connections
from training.attempt.journal import Epochs, Journal, insert_metrics
from training.out_of_memory import ran_out_of_memory
from training.trainer.state import Snapshot

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 300.0
FINAL_RETRY_SECONDS = 0.5
SECONDS_BETWEEN_LINES = 2.0
CONNECTION_SECONDS = 10.0
"""Where saves follow each other as quickly, their connection stays from one to the next: a new one
takes 2 ms, and PostgreSQL a process. Where they do not, it would be idle most of the time."""


class SaveFailed(Exception):
    """A checkpoint could not be made durable; the training and older checkpoints are unharmed."""


class CheckpointSaver:
    """The only place where an attempt's checkpoints are written.

    No checkpoint without the metrics of every epoch in it: what waits in the journal becomes
    durable in the same transaction. An attempt that goes on from it never trains them again.
    """

    def __init__(self, operation_id: str, attempt: int, *, journal: Journal, keep: int) -> None:
        self.last_error = ""
        """Why the newest save failed; empty when it did not."""
        self._operation_id = operation_id
        self._attempt = attempt
        self._journal = journal
        self._keep = keep
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoint")
        self._in_flight: Future[None] | None = None
        self._handed_over: Callable[[], None] | None = None
        self._failures = 0
        self._told_at = 0.0
        self._began = 0.0
        self._not_before = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether a save may begin now: none is in flight, and a failed one has had its pause."""
        in_flight = self._in_flight is not None and not self._in_flight.done()
        is_idle = self._handed_over is None and not in_flight
        return is_idle and time.monotonic() >= self._not_before

    def save_beside(self, snapshot: Snapshot, metrics: Mapping[str, Any]) -> None:
        """Take over a periodic save, for `begin`. Its failure shows on the operation, and is tried
        again at a later occasion; it never ends the training."""
        self._handed_over = partial(self._save_periodic, snapshot, metrics)

    def begin(self) -> None:
        """Begin the save that was handed over, if there is one, and return.

        To be called when the training thread is about to leave Python for a while: before, the two
        would take turns at the interpreter, and the training wait for its next epoch.
        """
        if self._handed_over is not None:
            self._in_flight = self._thread.submit(self._handed_over)
            self._handed_over = None

    def save_now(
        self,
        snapshot: Snapshot,
        checkpoint_type: str,
        metrics: Mapping[str, Any],
        *,
        grace_seconds: float,
    ) -> bool:
        """Save before the attempt ends, trying as long as the grace lasts. False when it did not
        succeed: then an older checkpoint is the newest. Raises `Superseded`."""
        self.wait()
        deadline = time.monotonic() + grace_seconds
        began = time.monotonic()
        staged: store.StagedCheckpoint | None = None
        while True:
            try:
                is_retry = staged is not None
                staged = staged or self._stage(snapshot, checkpoint_type)
                self._commit(staged, metrics, began, is_retry=is_retry)
                return True
            except SaveFailed as failed:
                if time.monotonic() + FINAL_RETRY_SECONDS > deadline:
                    self._report(str(failed))
                    return False
                time.sleep(FINAL_RETRY_SECONDS)

    def wait(self) -> None:
        """Until nothing is in flight."""
        self.begin()
        if self._in_flight is not None:
            self._in_flight.result()

    def close(self) -> None:
        """Wait, and leave no connection behind."""
        self.wait()
        if self._in_flight is not None:  # its thread has been at work
            self._in_flight = self._thread.submit(forget_connections)
            self.wait()

    def let_go(self) -> None:
        """Its thread ends, and its connection: the process may go on with another attempt."""
        if self._in_flight is not None:
            self._thread.submit(forget_connections)
        self._thread.shutdown()

    def _save_periodic(self, snapshot: Snapshot, metrics: Mapping[str, Any]) -> None:
        began, last_began = time.monotonic(), self._began
        self._began = began
        try:
            self._commit(self._stage(snapshot, "periodic"), metrics, began)
            self._failures, self._not_before, self.last_error = 0, 0.0, ""
        except SaveFailed as failed:
            self._report(str(failed))
        except Superseded as superseded:
            logger.info("%s", superseded)  # the side thread sees it too, and stops the training
        finally:
            if began - last_began > CONNECTION_SECONDS:
                forget_connections()

    def _stage(self, snapshot: Snapshot, checkpoint_type: str) -> store.StagedCheckpoint:
        try:
            return store.stage(
                operation_id=self._operation_id,
                attempt=self._attempt,
                epoch=snapshot.position.epoch,
                batch=snapshot.position.batch,
                checkpoint_type=checkpoint_type,
                artifacts=snapshot.artifacts(),
            )
        except StorageUnreachableError as error:
            raise SaveFailed(str(error)) from error
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
            raise SaveFailed("there is not enough memory to write it") from error

    def _commit(
        self,
        staged: store.StagedCheckpoint,
        metrics: Mapping[str, Any],
        began: float,
        *,
        is_retry: bool = False,
    ) -> None:
        """Insert the rows; may be repeated after a lost answer. Raises `Superseded`."""
        try:
            if is_retry and self._was_committed(staged):
                return
            with self._journal.handed_over() as epochs:
                checkpoint = self._insert(staged, epochs, metrics, began)
            self._tell_saved(checkpoint, round(time.monotonic() - began, 4))
        except Superseded:
            store.discard(staged)
            raise
        except DATABASE_AWAY as error:
            # Perhaps only the answer was lost: so the files stay. If they have no row, the orphan
            # sweep removes them when this attempt is over.
            forget_connections()
            raise SaveFailed(f"the database is away: {error}") from error

    def _was_committed(self, staged: store.StagedCheckpoint) -> bool:
        """Behind the fence: until an earlier try has ended, one way or the other, it waits."""
        with lifecycle.fenced(self._operation_id, self._attempt):
            return Checkpoint.objects.filter(directory=staged.directory).exists()

    def _insert(
        self,
        staged: store.StagedCheckpoint,
        epochs: Epochs,
        metrics: Mapping[str, Any],
        began: float,
    ) -> Checkpoint:
        """The journal's rows and the checkpoint's, both or neither."""
        with lifecycle.fenced(
            self._operation_id,
            self._attempt,
            EventType.CHECKPOINT_SAVED,
            progress=epochs.progress,
        ) as event:
            insert_metrics(self._operation_id, self._attempt, epochs.metrics)
            checkpoint = store.commit(staged, keep=self._keep, metrics=metrics)
            event.update(
                restore_point.describe(checkpoint),
                size_bytes=checkpoint.size_bytes,
                seconds=round(time.monotonic() - began, 4),
            )
        return checkpoint

    def _tell_saved(self, checkpoint: Checkpoint, seconds: float) -> None:
        """In the log; where periodic ones follow each other quickly, now and then."""
        is_periodic = checkpoint.checkpoint_type == CheckpointType.PERIODIC
        if is_periodic and time.monotonic() - self._told_at < SECONDS_BETWEEN_LINES:
            return
        self._told_at = time.monotonic()
        logger.info("saved: %s; %s bytes in %.3g s", checkpoint, checkpoint.size_bytes, seconds)

    def _report(self, reason: str) -> None:
        """Show a failure, once per failed save; the next try waits a little longer each time."""
        self._failures += 1
        self._not_before = time.monotonic() + min(LONGEST_PAUSE_SECONDS, 2.0**self._failures)
        self.last_error = reason
        logger.error("checkpoint of %s failed: %s", self._operation_id, reason)
        try:
            with lifecycle.fenced(
                self._operation_id,
                self._attempt,
                EventType.CHECKPOINT_FAILED,
                {"reason": reason},
            ):
                pass
        except (*DATABASE_AWAY, Superseded) as error:
            logger.warning("the failure could not be recorded: %s", error)
            forget_connections()

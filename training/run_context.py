"""The trainer's line to the outside: what it is asked to do, and what becomes of what it tells.

Nothing here waits for the database or the storage while the training runs. Metrics and events are
handed to the side thread (`liveness.py`), snapshots to the saver; both survive an outage.
"""

import logging
import math
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.conf import settings

from checkpoints.policy import CheckpointPolicy
from operations import lifecycle
from operations.models import EventType, Metric, Operation
from training.checkpoint_saver import CheckpointSaver
from training.conditions import record_conditions
from training.database_outage import patiently
from training.features.dataset import Dataset
from training.pinned import Pinned
from training.replay import Recorded, Replay
from training.resume_context import TrainingResumeContext
from training.trainer_state import START, Position, Snapshot
from training.training_run import EpochRecord, Progress, Request

logger = logging.getLogger(__name__)

FINAL_SAVE_SHARE = 0.8  # of the shutdown grace; the rest is for ending the attempt
ETA_SMOOTHING = 0.3  # weight of the newest epoch's time in the moving average


class StopReason(Enum):
    CANCEL = "cancellation"
    SHUTDOWN = "shutdown"
    SUPERSEDED = "superseded"


class StopRequestedError(Exception):
    """A stop was asked for before the training had a state to save."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """An event to write, with what it says about the attempt itself."""

    event_type: EventType
    data: dict[str, Any]
    attempt_fields: dict[str, Any] = field(default_factory=dict)


class RunContext:
    """One claimed attempt, as `ModelTrainer` sees it: a `TrainingRun`.

    `at_boundary` and what it leads to run on the training thread; `ask_to_stop`, `ask_for_report`
    and `write_down` on any.
    """

    def __init__(self, operation: Operation) -> None:
        checkpoint = operation.request["checkpoint"]
        self.key = (operation.pk, operation.attempt)
        self.operation_id = operation.pk
        self.attempt = operation.attempt
        self.claim_token = operation.claim_token
        self.stop_reason: StopReason | None = None
        self.boundaries = 0
        """Step boundaries passed, and steps of the preparation: whether the training moves."""
        self.lost_checkpoint = False
        """Whether the final save failed, so that the attempt ends behind what it had reached."""
        self._policy = CheckpointPolicy(
            every_epochs=checkpoint["every_epochs"], every_seconds=checkpoint["every_seconds"]
        )
        self._saver = CheckpointSaver(self.operation_id, self.attempt, keep=checkpoint["keep"])
        self._operation = operation
        self._start = START
        self._replay = Replay(Recorded())
        self._attention = False
        self._report_wanted = False
        self._save_wanted = False
        self._saved_at = time.monotonic()
        self._epochs_since_save = 0
        self._epoch_seconds: float | None = None
        self._total_batches = 0
        self._samples = 0
        self._progress: dict[str, Any] = {
            **operation.progress,  # what the attempts before have reached
            "phase": "preparing data",
            "total_epochs": operation.request["strategy"]["training"]["epochs"],
        }
        self._unwritten: deque[Metric | Note] = deque()
        self._writing = threading.Lock()

    # -- What others ask of the training, on any thread.

    def ask_to_stop(self, reason: StopReason) -> None:
        """The first reason counts, but for being superseded, which overrides any other."""
        if self.stop_reason is None or reason is StopReason.SUPERSEDED:
            self.stop_reason = reason
            self._attention = True

    def ask_for_report(self) -> None:
        self._report_wanted = self._attention = True

    def ask_for_save_if_due(self) -> None:
        due = self._policy.due(
            epochs_since_save=self._epochs_since_save,
            seconds_since_save=time.monotonic() - self._saved_at,
        )
        if due and self._saver.is_ready:
            self._save_wanted = self._attention = True

    # -- What the job and the pipeline tell, on the training thread.

    def restored(self, context: TrainingResumeContext, origin: dict[str, Any]) -> None:
        """Record what this attempt really goes on from. Raises `Superseded`."""
        self._start = context.position
        patiently(lambda: lifecycle.describe_attempt(*self.key, resumed_from=origin))

    def preparing(self, step: str) -> None:
        """A step before the first batch begins. Raises `StopRequestedError`."""
        self.boundaries += 1
        self._progress = {**self._progress, "step": step}
        if self.stop_reason is not None:
            raise StopRequestedError

    def dataset_ready(self, dataset: Dataset, pinned: Pinned) -> None:
        """The data are there: compare the conditions with those of the start.

        Raises `DataChanged`, `Superseded`.
        """
        settings_of_training = self._operation.request["strategy"]["training"]
        self._samples = len(dataset.train)
        self._total_batches = math.ceil(self._samples / settings_of_training["batch_size"])
        differences = patiently(lambda: record_conditions(self._operation, dataset, pinned))
        self._replay = Replay(patiently(self._recorded_beyond_start))
        self._saved_at = time.monotonic()
        self._progress = self._progress_at(self._start)
        started = {**self._start._asdict(), "exact": not differences, "differences": differences}
        self._unwritten.append(Note(event_type=EventType.STARTED, data=started))

    def evaluating(self) -> None:
        """The last batch is behind."""
        self._progress = {**self._progress, "phase": "saving"}

    # -- What the trainer asks and tells: `TrainingRun`.

    def at_boundary(self, position: Position) -> Request:
        self.boundaries += 1
        if self._attention or position == self._replay.awaited:
            return self._requests(position)
        return Request.NONE

    def report(self, progress: Progress) -> None:
        self._progress = {
            **self._progress_at(progress.position),
            "loss_sum": progress.loss_sum,
            "weight_sum": progress.weight_sum,
            "learning_rate": progress.learning_rate,
        }
        if self._replay.passed(progress):
            self._conclude_replay_if_over()

    def epoch_done(self, record: EpochRecord) -> None:
        self._epochs_since_save += 1
        self._smooth(record.seconds)
        replayed = self._replay.passed_epoch(record.epoch, record.digest)
        values = {
            **record.metrics,
            "digest": record.digest,
            "seconds": round(record.seconds, 6),
            "is_best": record.is_best,
            "replayed": replayed,
        }
        self._unwritten.append(
            Metric(
                operation_id=self.operation_id,
                attempt=self.attempt,
                step=record.epoch,
                values=values,
            )
        )
        self._progress = {**self._progress_at(Position(record.epoch, 0)), **record.metrics}
        if replayed:
            self._conclude_replay_if_over()
        self.ask_for_save_if_due()

    def save(self, snapshot: Snapshot, *, final: bool) -> None:
        if final:
            self._save_and_end(snapshot)
        else:
            self._saver.save_beside(snapshot, self._shown(snapshot))
            self._epochs_since_save, self._saved_at = 0, time.monotonic()

    # -- How an attempt ends.

    def save_failure(self, snapshot: Snapshot) -> None:
        """Keep the last good state of a training that failed."""
        self._save_last(snapshot, "failure")

    def close(self) -> None:
        """Let the save in flight end, and write down what is left. Raises `Superseded`."""
        self._saver.wait()
        if not self._replay.is_over:
            self._conclude_replay()
        patiently(self.write_down)

    # -- What the side thread does with it.

    @property
    def progress(self) -> dict[str, Any]:
        """For the heartbeat: where the training stood at its last report."""
        return {**self._progress, "save_error": self._saver.last_error}

    def write_down(self) -> None:
        """Write what has gathered, in order. Raises `Superseded`.

        After a lost answer the same rows are written again: a metric that is there already is left
        alone.
        """
        with self._writing:
            while self._unwritten:
                if isinstance(self._unwritten[0], Note):
                    self._write_note(self._unwritten[0])
                else:
                    self._write_metrics()

    def _write_note(self, note: Note) -> None:
        with lifecycle.fenced(self.operation_id, self.attempt, note.event_type, note.data):
            if note.attempt_fields:
                lifecycle.describe_attempt(self.operation_id, self.attempt, **note.attempt_fields)
        self._unwritten.popleft()

    def _write_metrics(self) -> None:
        gathered = list(self._unwritten)  # the training thread goes on appending
        rows = []
        for row in gathered:
            if not isinstance(row, Metric):
                break
            rows.append(row)
        with lifecycle.fenced(self.operation_id, self.attempt):
            Metric.objects.bulk_create(rows, ignore_conflicts=True)
        for _ in rows:
            self._unwritten.popleft()

    # -- Details

    def _requests(self, position: Position) -> Request:
        self._attention = False
        requests = Request.NONE
        if self._report_wanted or position == self._replay.awaited:
            self._report_wanted = False
            requests |= Request.REPORT
        if self._save_wanted:
            self._save_wanted = False
            requests |= Request.SAVE
        return requests | (Request.STOP if self.stop_reason else Request.NONE)

    def _save_and_end(self, snapshot: Snapshot) -> None:
        if self.stop_reason is not StopReason.SUPERSEDED and self.stop_reason is not None:
            self._save_last(snapshot, self.stop_reason.value)

    def _save_last(self, snapshot: Snapshot, checkpoint_type: str) -> None:
        self._progress = {**self._progress, "phase": "saving"}
        grace_seconds = FINAL_SAVE_SHARE * settings.KTRDR_SHUTDOWN_GRACE_SECONDS
        self.lost_checkpoint = not self._saver.save_now(
            snapshot, checkpoint_type, self._shown(snapshot), grace_seconds=grace_seconds
        )

    def _recorded_beyond_start(self) -> Recorded:
        earlier = Metric.objects.filter(
            operation_id=self.operation_id, attempt__lt=self.attempt, step__gt=self._start.epoch
        ).order_by("step", "attempt")
        digests = {row.step: row.values["digest"] for row in earlier}
        return Recorded.beyond(self._start, digests=digests, progress=self._operation.progress)

    def _conclude_replay_if_over(self) -> None:
        if self._replay.is_over:
            self._conclude_replay()

    def _conclude_replay(self) -> None:
        """Record what was compared, and whether it was the same."""
        verified = self._replay.verified
        if verified is None:
            return
        data = {
            "replayed_epochs": self._replay.compared_epochs,
            "mismatches": self._replay.mismatches,
        }
        if not verified:
            logger.warning("%s replayed differently: %s", self.operation_id, data)
        self._unwritten.append(
            Note(
                event_type=EventType.REPLAY_VERIFIED if verified else EventType.REPLAY_MISMATCH,
                data=data,
                attempt_fields={
                    "replayed_epochs": self._replay.compared_epochs,
                    "replay_verified": verified,
                },
            )
        )

    def _progress_at(self, position: Position) -> dict[str, Any]:
        total_epochs = self._progress["total_epochs"]
        epochs_done = position.epoch + 1 + position.batch / max(1, self._total_batches)
        shown = {
            "phase": "training",
            "epoch": position.epoch,
            "batch": position.batch,
            "total_epochs": total_epochs,
            "total_batches": self._total_batches,
            "percent": round(100 * epochs_done / total_epochs, 2),
        }
        if self._epoch_seconds:
            shown["eta_seconds"] = round((total_epochs - epochs_done) * self._epoch_seconds, 1)
            shown["samples_per_second"] = round(self._samples / self._epoch_seconds)
        return shown

    def _shown(self, snapshot: Snapshot) -> dict[str, Any]:
        """The newest metrics of a snapshot, for whoever looks at its checkpoint."""
        return {name: values[-1] for name, values in snapshot.history.items()}

    def _smooth(self, seconds: float) -> None:
        before = self._epoch_seconds
        self._epoch_seconds = (
            seconds if before is None else before + ETA_SMOOTHING * (seconds - before)
        )

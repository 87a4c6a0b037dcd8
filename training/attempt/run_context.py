"""The trainer's line to the outside: what it is asked to do, and what becomes of what it tells.

Nothing here waits for the database or the storage while the training runs. Metrics and events go
into the journal, which the side thread (`liveness.py`) writes down and the saver with each
snapshot; all of it survives an outage.
"""

import logging
import math
import time
from enum import Enum
from functools import cached_property
from typing import Any

from django.conf import settings

from checkpoints import store
from checkpoints.policy import CheckpointPolicy
from operations import lifecycle
from operations.models import EventType, Metric, Operation
from operations.outage import patiently
from training.attempt.checkpoint_saver import CheckpointSaver
from training.attempt.conditions import engine_warnings, record_conditions
from training.attempt.journal import Journal, Note
from training.attempt.progress import ProgressBoard
from training.attempt.replay import Recorded, Replay
from training.attempt.story import Story
from training.features.dataset import Dataset
from training.launch.request import TrainingRequest
from training.strategy import Strategy
from training.trainer.pinned import Pinned
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.run import Attention, EpochRecord, Progress, Request
from training.trainer.state import START, Position, Snapshot

logger = logging.getLogger(__name__)

FINAL_SAVE_SHARE = 0.8  # of the shutdown grace; the rest is for ending the attempt


class StopReason(Enum):
    CANCEL = "cancellation"
    SHUTDOWN = "shutdown"
    SUPERSEDED = "superseded"


class StopRequestedError(Exception):
    """A stop was asked for before the training had a state to save."""


class RunContext:
    """One claimed attempt, as `ModelTrainer` sees it: a `TrainingRun`.

    `at_boundary` and what it leads to run on the training thread; `ask_to_stop`, `ask_for_report`,
    `ask_for_save_if_due` and `journal.write_down` on any.
    """

    def __init__(self, operation: Operation) -> None:
        self.request = TrainingRequest.of(operation)
        checkpoint = self.request.checkpoint
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
            every_epochs=checkpoint.every_epochs, every_seconds=checkpoint.every_seconds
        )
        self.journal = Journal(*self.key)
        self._saver = CheckpointSaver(*self.key, journal=self.journal, keep=checkpoint.keep)
        self._operation = operation
        self._start = START
        self._replay = Replay(Recorded())
        self.attention = Attention()
        self._report_wanted = False
        self._save_wanted = False
        self._saved_at = time.monotonic()
        self._epochs_since_save = 0
        self._differences: list[str] = []
        total_epochs = self.request.strategy["training"]["epochs"]
        self._progress = ProgressBoard(operation.progress, total_epochs=total_epochs)
        self._story = Story(total_epochs=total_epochs)

    @cached_property
    def strategy(self) -> Strategy:
        """The operation's own, read once: to check it takes 10 ms."""
        return self.request.read_strategy()

    # -- What others ask of the training, on any thread.

    def ask_to_stop(self, reason: StopReason) -> None:
        """The first reason counts, but for being superseded, which overrides any other."""
        if self.stop_reason is None or reason is StopReason.SUPERSEDED:
            self.stop_reason = reason
            self.attention.call()

    def ask_for_report(self) -> None:
        self._report_wanted = True
        self.attention.call()

    def ask_for_save_if_due(self) -> None:
        due = self._policy.due(
            epochs_since_save=self._epochs_since_save,
            seconds_since_save=time.monotonic() - self._saved_at,
        )
        if due and self._saver.is_ready:
            self._save_wanted = True
            self.attention.call()

    # -- What the job and the pipeline tell, on the training thread.

    def restored(self, context: TrainingResumeContext) -> None:
        """Record what this attempt really goes on from. Raises `Superseded`."""
        self._start = context.position
        patiently(lambda: lifecycle.describe_attempt(*self.key, resumed_from=context.origin))

    def preparing(self, step: str) -> None:
        """A step before the first batch begins. Raises `StopRequestedError`."""
        self.boundaries += 1
        self._progress.preparing(step)
        self._story.preparing(step)
        if self.stop_reason is not None:
            raise StopRequestedError

    def dataset_ready(self, dataset: Dataset, pinned: Pinned) -> None:
        """The data are there: compare the conditions with those of the start.

        Raises `DataChanged`, `Superseded`.
        """
        samples = len(dataset.train)
        batch_size = self.strategy.training.batch_size
        conditions = (self._operation, self.strategy, dataset, pinned)
        self._differences = patiently(lambda: record_conditions(*conditions))
        self._replay = Replay(patiently(self._recorded_beyond_start))
        self._saved_at = time.monotonic()
        self._progress.training(
            self._start, total_batches=math.ceil(samples / batch_size), samples=samples
        )
        of_data = [f"{warning.subject}: {warning.message}" for warning in dataset.warnings]
        started = {
            **self._start._asdict(),
            "exact": not self._differences,
            "differences": self._differences,
            "samples": dataset.label_balance,
            "warnings": of_data + engine_warnings(self._operation, self.strategy, pinned),
        }
        self.journal.add(Note(event_type=EventType.STARTED, data=started))
        self._story.begins(self._start, dataset, pinned, self._differences)

    def evaluating(self) -> None:
        """The last batch is behind."""
        self._saver.begin()
        self._progress.saving()
        self._story.ends()

    # -- What the trainer asks and tells: `TrainingRun`.

    def batches_to_pass(self, position: Position) -> int:
        self._saver.begin()
        return self._replay.batches_to_pass(position)

    def at_boundary(self, position: Position) -> Request:
        self.boundaries += 1
        self._saver.begin()  # where no batch came since
        if self.attention.is_called or position == self._replay.awaited:
            return self._requests(position)
        return Request.NONE

    def report(self, progress: Progress) -> None:
        self._progress.reported(progress)
        if self._replay.passed(progress):
            self._conclude_replay_if_over()

    def epoch_done(self, record: EpochRecord) -> None:
        self._epochs_since_save += 1
        self._progress.epoch_done(record)
        self._story.epoch(record)
        replayed = self._replay.passed_epoch(record.epoch, record.digest)
        self.journal.add(self._metric(record, replayed=replayed))
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
        """Keep the last good state of a training that failed, if no checkpoint has it already."""
        newest = patiently(lambda: store.candidates(self.operation_id).first())
        if newest is None or snapshot.position > Position(newest.epoch, newest.batch):
            self._save_last(snapshot, "failure")

    def close(self) -> None:
        """Let the save in flight end, and write down what is left. Raises `Superseded`."""
        self._saver.close()
        if not self._replay.is_over:
            self._conclude_replay()
        patiently(self.journal.write_down)
        patiently(lambda: lifecycle.heartbeat(*self.key, progress=self.progress))

    @property
    def progress(self) -> dict[str, Any]:
        """For the heartbeat: where the training stood at its last report."""
        return {**self._progress.shown(), "save_error": self._saver.last_error}

    # -- Details

    def _requests(self, position: Position) -> Request:
        self.attention.clear()
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
            self._story.stops(self.stop_reason.value, snapshot.position)
            self._save_last(snapshot, self.stop_reason.value)

    def _save_last(self, snapshot: Snapshot, checkpoint_type: str) -> None:
        self._progress.saving(snapshot.position)
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
            "differences": self._differences,
        }
        if not verified:
            logger.warning("%s replayed differently: %s", self.operation_id, data)
        self.journal.add(
            Note(
                event_type=EventType.REPLAY_VERIFIED if verified else EventType.REPLAY_MISMATCH,
                data=data,
                attempt_fields={
                    "replayed_epochs": self._replay.compared_epochs,
                    "replay_verified": verified,
                },
            )
        )

    def _metric(self, record: EpochRecord, *, replayed: bool) -> Metric:
        values = {
            **record.metrics,
            "digest": record.digest,
            "seconds": round(record.seconds, 6),
            "is_best": record.is_best,
            "replayed": replayed,
        }
        return Metric(
            operation_id=self.operation_id, attempt=self.attempt, step=record.epoch, values=values
        )

    def _shown(self, snapshot: Snapshot) -> dict[str, Any]:
        """The newest metrics of a snapshot, for whoever looks at its checkpoint."""
        return {name: values[-1] for name, values in snapshot.history.items()}

"""The trainer's line to the outside: what it is asked to do, and what becomes of what it tells.

Nothing here waits for the database or the storage while the training runs. Metrics and events go
into the journal, which the side thread (`liveness.py`) writes down and the saver with each
snapshot; all of it survives an outage.
"""

import logging
import math
from functools import cached_property, partial
from typing import Any

from django.conf import settings

from checkpoints.failpoints import failpoint
from checkpoints.models import CheckpointType
from checkpoints.policy import CheckpointPolicy
from operations import lifecycle
from operations.errors import StorageUnavailable
from operations.models import EventType, Operation
from operations.outage import patiently
from training.attempt.checkpoint_saver import CheckpointSaver
from training.attempt.conditions import engine_warnings, record_conditions
from training.attempt.journal import Journal, Measured, Note
from training.attempt.periodic_saves import PeriodicSaves
from training.attempt.progress import ProgressBoard
from training.attempt.replay import Recorded, Replay
from training.attempt.requests import Requests, StopReason
from training.attempt.storage_outage import wait_for_storage
from training.attempt.story import Story
from training.attempt.usage import Usage
from training.features.dataset import Dataset
from training.launch.request import TrainingRequest
from training.model_trainer import TrainingResult
from training.strategy import Strategy
from training.strategy.training_settings import cost
from training.trained import trial_returns
from training.trainer.engines.rule import why_autograd
from training.trainer.pinned import Pinned
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.run import EpochRecord, Progress, Request
from training.trainer.state import START, Position, Snapshot

logger = logging.getLogger(__name__)

FINAL_SAVE_SHARE = 0.8  # of the shutdown grace; the rest is for ending the attempt


class RunContext:
    """One claimed attempt, as `ModelTrainer` and its pipeline see it: a `PipelineRun`.

    What it tells comes on the training thread. Others ask through `requests`, look at `boundaries`
    and `progress`, and end it (`endings.py`).
    """

    def __init__(self, operation: Operation) -> None:
        self.request = TrainingRequest.of(operation)
        checkpoint = self.request.checkpoint
        self.key = (operation.pk, operation.attempt)
        self.operation_id = operation.pk
        self.attempt = operation.attempt
        self.claim_token = operation.claim_token
        self.requests = Requests()
        self.attention = self.requests.attention
        self.journal = Journal(*self.key)
        self.saver = CheckpointSaver(*self.key, journal=self.journal, keep=checkpoint.keep)
        self.boundaries = 0
        """Step boundaries passed, and steps of the preparation: whether the training moves."""
        self.unsaved: Position | None = None
        """Where it stopped, if the save there failed."""
        self.holds = False
        """Whether the training waits for its family now, its state being durable."""
        self.value = ""
        """What a part is compared by: `float.hex` of its best monitored value; empty for none."""
        self._earned = b""
        self._periodic_saves = PeriodicSaves(
            CheckpointPolicy(
                every_epochs=checkpoint.every_epochs,
                every_seconds=checkpoint.every_seconds,
                least_seconds=settings.KTRDR_CHECKPOINT_SECONDS,
            )
        )
        self._operation = operation
        self._start = START
        self._replay = Replay(Recorded())
        self._usage: Usage | None = None
        total_epochs = self.request.strategy["training"]["epochs"]
        self._progress = ProgressBoard(operation.progress, total_epochs=total_epochs)
        self._story = Story(total_epochs=total_epochs)

    @cached_property
    def strategy(self) -> Strategy:
        """The operation's own, read once: to check it takes 10 ms."""
        return self.request.read_strategy()

    @property
    def progress(self) -> dict[str, Any]:
        """For the heartbeat: where the training stood at its last report."""
        return self._with_save_error(self._progress.shown())

    def beat(self) -> bool:
        """Renew the lease, on any thread but the training's. False when superseded.

        With the last report, unless metrics that belong to it are not written yet: they will come
        with their own.
        """
        with self.journal.still() as is_still:
            progress = self.progress
            is_written = is_still and not self.journal.is_behind(progress.get("epoch", -1))
            return lifecycle.heartbeat(*self.key, progress=progress if is_written else None)

    def ask_for_save_if_due(self) -> None:
        """On any thread."""
        if self._periodic_saves.is_due and self.saver.is_ready:
            self.requests.save()

    @property
    def until(self) -> int | None:
        return self._operation.hold_at

    @property
    def is_part(self) -> bool:
        """Of a family, which decides how it goes on."""
        return self._operation.part_of_id is not None

    @property
    def begins_anew(self) -> bool:
        """No checkpoint can be there: nobody tried before, and it is no branch of another one."""
        origins = (self._operation.parent_id, self.request.origin)
        return self.attempt == 1 and origins == (None, None)

    # -- What the job and the pipeline tell.

    def restored(self, context: TrainingResumeContext) -> None:
        """Record what this attempt really goes on from. Raises `Superseded`."""
        self._start = context.position
        patiently(lambda: lifecycle.describe_attempt(*self.key, resumed_from=context.origin))

    def preparing(self, step: str) -> None:
        """A step before the first batch begins. Raises `StopRequestedError`."""
        self.boundaries += 1
        self._progress.preparing(step)
        self._story.preparing(step)
        self.requests.raise_if_stopped()

    def dataset_ready(self, dataset: Dataset, pinned: Pinned) -> None:
        """The data are there: compare the conditions with those of the start.

        Raises `DataChanged`, `FeaturesChanged`, `Superseded`.
        """
        conditions = (self._operation, self.strategy, dataset, pinned)
        differences = patiently(lambda: record_conditions(*conditions))
        recorded = patiently(lambda: Recorded.before(self._operation, self._start))
        self._replay = Replay(recorded, differences=differences)
        self._periodic_saves.count_anew()
        samples = len(dataset.train)
        total_batches = math.ceil(samples / self.strategy.training.batch_size)
        self._progress.training(self._start, total_batches=total_batches, samples=samples)
        self.journal.add(self._started(dataset, pinned, differences))
        self._usage = Usage(pinned.device)
        why = why_autograd(self.strategy, pinned.device)
        self._story.begins(self._start, dataset, pinned, differences, why_autograd=why)

    def holding(self, result: TrainingResult, earned: bytes) -> None:
        """Make its state durable, unless a checkpoint has it: tried as an end is. Then `earned`.

        Raises `StopRequestedError`, `StorageUnavailable`, `Superseded`.
        """
        self.compared_by(result)
        if result.position != self._start:
            waiting = partial(self.preparing, "waiting for the storage")
            wait_for_storage(partial(self._save_hold, result.final), waiting=waiting)
        self._earned = earned
        self.holds = True

    def compared_by(self, result: TrainingResult) -> None:
        """Of a part: by its best epoch, of those before it holds."""
        if self.is_part:
            values = result.history.get(self.strategy.training.monitored, [])[: self.until]
            best = min(values, key=partial(cost, self.strategy.training.monitored), default=None)
            self.value = "" if best is None else float(best).hex()

    def evaluating(self) -> None:
        """The last batch is behind."""
        self.saver.begin()
        self._progress.saving()
        self._story.ends()

    # -- What the trainer asks and tells: `TrainingRun`.

    def batches_to_pass(self, position: Position) -> int:
        self.saver.begin()
        return self._replay.batches_to_pass(position)

    def at_boundary(self, position: Position) -> Request:
        self.boundaries += 1
        self.saver.begin()  # where no batch came since
        is_awaited = position == self._replay.awaited
        if self.attention.is_called or is_awaited:
            return self.requests.take_up() | (Request.REPORT if is_awaited else Request.NONE)
        return Request.NONE

    def report(self, progress: Progress) -> None:
        self._progress.reported(progress)
        if self._replay.passed(progress):
            self._conclude_replay_if_over()

    def epoch_done(self, record: EpochRecord) -> None:
        self._periodic_saves.epoch_done()
        measured = self._progress.measured(record)
        self._story.epoch(record)
        replayed = self._replay.passed_epoch(record.epoch, record.digest)
        metric = self._measured(record, replayed=replayed)
        self.journal.add(metric, progress=self._with_save_error(measured))
        self._progress.epoch_done(measured)  # not before: see `beat`
        if replayed:
            self._conclude_replay_if_over()
        self.ask_for_save_if_due()
        failpoint("epoch.done")

    def save(self, snapshot: Snapshot, *, final: bool) -> None:
        if not final:
            self.saver.save_beside(snapshot, newest_metrics(snapshot))
            self._periodic_saves.count_anew()
        elif (reason := self.requests.stop_reason) not in (None, StopReason.SUPERSEDED):
            self._story.stops(reason.value, snapshot.position)
            self.save_last(snapshot, reason.value)

    # -- How the attempt ends.

    def save_last(self, snapshot: Snapshot, checkpoint_type: str) -> None:
        """Save what nothing comes after, for as long as the grace lasts. Raises `Superseded`."""
        self._progress.saving(snapshot.position)
        grace_seconds = FINAL_SAVE_SHARE * settings.KTRDR_SHUTDOWN_GRACE_SECONDS
        is_saved = self.saver.save_now(
            snapshot, checkpoint_type, newest_metrics(snapshot), grace_seconds=grace_seconds
        )
        self.unsaved = None if is_saved else snapshot.position

    def kept_as_it_holds(self) -> dict[str, Any]:
        """Its last report, and what writes the returns of its best epoch."""
        assert self.until is not None
        keep = partial(
            trial_returns.keep, self.operation_id, epochs=self.until, earned=self._earned
        )
        return {"progress": self.progress, "write": keep}

    def close(self, *, beats: bool = True) -> None:
        """Let the save in flight end, and write down what is left. Raises `Superseded`.

        With the last report, unless what ends the attempt writes it.
        """
        self.saver.close()
        if not self._replay.is_over:
            self._conclude_replay()
        patiently(self.journal.write_down)
        if beats:
            patiently(lambda: lifecycle.heartbeat(*self.key, progress=self.progress))

    # -- Details

    def _with_save_error(self, shown: dict[str, Any]) -> dict[str, Any]:
        return {**shown, "save_error": self.saver.last_error}

    def _save_hold(self, snapshot: Snapshot) -> None:
        """Raises `StorageUnavailable`."""
        self.save_last(snapshot, CheckpointType.HOLD)
        if self.unsaved:
            raise StorageUnavailable(reason=self.saver.last_error or "the save failed")

    def _started(self, dataset: Dataset, pinned: Pinned, differences: list[str]) -> Note:
        of_data = [f"{warning.subject}: {warning.message}" for warning in dataset.warnings]
        data = {
            **self._start._asdict(),
            "exact": not differences,
            "differences": differences,
            "samples": dataset.label_balance,
            "warnings": of_data + engine_warnings(self._operation, self.strategy, pinned),
        }
        return Note(event_type=EventType.STARTED, data=data)

    def _conclude_replay_if_over(self) -> None:
        if self._replay.is_over:
            self._conclude_replay()

    def _conclude_replay(self) -> None:
        if (conclusion := self._replay.conclusion()) is None:
            return
        if conclusion.event_type is EventType.REPLAY_MISMATCH:
            logger.warning("%s replayed differently: %s", self.operation_id, conclusion.data)
        self.journal.add(conclusion)

    def _measured(self, record: EpochRecord, *, replayed: bool) -> Measured:
        values = {
            **record.metrics,
            "digest": record.digest,
            "seconds": round(record.seconds, 6),
            "is_best": record.is_best,
            "replayed": replayed,
            **(self._usage.seen() if self._usage else {}),
        }
        return Measured(step=record.epoch, values=values)


def newest_metrics(snapshot: Snapshot) -> dict[str, Any]:
    """For whoever looks at its checkpoint."""
    return {name: values[-1] for name, values in snapshot.history.items()}

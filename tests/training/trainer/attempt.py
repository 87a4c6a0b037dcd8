"""One attempt at a training, as a process of its own runs it."""

import hashlib
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.training.trainer.synthetic import make_dataset
from training.model_trainer import ModelTrainer
from training.strategy import Strategy
from training.trained.bundle import make_bundle
from training.trainer.pinned import Pinned
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.run import ALL_BATCHES, Request, Unattended
from training.trainer.state import Position, Snapshot, TrainerState


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """An attempt ends at the first step boundary from `boundary` on.

    Boundaries are counted over the whole training: those of each epoch are its batches', then the
    validation batches', then the epoch's end.
    """

    boundary: int
    how: str = "stop"  # or "kill": SIGKILL, with a save behind every `save_every`-th boundary
    save_every: int = 1


@dataclass(frozen=True, kw_only=True)
class Job:
    """What an attempt is told."""

    strategy: dict[str, Any]  # snapshot
    pinned: dict[str, Any]
    rows: int
    interruption: Interruption | None = None
    forget: str | None = None  # a part of the state that is not restored


def run_attempt(job: Job, directory: Path) -> None:
    """Go on from the checkpoint in `directory`; leave another one there, or `outcome.json`."""
    strategy, pinned = Strategy.from_snapshot(job.strategy), Pinned.from_json(job.pinned)
    dataset = make_dataset(strategy, rows=job.rows)
    if job.forget is not None:
        _forget(job.forget)
    run = Interrupted(job, directory, _boundaries_per_epoch(dataset, strategy, pinned))
    trainer = ModelTrainer(strategy, run=run, pinned=pinned, resume_context=_context(directory))
    result = trainer.train(dataset)
    if not result.stopped_by_request:
        bundle = make_bundle(strategy, dataset, result, pinned)
        outcome = {
            "digest": result.digest,
            "history": result.history,
            "position": result.position,
            "stopped_early": result.stopped_early,
            "best_epoch": result.best_epoch,
            "evaluation": bundle.manifest["evaluation"]["metrics"],
            "bundle": {name: hashlib.sha256(d).hexdigest() for name, d in bundle.files.items()},
        }
        (directory / "outcome.json").write_text(json.dumps(outcome))


class Interrupted(Unattended):
    """Saves and ends where the interruption says."""

    def __init__(self, job: Job, directory: Path, per_epoch: tuple[int, int]) -> None:
        super().__init__()
        self._interruption = job.interruption
        self._directory = directory
        self._num_batches, self._per_epoch = per_epoch
        self._last = Position(-1, -1)
        self._repeated = 0

    def batches_to_pass(self, position: Position) -> int:
        """Up to the interruption as many at once as an engine likes; between saves, one."""
        if self._interruption is None:
            return ALL_BATCHES
        if self._interruption.how == "kill":
            return 1
        done = (position.epoch + 1) * self._per_epoch + position.batch
        return max(1, self._interruption.boundary + 1 - done)

    def at_boundary(self, position: Position) -> Request:
        boundary = self._number_of(position)
        if self._interruption is None:
            return Request.NONE
        if boundary < self._interruption.boundary:
            save = self._interruption.how == "kill" and not (
                (boundary + 1) % self._interruption.save_every
            )
            return Request.SAVE if save else Request.NONE
        if self._interruption.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return Request.STOP

    def save(self, snapshot: Snapshot, *, final: bool) -> None:
        write_checkpoint(self._directory, snapshot.artifacts())

    def _number_of(self, position: Position) -> int:
        self._repeated = self._repeated + 1 if position == self._last else 0
        self._last = position
        if position.batch == 0:
            return (position.epoch + 1) * self._per_epoch - 1
        return (position.epoch + 1) * self._per_epoch + position.batch - 1 + self._repeated


def write_checkpoint(directory: Path, artifacts: Mapping[str, bytes]) -> None:
    """Whole or not at all: the attempt may be killed at any moment."""
    number = len(list(directory.iterdir()))
    unfinished = directory / f"unfinished-{number}"
    unfinished.mkdir()
    for name, data in artifacts.items():
        (unfinished / name).write_bytes(data)
    unfinished.rename(directory / f"checkpoint-{number:06}")


def read_checkpoint(directory: Path) -> dict[str, bytes] | None:
    checkpoints = sorted(directory.glob("checkpoint-*"))
    if not checkpoints:
        return None
    return {path.name: path.read_bytes() for path in checkpoints[-1].iterdir()}


def _context(directory: Path) -> TrainingResumeContext | None:
    artifacts = read_checkpoint(directory)
    if artifacts is None:
        return None
    return TrainingResumeContext.from_artifacts(artifacts, original_request={})


def _boundaries_per_epoch(dataset: Any, strategy: Strategy, pinned: Pinned) -> tuple[int, int]:
    num_batches = -(-len(dataset.train) // strategy.training.batch_size)
    return num_batches, num_batches - (-len(dataset.validation) // pinned.validation_batch) + 1


def _forget(part: str) -> None:
    """From here on, `TrainerState.restore` leaves this part as a new training has it."""
    restore = TrainerState.restore

    def restore_without(state: TrainerState, snapshot: Snapshot) -> None:
        fresh = state.snapshot().parts[part]
        restore(state, replace(snapshot, parts=snapshot.parts | {part: fresh}))

    TrainerState.restore = restore_without  # type: ignore[method-assign]

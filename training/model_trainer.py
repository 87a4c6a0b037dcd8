"""The training loop: the same bytes in the end, however often it is interrupted."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from training.errors import TrainingFailed
from training.trainer import device
from training.trainer.pinned import Pinned
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.run import EpochRecord, Request, TrainingRun, Unattended
from training.trainer.session import TrainingSession
from training.trainer.state import Position, Snapshot

if TYPE_CHECKING:
    from training.features.dataset import Dataset
    from training.strategy import Strategy


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """How a training ended."""

    final: Snapshot  # the whole state, enough to go on from
    history: dict[str, list[float]]  # one entry per epoch
    best_epoch: int | None  # None until an epoch has ended
    best_value: float | None  # of the monitored metric
    best_model: dict[str, Tensor]  # the best epoch's weights, on the CPU
    stopped_early: bool
    stopped_by_request: bool
    holds: bool = False  # it came to `until`, or was finished before

    @property
    def position(self) -> Position:
        return self.final.position

    @property
    def digest(self) -> str:
        """The state digest of the end."""
        return self.final.digest()


class StopRequested(Exception):
    """The run asked to stop, and has its final snapshot."""


class ModelTrainer:
    """Trains a strategy's network on a dataset, from the start or from a checkpoint."""

    def __init__(
        self,
        config: "Strategy",
        *,
        run: TrainingRun | None = None,
        resume_context: TrainingResumeContext | None = None,
        pinned: Pinned | None = None,
    ) -> None:
        self.config = config
        self.run: TrainingRun = run or Unattended()
        self.pinned = pinned or Pinned.by_rule(config, device.choose_device("auto"))
        self._resume_context = resume_context

    def train(self, dataset: "Dataset", *, until: int | None = None) -> TrainingResult:
        """Train until the last epoch, early stopping, a stop request, or `until` epochs are done.

        With `until` it holds there, and where it is finished earlier: whether it is scored on its
        test part is its family's decision. A state in which so many are done trains no batch. What
        goes on from there ends with the bytes of one that never held.

        Raises TrainingFailed, with the last good snapshot, when a step raises or a loss or weight
        is no longer finite; ValueError when the checkpoint does not fit the strategy.
        """
        session = self._open(dataset)
        try:
            while not session.finished and not _is_reached(until, session):
                started = time.monotonic()
                for _ in self._guarded(session, session.training_steps(self.run)):
                    self._boundary(session)
                self._require_finite(session)
                for _ in self._guarded(session, session.validation_steps()):
                    self._boundary(session)
                self._end_epoch(session, started)
                self._boundary(session)
        except StopRequested:
            return self._result(session, stopped_by_request=True)
        return self._result(session, stopped_by_request=False, holds=until is not None)

    def _open(self, dataset: "Dataset") -> TrainingSession:
        device.prepare(threads=self.pinned.threads)
        session = TrainingSession(self.config, dataset, self.pinned)
        if self._resume_context is not None:
            session.state.restore(self._resume_context.snapshot())
            self._resume_context = None  # its bytes are no longer needed
        self._last_good = session.state.snapshot()
        return session

    def _guarded(self, session: TrainingSession, steps: Iterator[None]) -> Iterator[None]:
        """The steps; what one of them raises becomes TrainingFailed, with where it happened."""
        try:
            yield from steps
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise self._failure(session, session.position.batch, reason) from error

    def _boundary(self, session: TrainingSession) -> None:
        """Do what the run asks for between two steps."""
        request = self.run.at_boundary(session.position)
        if not request:
            return
        if Request.REPORT in request:
            self.run.report(session.progress())
        if Request.SAVE in request or Request.STOP in request:
            self.run.save(self._snapshot(session), final=Request.STOP in request)
        if Request.STOP in request:
            raise StopRequested

    def _end_epoch(self, session: TrainingSession, started: float) -> None:
        metrics, is_best = session.end_epoch()
        snapshot = self._snapshot(session)
        self.run.epoch_done(
            EpochRecord(
                epoch=snapshot.position.epoch,
                metrics=metrics,
                digest=snapshot.digest(),
                seconds=time.monotonic() - started,
                is_best=is_best,
            )
        )

    def _snapshot(self, session: TrainingSession) -> Snapshot:
        """A snapshot in which everything is finite; it becomes the last good one."""
        if self._last_good.position == session.position:
            return self._last_good  # one position, one state
        self._require_finite(session)
        self._last_good = session.state.snapshot()
        return self._last_good

    def _require_finite(self, session: TrainingSession) -> None:
        bad = session.first_bad_batch()
        if bad is not None:
            raise self._failure(session, bad, "loss or weights are no longer finite")

    def _failure(self, session: TrainingSession, batch: int, reason: str) -> TrainingFailed:
        return TrainingFailed(
            epoch=session.epoch, batch=batch, reason=reason, last_good=self._last_good
        )

    def _result(
        self, session: TrainingSession, *, stopped_by_request: bool, holds: bool = False
    ) -> TrainingResult:
        return TrainingResult(
            final=self._last_good,
            history=self._last_good.history,
            best_epoch=session.best.epoch,
            best_value=session.best.value,
            best_model=self._last_good.parts["best_model"],
            stopped_early=session.stopping.stopped,
            stopped_by_request=stopped_by_request,
            holds=holds,
        )


def _is_reached(until: int | None, session: TrainingSession) -> bool:
    """Between two epochs: `session.epoch` of them are done."""
    return until is not None and session.epoch >= until

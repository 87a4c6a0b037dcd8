"""From a strategy to a trained model: data, features, training, evaluation, bundle."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from checkpoints.failpoints import failpoint
from operations.outage import patiently
from training.features.cache import prepare_dataset
from training.features.dataset import Dataset
from training.features.history import LoadBars
from training.market_data import load_bars as load_imported_bars
from training.model_trainer import ModelTrainer, TrainingResult
from training.strategy import Strategy
from training.trained.bundle import Bundle, Readings, make_bundle
from training.trained.validation_returns import validation_returns
from training.trainer.pinned import Pinned
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.run import TrainingRun

SHOWN_OF_EVALUATION = (
    "samples",
    "metrics",
    "buy_and_hold",
    "baselines",
    "symbol_samples",
    "outside_range",
    "seen_test",
    "notes",
)


class PipelineRun(TrainingRun, Protocol):
    """Who watches a whole training; the trainer itself knows only the `TrainingRun` in it."""

    def preparing(self, step: str) -> None:
        """A step before the first batch begins."""

    def dataset_ready(self, dataset: Dataset, pinned: Pinned) -> None:
        """The data are there. Raises `DataChanged` when they are not those of the start."""

    @property
    def until(self) -> int | None:
        """The number of epochs after which it holds; None: nowhere."""

    def holding(self, result: TrainingResult, earned: bytes) -> None:
        """It holds there: its state has to become durable, and what its best epoch earns on the
        validation part. Raises `StopRequestedError`."""

    def evaluating(self) -> None:
        """The last batch is behind."""


@dataclass(frozen=True, kw_only=True)
class TrainedStrategy:
    """A training that went to its end."""

    result: TrainingResult
    bundle: Bundle

    def summary(self) -> dict[str, Any]:
        """What the operation shows as its result; the model's row has the rest."""
        evaluation = self.bundle.evaluation
        return {
            "weights_sha256": self.bundle.digest,
            "state_digest": self.result.digest,
            "epochs_trained": self.result.position.epoch + 1,
            "best_epoch": self.result.best_epoch,
            "best_value": self.result.best_value,
            "stopped_early": self.result.stopped_early,
            "data_ranges": self.bundle.manifest["data_ranges"],
            "test": {name: evaluation[name] for name in SHOWN_OF_EVALUATION},
        }


class TrainingPipeline:
    """The way of one strategy, from its bars to its bundle."""

    @staticmethod
    def train_strategy(
        strategy: Strategy,
        *,
        run: PipelineRun,
        pinned: Pinned,
        resume_context: TrainingResumeContext | None = None,
        seen_test: str = "",
        load_bars: LoadBars = load_imported_bars,
        read_as: Callable[[], Readings] = dict,
    ) -> TrainedStrategy | None:
        """None when the run asked to stop, or holds; then it has the final snapshot.

        `seen_test` says that the weights of `resume_context` were trained on what scores them;
        `read_as` tells how the files of its bars were read, for the bundle.
        Raises `TrainingFailed`, and what the data and features raise.
        """
        run.preparing("market data and features")
        dataset = patiently(lambda: _prepare(strategy, run, load_bars))
        if run.until is not None:
            dataset.seal()
        run.dataset_ready(dataset, pinned)
        result = TrainingPipeline.train_model(
            strategy,
            dataset,
            run=run,
            pinned=pinned,
            resume_context=resume_context,
            until=run.until,
        )
        if result.stopped_by_request:
            return None
        if result.holds:
            run.holding(result, validation_returns(strategy, dataset, result, pinned))
            return None
        run.evaluating()
        bundle = make_bundle(
            strategy, dataset, result, pinned, seen_test=seen_test, readings=patiently(read_as)
        )
        return TrainedStrategy(result=result, bundle=bundle)

    @staticmethod
    def train_model(
        strategy: Strategy,
        dataset: Dataset,
        *,
        run: TrainingRun,
        pinned: Pinned,
        resume_context: TrainingResumeContext | None = None,
        until: int | None = None,
    ) -> TrainingResult:
        trainer = ModelTrainer(strategy, run=run, pinned=pinned, resume_context=resume_context)
        return trainer.train(dataset, until=until)


def _prepare(strategy: Strategy, run: PipelineRun, load_bars: LoadBars) -> Dataset:
    failpoint("prepare.begin")
    return prepare_dataset(strategy, load_bars=load_bars, progress=run.preparing)

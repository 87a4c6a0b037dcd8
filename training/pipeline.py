"""From a strategy to a trained model: data, features, training, evaluation, bundle."""

from dataclasses import dataclass
from typing import Protocol

from training.bundle import Bundle, make_bundle
from training.features.assembly import build_dataset
from training.features.dataset import Dataset
from training.model_trainer import ModelTrainer, TrainingResult
from training.pinned import Pinned
from training.resume_context import TrainingResumeContext
from training.strategy import Strategy
from training.training_run import TrainingRun


class PipelineRun(TrainingRun, Protocol):
    """Who watches a whole training; the trainer itself knows only the `TrainingRun` in it."""

    def preparing(self, step: str) -> None:
        """A step before the first batch begins."""

    def dataset_ready(self, dataset: Dataset, pinned: Pinned) -> None:
        """The data are there. Raises `DataChanged` when they are not those of the start."""

    def evaluating(self) -> None:
        """The last batch is behind."""


@dataclass(frozen=True, kw_only=True)
class TrainedStrategy:
    """A training that went to its end."""

    result: TrainingResult
    bundle: Bundle


class TrainingPipeline:
    """The way of one strategy, from its bars to its bundle."""

    @staticmethod
    def train_strategy(
        strategy: Strategy,
        *,
        run: PipelineRun,
        pinned: Pinned,
        resume_context: TrainingResumeContext | None = None,
    ) -> TrainedStrategy | None:
        """None when the run asked to stop; then it has the final snapshot.

        Raises `TrainingFailed`, and what the data and features raise.
        """
        run.preparing("market data and features")
        dataset = build_dataset(strategy, progress=run.preparing)
        run.dataset_ready(dataset, pinned)
        result = TrainingPipeline.train_model(
            strategy, dataset, run=run, pinned=pinned, resume_context=resume_context
        )
        if result.stopped_by_request:
            return None
        run.evaluating()
        bundle = make_bundle(strategy, dataset, result, pinned)
        return TrainedStrategy(result=result, bundle=bundle)

    @staticmethod
    def train_model(
        strategy: Strategy,
        dataset: Dataset,
        *,
        run: TrainingRun,
        pinned: Pinned,
        resume_context: TrainingResumeContext | None = None,
    ) -> TrainingResult:
        trainer = ModelTrainer(strategy, run=run, pinned=pinned, resume_context=resume_context)
        return trainer.train(dataset)

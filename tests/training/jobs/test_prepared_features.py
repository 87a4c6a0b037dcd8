"""What an attempt trains on is prepared once; every later attempt takes it from the cache."""

from pathlib import Path
from typing import Any

import pytest
import torch
from pytest_django import Settings

from tests.acceptance import trainings
from tests.training.trainer.watching import Watcher
from training.features.assembly import build_dataset
from training.features.cache import prepare_dataset
from training.features.dataset import Dataset
from training.pipeline import TrainedStrategy, TrainingPipeline
from training.strategy import Strategy, apply_overrides, list_strategies, load_strategy
from training.trainer.pinned import Pinned
from training.trainer.resume_context import TrainingResumeContext
from training.trainer.run import Request

pytestmark = pytest.mark.django_db(transaction=True)  # trains longer than one may idle in one

SHIPPED = [file.load().strategy for file in list_strategies()]


class Attempt(Watcher):
    """Remembers how its data were prepared."""

    until = None

    def __init__(self, *, stops_in_epoch: int = 10**9) -> None:
        super().__init__(lambda at: Request.STOP if at.epoch >= stops_in_epoch else Request.NONE)
        self.steps: list[str] = []

    @property
    def computed_features(self) -> bool:
        return any(step.startswith("Computing") for step in self.steps)

    def preparing(self, step: str) -> None:
        self.steps.append(step)

    def dataset_ready(self, dataset: Dataset, pinned: Pinned) -> None:
        self.dataset = dataset

    def evaluating(self) -> None:
        pass


@pytest.fixture(autouse=True)
def empty_cache(settings: Settings, tmp_path: Path) -> Path:
    settings.KTRDR_DATA_DIR = tmp_path
    return tmp_path / "cache" / "features"


@pytest.fixture
def strategy() -> Strategy:
    loaded = load_strategy(trainings.STRATEGY, source="test").strategy
    return apply_overrides(loaded, epochs=3)


def train(strategy: Strategy, run: Attempt, **resume: Any) -> TrainedStrategy | None:
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    return TrainingPipeline.train_strategy(strategy, run=run, pinned=pinned, **resume)


def test_a_resume_computes_no_feature_again_and_ends_with_the_same_bytes(
    strategy: Strategy,
) -> None:
    first, second, undisturbed = Attempt(stops_in_epoch=1), Attempt(), Attempt()
    assert train(strategy, first) is None
    assert first.final is not None
    context = TrainingResumeContext.from_artifacts(first.final.artifacts(), original_request={})
    resumed = train(strategy, second, resume_context=context)
    at_once = train(strategy, undisturbed)
    assert (first.computed_features, second.computed_features) == (True, False)
    assert resumed is not None and at_once is not None
    assert resumed.bundle.files == at_once.bundle.files


def test_a_damaged_entry_changes_no_byte_of_the_result(
    strategy: Strategy, empty_cache: Path
) -> None:
    before = train(strategy, Attempt())
    (entry,) = empty_cache.iterdir()
    features = bytearray((entry / "features").read_bytes())
    features[1000] ^= 1
    (entry / "features").write_bytes(features)
    again = Attempt()
    after = train(strategy, again)
    assert again.computed_features
    assert before is not None and after is not None
    assert after.bundle.files == before.bundle.files


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda strategy: strategy.name)
def test_the_cache_gives_the_very_dataset_that_is_computed_without_it(shipped: Strategy) -> None:
    computed = build_dataset(shipped)
    prepare_dataset(shipped)
    steps: list[str] = []
    cached = prepare_dataset(shipped, progress=steps.append)
    assert not any(step.startswith("Computing") for step in steps)
    assert cached.digest() == computed.digest()
    shown = (
        "label_balance",
        "fitted_ranges",
        "outside_range",
        "symbol_samples",
        "warnings",
        "data_fingerprints",
        "data_ranges",
    )
    assert [getattr(cached, name) for name in shown] == [getattr(computed, name) for name in shown]

"""A training that goes wrong says where, and leaves its last good state."""

import numpy as np
import pytest
import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy
from tests.training.trainer.watching import Watcher
from training.errors import TrainingFailed
from training.features.dataset import Dataset
from training.model_trainer import ModelTrainer
from training.trainer.pinned import Pinned
from training.trainer.run import Request
from training.trainer.state import Position, Snapshot

pytestmark = pytest.mark.usefixtures("engine")


def poisoned(value: float) -> tuple[Dataset, int]:
    """A dataset whose features are not all finite, and the batch of 16 the bad row falls in."""
    dataset = make_dataset(make_strategy(sampling="sequential"))
    row = 40
    dataset.features[dataset.train[row]] = value
    return dataset, row // 16


def assert_finite(snapshot: Snapshot) -> None:
    tensors = [t for part in snapshot.parts.values() for t in part.values()]
    assert all(torch.isfinite(t).all() for t in tensors if isinstance(t, torch.Tensor))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_names_epoch_and_batch(value: float) -> None:
    dataset, batch = poisoned(value)
    with pytest.raises(TrainingFailed) as failure:
        ModelTrainer(make_strategy(sampling="sequential")).train(dataset)
    assert (failure.value.epoch, failure.value.batch) == (0, batch)
    assert "epoch 0, batch 2" in str(failure.value)
    assert "a plain resume will fail at the same batch" in str(failure.value)


def test_the_last_good_state_is_the_last_saved_one() -> None:
    dataset, batch = poisoned(np.nan)
    run = Watcher(lambda p: Request.SAVE if p.batch == batch else Request.NONE)
    with pytest.raises(TrainingFailed) as failure:
        ModelTrainer(make_strategy(sampling="sequential"), run=run).train(dataset)
    assert failure.value.last_good.position == Position(epoch=-1, batch=batch)
    assert_finite(failure.value.last_good)


def test_nothing_that_is_not_finite_is_saved() -> None:
    dataset, batch = poisoned(np.nan)
    run = Watcher(lambda p: Request.SAVE)
    with pytest.raises(TrainingFailed):
        ModelTrainer(make_strategy(sampling="sequential"), run=run).train(dataset)
    assert len(run.saved) == batch
    for snapshot in run.saved:
        assert_finite(snapshot)


def test_weights_that_overflow_fail_at_the_epochs_end_with_the_start_kept() -> None:
    strategy = make_strategy(optimizer="sgd", learning_rate=10.0, epochs=50, batch_size=1)
    dataset = make_dataset(strategy)
    dataset.features[:] *= 1e18
    with pytest.raises(TrainingFailed) as failure:
        ModelTrainer(strategy).train(dataset)
    assert_finite(failure.value.last_good)


def test_a_validation_loss_that_is_not_finite_fails_after_the_last_batch() -> None:
    strategy = make_strategy()
    dataset = make_dataset(strategy)
    dataset.features[dataset.validation[3]] = np.nan
    with pytest.raises(TrainingFailed, match="val_loss is not finite") as failure:
        ModelTrainer(strategy).train(dataset)
    assert failure.value.batch == 8  # of 120 rows in batches of 16
    assert failure.value.last_good.history == {}


def test_a_step_that_raises_names_epoch_batch_and_cause() -> None:
    strategy = make_strategy(sampling="sequential")
    dataset = make_dataset(strategy)
    dataset.labels[dataset.train[20]] = 7
    with pytest.raises(TrainingFailed, match="epoch 0, batch 1: IndexError") as failure:
        ModelTrainer(strategy).train(dataset)
    assert failure.value.last_good.position == Position(epoch=-1, batch=0)


def test_what_the_run_raises_is_not_the_trainings_failure() -> None:
    def lost(_: Position) -> Request:
        raise ConnectionError("the database is away")

    strategy = make_strategy()
    with pytest.raises(ConnectionError):
        ModelTrainer(strategy, run=Watcher(lost)).train(make_dataset(strategy))


def test_a_device_that_is_not_there_is_said_before_anything_starts() -> None:
    strategy = make_strategy()
    pinned = Pinned.by_rule(strategy, torch.device("cuda"))
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises((RuntimeError, AssertionError)):
        ModelTrainer(strategy, pinned=pinned).train(make_dataset(strategy))

from typing import Any

import numpy as np
import pytest
import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy, mlp, recurrent
from training.features.dataset import Dataset
from training.strategy import Strategy
from training.trainer import batches
from training.trainer.batches import Batch, Batches, DeviceData

CPU = torch.device("cpu")


def epoch_of(strategy: Strategy, dataset: Dataset, *, start: int = 0) -> list[Batch]:
    data = DeviceData(strategy, dataset, CPU)
    cut = Batches(data, strategy.training.batch_size)
    return [copy_of(batch) for batch in cut.of(data.training_pass(0), start=start)]


def copy_of(batch: Batch) -> Batch:
    weights = None if batch.weights is None else batch.weights.clone()
    return Batch(batch.inputs.clone(), batch.targets.clone(), weights)


def test_an_epoch_is_every_sample_once_with_a_shorter_last_batch() -> None:
    strategy = make_strategy(batch_size=50)
    dataset = make_dataset(strategy)
    epoch = epoch_of(strategy, dataset)
    assert [len(batch.inputs) for batch in epoch] == [50, 50, 20]
    rows = np.concatenate([batch.inputs.numpy() for batch in epoch])
    expected = dataset.features[dataset.train]
    assert sorted(map(tuple, rows)) == sorted(map(tuple, expected))


@pytest.mark.parametrize("chunk_floats", [1, 150, 1_000_000])
@pytest.mark.parametrize("model", [mlp(), recurrent("gru")], ids=["rows", "windows"])
def test_starting_in_the_middle_gives_the_same_batches(
    model: dict[str, Any], chunk_floats: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK_FLOATS", chunk_floats)
    strategy = make_strategy(model=model, batch_size=7)
    dataset = make_dataset(strategy)
    whole = epoch_of(strategy, dataset)
    for start in range(len(whole) + 1):
        rest = epoch_of(strategy, dataset, start=start)
        assert len(rest) == len(whole) - start
        for batch, expected in zip(rest, whole[start:], strict=True):
            assert torch.equal(batch.inputs, expected.inputs)
            assert torch.equal(batch.targets, expected.targets)


def test_a_window_ends_in_its_samples_row() -> None:
    strategy = make_strategy(model=recurrent("lstm", sequence_length=4), sampling="sequential")
    dataset = make_dataset(strategy)
    first = epoch_of(strategy, dataset)[0]
    row = dataset.train[2]
    assert np.array_equal(first.inputs[2].numpy(), dataset.features[row - 3 : row + 1])
    assert int(first.targets[2]) == dataset.labels[row]


@pytest.mark.parametrize("model", [mlp(), recurrent("lstm")], ids=["rows", "windows"])
def test_features_and_labels_are_not_copied(model: dict[str, Any]) -> None:
    strategy = make_strategy(model=model)
    dataset = make_dataset(strategy)
    data = DeviceData(strategy, dataset, CPU)
    assert data.features.data_ptr() == dataset.features.ctypes.data
    assert data.targets.data_ptr() == dataset.labels.ctypes.data
    assert Batches(data, 16)._windows.data_ptr() == dataset.features.ctypes.data


def test_read_only_features_are_taken_as_they_are() -> None:
    strategy = make_strategy()
    dataset = make_dataset(strategy)
    dataset.features.flags.writeable = False
    assert DeviceData(strategy, dataset, CPU).features.data_ptr() == dataset.features.ctypes.data


def test_batches_reuse_one_buffer() -> None:
    strategy = make_strategy()
    data = DeviceData(strategy, make_dataset(strategy), CPU)
    cut = Batches(data, 16)
    first = [batch.inputs.data_ptr() for batch in cut.of(data.training_pass(0))]
    second = [batch.inputs.data_ptr() for batch in cut.of(data.training_pass(1))]
    assert first == second


def test_training_weights_of_each_batch_sum_to_1() -> None:
    labels = {"source": "triple_barrier", "compute_weights": True}
    strategy = make_strategy(labels=labels, class_weights="inverse")
    for batch in epoch_of(strategy, make_dataset(strategy)):
        assert batch.weights is not None
        assert float(batch.weights.sum()) == pytest.approx(1.0)


def test_weights_are_class_weight_times_uniqueness() -> None:
    labels = {"source": "triple_barrier", "compute_weights": True}
    strategy = make_strategy(labels=labels, class_weights={"hold": 3.0}, sampling="sequential")
    dataset = make_dataset(strategy)
    assert dataset.weights is not None
    expected = (
        dataset.weights[dataset.train]
        * np.array([1.0, 3.0, 1.0])[dataset.labels[dataset.train].astype(int)]
    )
    first = epoch_of(strategy, dataset)[0].weights
    assert first is not None
    np.testing.assert_allclose(first, expected[:16] / expected[:16].sum(), rtol=1e-6)


def test_a_weighted_draw_leaves_the_loss_unweighted() -> None:
    labels = {"source": "triple_barrier", "compute_weights": True}
    strategy = make_strategy(labels=labels, sampling="weighted")
    assert epoch_of(strategy, make_dataset(strategy))[0].weights is None


def test_validation_is_weighted_by_class_and_never_by_uniqueness() -> None:
    labels = {"source": "triple_barrier", "compute_weights": True}
    strategy = make_strategy(labels=labels, class_weights={"hold": 3.0})
    dataset = make_dataset(strategy)
    way = DeviceData(strategy, dataset, CPU).evaluation_pass(dataset.validation, 16)
    assert way.weights is not None
    of_class = np.array([1.0, 3.0, 1.0])[dataset.labels[dataset.validation].astype(int)]
    np.testing.assert_array_equal(way.weights, of_class)

"""The digest changes with anything that a training reads, and with nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.features.datasets import daily, dataset_of, make_strategy
from training.features.dataset import Dataset

ARRAYS = (
    *("features", "labels", "weights", "times", "symbols"),
    *("open", "close", "train", "validation", "test", "test_bars", "events"),
)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    labels = {"source": "triple_barrier", "compute_weights": True}
    return dataset_of(make_strategy(labels=labels), daily(700))


def test_the_same_bars_and_strategy_have_the_same_digest(dataset: Dataset) -> None:
    labels = {"source": "triple_barrier", "compute_weights": True}
    again = dataset_of(make_strategy(labels=labels), daily(700))
    assert again.digest() == dataset.digest()
    assert len(dataset.digest()) == 64


@pytest.mark.parametrize("name", ARRAYS)
def test_one_bit_of_any_array_changes_it(dataset: Dataset, name: str) -> None:
    array = getattr(dataset, name).copy()
    array.view(np.uint8).reshape(-1)[7] ^= 1
    assert replace(dataset, **{name: array}).digest() != dataset.digest()


def test_the_same_bytes_in_another_shape_or_type_change_it(dataset: Dataset) -> None:
    turned = replace(dataset, features=dataset.features.reshape(dataset.features.shape[::-1]))
    retyped = replace(dataset, times=dataset.times.view(np.uint64))
    assert len({found.digest() for found in (dataset, turned, retyped)}) == 3


def test_every_array_is_covered(dataset: Dataset) -> None:
    assert set(dataset.arrays()) == set(ARRAYS)


def test_moving_a_row_from_one_part_to_the_next_changes_it(dataset: Dataset) -> None:
    moved = replace(
        dataset,
        train=dataset.train[:-1],
        validation=np.concatenate([dataset.train[-1:], dataset.validation]),
    )
    assert moved.digest() != dataset.digest()


def test_normalisation_and_names_change_it(dataset: Dataset) -> None:
    for changed in (
        replace(dataset, normalization={}),
        replace(dataset, feature_ids=dataset.feature_ids[::-1]),
        replace(dataset, sequence_length=2),
        replace(dataset, class_names=("up", "flat", "down")),
        replace(dataset, symbol_names=("BBB",)),
    ):
        assert changed.digest() != dataset.digest()


def test_it_does_not_depend_on_the_byte_order_of_the_machine(dataset: Dataset) -> None:
    swapped = replace(dataset, times=dataset.times.astype(">i8"))
    assert swapped.digest() == dataset.digest()


def test_what_is_only_shown_does_not_change_it(dataset: Dataset) -> None:
    shown = replace(
        dataset,
        warnings=(),
        label_balance={},
        fitted_ranges={},
        outside_range={},
        medians={},
        symbol_samples={},
        data_fingerprints={},
        data_ranges={},
    )
    assert shown.digest() == dataset.digest()

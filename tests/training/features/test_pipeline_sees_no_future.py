"""On whole datasets: no feature knows a bar that comes after its row."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.features.datasets import daily, dataset_of, make_strategy
from tests.training.features.indicator_cases import TYPES, section
from tests.training.features.price_series import changed_after, random_bars
from training.features.dataset import Dataset

EVERY_OUTPUT = [
    f"{name}.{output}" if output else name
    for name in TYPES
    for output in section(name).outputs or ("",)
    if output not in section(name).look_ahead
]
BARS = daily(6000)


def all_indicators(normalization: str) -> Any:
    return make_strategy(
        timeframes=("1d", "1w"),
        indicators={name: {"type": name} for name in TYPES if section(name).look_ahead != {""}},
        fuzzy_sets={},
        nn_inputs=[
            {"raw_indicator": name, "normalization": normalization} for name in EVERY_OUTPUT
        ],
    )


def features_until(dataset: Dataset, time: int) -> np.ndarray[Any, Any]:
    return dataset.features[dataset.times <= time]


@settings(max_examples=15, deadline=None)
@given(row=st.integers(4100, 5998), seed=st.integers(0, 1_000))
def test_before_normalisation_later_bars_change_no_feature(row: int, seed: int) -> None:
    strategy = all_indicators("none")
    other = changed_after(BARS, row, seed=seed)
    ours, theirs = dataset_of(strategy, BARS), dataset_of(strategy, other)
    known = features_until(ours, int(BARS.times[row]))
    assert len(known) > 50
    assert np.array_equal(known, features_until(theirs, int(BARS.times[row])))


@pytest.mark.parametrize("method", ["minmax", "zscore"])
def test_bars_after_the_training_part_change_no_normalised_feature_before(method: str) -> None:
    strategy = all_indicators(method)
    ours = dataset_of(strategy, BARS)
    last_of_training = int(np.searchsorted(BARS.times, ours.times[ours.validation[0]])) - 1
    for row in (last_of_training, last_of_training + 40):
        theirs = dataset_of(strategy, changed_after(BARS, row))
        time = int(BARS.times[row])
        assert np.array_equal(features_until(ours, time), features_until(theirs, time))
        assert ours.normalization == theirs.normalization


def test_another_symbols_bars_change_no_feature() -> None:
    strategy = make_strategy(symbols=("AAA", "BBB"))
    first = random_bars(700)
    ours = dataset_of(strategy, first, random_bars(700, seed=2))
    theirs = dataset_of(strategy, first, random_bars(700, seed=3))
    assert np.array_equal(ours.features[ours.symbols == 0], theirs.features[theirs.symbols == 0])

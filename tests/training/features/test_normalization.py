"""Raw inputs are scaled by what the training part knew, each symbol by its own."""

import numpy as np
import pytest

from tests.training.features.datasets import daily, dataset_of, make_strategy
from training.features.normalization import fit_scaling
from training.strategy.nn_inputs import Normalization

VALUES = np.array([1.0, 2.0, 3.0, 6.0, 100.0, 2.0, -50.0])
TRAINING = np.arange(4)
LATER = {"validation": np.arange(0), "test": np.arange(4, 7)}


def test_zscore_uses_the_population_deviation_of_the_training_rows() -> None:
    scaling = fit_scaling("zscore", VALUES, TRAINING, later={}).scaling
    assert scaling.offset == pytest.approx(3.0)
    assert scaling.scale == pytest.approx(np.std([1.0, 2.0, 3.0, 6.0]))


def test_minmax_uses_the_range_of_the_training_rows() -> None:
    scaling = fit_scaling("minmax", VALUES, TRAINING, later={}).scaling
    assert (scaling.offset, scaling.scale) == (1.0, 5.0)


@pytest.mark.parametrize("method", ["none", "minmax", "zscore"])
def test_the_share_outside_the_fitted_range_is_of_the_later_rows(method: Normalization) -> None:
    assert fit_scaling(method, VALUES, TRAINING, later=LATER).outside == {
        "test": pytest.approx(2 / 3)
    }


@pytest.mark.parametrize("method", ["none", "minmax", "zscore"])
def test_the_fitted_range_is_that_of_the_training_rows(method: Normalization) -> None:
    assert fit_scaling(method, VALUES, TRAINING, later={}).fitted_range == (1.0, 6.0)


@pytest.mark.parametrize("method", ["minmax", "zscore"])
def test_a_constant_becomes_zero_and_divides_nothing(method: Normalization) -> None:
    scaling = fit_scaling(method, np.full(9, 0.1), np.arange(5), later={}).scaling
    assert (scaling.offset, scaling.scale) == (0.1, 1.0)


@pytest.mark.parametrize("method", ["minmax", "zscore"])
def test_what_varies_by_rounding_only_is_a_constant(method: Normalization) -> None:
    """Divided by a deviation of 1e-17, the first value that moves would be 1e15."""
    values = 0.1 * (1.0 + np.array([0.0, 2.0, -3.0, 1.0, 0.0]) * np.finfo(np.float64).eps)
    assert np.ptp(values) > 0.0
    assert fit_scaling(method, values, np.arange(5), later={}).scaling.scale == 1.0


def test_nothing_is_scaled_without_training_rows() -> None:
    with pytest.raises(ValueError, match="no training rows"):
        fit_scaling("zscore", VALUES, np.arange(0), later={})


def test_a_value_at_the_edge_of_the_range_is_not_outside_for_its_rounding() -> None:
    values = np.array([0.1, 0.3, 0.1 + 0.2, 0.31])
    fit = fit_scaling("minmax", values, np.arange(2), later={"test": np.arange(2, 4)})
    assert values[2] > 0.3
    assert fit.outside == {"test": 0.5}


def test_each_symbol_is_scaled_by_its_own_training_rows() -> None:
    strategy = make_strategy(symbols=("AAA", "BBB"))
    dataset = dataset_of(strategy, daily(700), daily(700, seed=2))
    column = dataset.feature_ids.index("1d_macd.histogram_raw")
    cut_time = dataset.times[dataset.validation[0]]
    for number in (0, 1):
        rows = (dataset.symbols == number) & (dataset.times < cut_time)
        values = dataset.features[rows, column].astype(np.float64)
        assert values.mean() == pytest.approx(0.0, abs=1e-6)
        assert values.std() == pytest.approx(1.0, abs=1e-6)
    assert dataset.normalization["AAA"] != dataset.normalization["BBB"]


def test_later_values_are_not_clipped_and_reported_by_part() -> None:
    dataset = dataset_of(make_strategy(), daily(700))
    column = dataset.features[:, dataset.feature_ids.index("1d_width_raw")]
    outside = (column < 0.0) | (column > 1.0)
    reported = dataset.outside_range["AAA"]["1d_width_raw"]
    first, second = (dataset.times[rows[0]] for rows in (dataset.validation, dataset.test))
    validation = (dataset.times >= first) & (dataset.times < second)
    assert reported == pytest.approx(
        {"validation": outside[validation].mean(), "test": outside[dataset.test_bars].mean()}
    )
    assert max(reported.values()) > 0.0

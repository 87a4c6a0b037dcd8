"""A bar without a price: the indicator has no value there and begins anew after it."""

from typing import Any

import numpy as np
import pytest

from tests.training.features.indicator_cases import all_sections, name_of, section
from tests.training.features.price_series import random_bars
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.market_data.bars import Bars

HOLE = 300
PRICES = ("open", "high", "low", "close", "volume")


def with_hole(bars: Bars, value: float = np.nan) -> Bars:
    for name in PRICES:
        getattr(bars, name)[HOLE] = value
    return bars


@pytest.mark.parametrize("holed", all_sections(), ids=name_of)
def test_values_after_a_hole_are_those_of_a_series_that_begins_there(holed: Any) -> None:
    whole = random_bars(700)
    before = compute_indicator(holed, Prices(whole.rows(slice(0, HOLE))))
    after = compute_indicator(holed, Prices(whole.rows(slice(HOLE + 1, None))))
    for value in (np.nan, np.inf):
        across = compute_indicator(holed, Prices(with_hole(random_bars(700), value)))
        for name, values in across.items():
            assert np.isnan(values[HOLE])
            assert np.array_equal(values[:HOLE], before[name], equal_nan=True)
            assert np.array_equal(values[HOLE + 1 :], after[name], equal_nan=True)


def test_a_hole_in_a_column_that_is_not_read_changes_nothing() -> None:
    bars = random_bars(400)
    expected = compute_indicator(section("rsi"), Prices(bars))[""]
    bars.volume[HOLE] = np.nan
    values = compute_indicator(section("rsi"), Prices(bars))[""]
    assert np.array_equal(values, expected, equal_nan=True)

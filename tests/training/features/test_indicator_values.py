"""Each indicator has the values of its definition, from its first rows on."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.training.features import references
from tests.training.features.indicator_cases import all_sections, name_of
from tests.training.features.price_series import flat_bars, joined, random_bars
from training.features.arrays import Float64Array
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.market_data.bars import Bars

COLUMNS = ("open", "high", "low", "close", "volume")


def expected(section: Any, bars: Bars) -> list[Float64Array]:
    table = {name: getattr(bars, name).tolist() for name in COLUMNS}
    outputs = getattr(references, section.type)(table, section)
    return [
        np.array([math.nan if value is None else value for value in output]) for output in outputs
    ]


@cache
def series() -> dict[str, Bars]:
    moving = random_bars(150, seed=4, price=5_000.0)
    asleep = flat_bars(600, price=float(moving.close[-1]))
    without_volume = random_bars(200, seed=6)
    without_volume.volume[50:120] = 0.0
    return {
        "usual": random_bars(700),
        "at a high price": random_bars(300, seed=2, price=60_000.0, volatility=0.001),
        "at a tiny price": random_bars(300, seed=3, price=1e-8, volatility=0.02),
        "flat": flat_bars(150),
        "moving, and falling asleep": joined(moving, asleep, random_bars(100, seed=5)),
        "without volume": without_volume,
    }


def assert_close(section: Any, bars: Bars, kind: str) -> None:
    """Hold 1e-9 of the value, the price or 100, whichever is largest."""
    computed = compute_indicator(section, Prices(bars))
    for (name, ours), theirs in zip(computed.items(), expected(section, bars), strict=True):
        unit = np.maximum(np.abs(theirs), np.maximum(bars.close, 100.0))
        assert np.array_equal(np.isnan(ours), np.isnan(theirs)), (kind, name)
        wrong = np.abs(ours - theirs) > 1e-9 * unit
        assert not wrong.any(), (kind, name, int(wrong.argmax()), ours[wrong][0], theirs[wrong][0])


@pytest.mark.parametrize("section", all_sections(), ids=name_of)
class TestEveryIndicator:
    def test_equals_its_definition_on_every_row(self, section: Any) -> None:
        for kind, bars in series().items():
            assert_close(section, bars, kind)

    def test_has_no_value_before_its_window_is_full(self, section: Any) -> None:
        for num_bars in (1, 2, 3, 5, 13):
            assert_close(section, random_bars(num_bars), f"{num_bars} bars")

    def test_has_no_rows_where_there_are_no_bars(self, section: Any) -> None:
        for values in compute_indicator(section, Prices(random_bars(0))).values():
            assert values.size == 0

    def test_has_a_value_on_every_row_once_it_has_settled(self, section: Any) -> None:
        length = section.settle_length("loose")
        bars = random_bars(length + 50)
        for values in compute_indicator(section, Prices(bars)).values():
            assert np.isfinite(values[length - 1 :]).all()

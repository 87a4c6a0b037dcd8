"""Bars with a price of 0 or below are refused by whoever would use them, with symbol and dates."""

from dataclasses import replace

import pytest

from training.features.errors import PriceNotPositive
from training.features.history import load_history
from training.features.plan import plan_features
from training.market_data.bars import Bars
from training.market_data.samples import load_sample
from training.strategy import find_strategy

SAMPLE = load_sample("SP500", "1d")
STRATEGY = find_strategy("channels_gru").load().strategy  # begins in 2002


def with_low(row: int, low: float) -> Bars:
    lows = SAMPLE.low.copy()
    lows[row] = low
    return replace(SAMPLE, low=lows)


def load(bars: Bars) -> None:
    load_history(STRATEGY, "SP500", plan_features(STRATEGY), lambda *_, **__: bars)


@pytest.mark.parametrize("low", [0.0, -37.63])
def test_one_price_is_enough(low: float) -> None:
    with pytest.raises(PriceNotPositive, match=r"SP500 .* 1d bars .* 1 of them: 2018-12-31"):
        load(with_low(-1, low))


def test_only_bars_that_are_used_count() -> None:
    load(with_low(0, -1.0))

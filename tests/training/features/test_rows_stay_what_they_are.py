"""Rows, labels and parts of the shipped strategies, as they were before rows could be dropped.

Whole numbers only: their features' last bits may differ from one processor to another.
"""

import hashlib

import pytest

from training.features.assembly import build_dataset
from training.market_data.bars import Bars
from training.market_data.samples import load_sample
from training.market_data.timeframes import resample
from training.strategy import find_strategy
from training.strategy.values import Timeframe

ARRAYS = ("times", "symbols", "labels", "train", "validation", "test", "test_bars", "events")
DIGESTS = {
    "channels_gru": "9d9c18856ce68751",
    "rsi_reversal": "e8f249831eddba15",
    "sp500_daily": "e9230ad617a6ee19",
    "trend_daily_weekly": "31d3f7da3d1b571f",
    "two_indices": "bcd2013f2c6869ea",
}


def load(symbol: str, timeframe: Timeframe, *, end: int | None = None) -> Bars:
    days = load_sample(symbol, "1d").between(None, end)
    return days if timeframe == "1d" else resample(days, source="1d", target=timeframe)


@pytest.mark.parametrize("name", DIGESTS)
def test_a_strategy_without_finer_bars_has_the_rows_it_had(name: str) -> None:
    dataset = build_dataset(find_strategy(name).load().strategy, load_bars=load)
    digest = hashlib.sha256()
    for array in ARRAYS:
        digest.update(getattr(dataset, array).tobytes())
    assert digest.hexdigest()[:16] == DIGESTS[name]
    assert not [warning for warning in dataset.warnings if warning.code == "dropped_rows"]

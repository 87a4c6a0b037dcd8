"""Bars as candles: every price of the bars is in them, however many are drawn as one."""

import numpy as np
import pytest

from training.market_data.bars import Bars
from training.market_data.looking.candles import MOST_CANDLES, draw_candles
from training.market_data.samples import load_sample
from training.market_data.timeframes import DAY


def daily(rows: int, *, without: int | None = None) -> Bars:
    """Bars of every day, but for one."""
    times = DAY * np.arange(rows, dtype=np.int64)
    closes = 100 + np.arange(rows) % 7.0
    bars = Bars(
        times=times,
        open=closes - 1,
        high=closes + 2,
        low=closes - 3,
        close=closes,
        volume=np.arange(rows, dtype=np.float64),
    )
    if without is None:
        return bars
    return bars.rows(slice(0, without)).followed_by(bars.rows(slice(without + 1, rows)))


def test_without_a_range_the_newest_bars_are_drawn_each_as_one() -> None:
    bars = load_sample("SP500", "1d")
    candles = draw_candles(bars, "1d")
    newest = bars.rows(slice(len(bars) - MOST_CANDLES, len(bars)))
    assert (candles.bars_each, candles.num_bars) == (1, MOST_CANDLES)
    for name in ("times", "open", "high", "low", "close", "volume"):
        assert getattr(candles, name) == getattr(newest, name).tolist()


@pytest.mark.parametrize("rows", [1, MOST_CANDLES, MOST_CANDLES + 1, 2 * MOST_CANDLES + 1, 5031])
def test_a_candle_of_several_bars_has_their_first_last_and_whole_range(rows: int) -> None:
    bars = daily(rows)
    candles = draw_candles(bars, "1d", start=0)
    each = candles.bars_each
    assert len(candles) == -(-rows // each) <= MOST_CANDLES
    for number, first in enumerate(range(0, rows, each)):
        part = bars.rows(slice(first, first + each))
        assert (candles.times[number], candles.open[number]) == (part.times[0], part.open[0])
        assert (candles.high[number], candles.low[number]) == (part.high.max(), part.low.min())
        assert (candles.close[number], candles.volume[number]) == (
            part.close[-1],
            part.volume.sum(),
        )


def test_a_gap_is_marked_at_the_candle_after_it() -> None:
    bars = daily(900, without=700)
    [marked] = draw_candles(bars, "1d", start=690 * DAY).gaps
    assert marked == 10
    whole = draw_candles(bars, "1d", start=0)
    assert list(whole.gaps) == [700 // whole.bars_each]
    assert list(draw_candles(bars, "1d", start=701 * DAY).gaps) == []


def test_where_no_bar_lies_there_is_no_candle() -> None:
    assert len(draw_candles(daily(10), "1d", start=20 * DAY)) == 0

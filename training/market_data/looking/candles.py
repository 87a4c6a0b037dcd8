"""Bars as candles that fit on a screen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.market_data.bars import Bars
from training.market_data.gaps import missing_bars
from training.strategy.values import Timeframe

MOST_CANDLES = 400
"""As many as a wide screen tells apart."""


@dataclass(frozen=True, kw_only=True)
class Candles:
    """Plain lists, each of as many values as there are candles."""

    times: Sequence[int]
    """Opens of their first bars, Unix seconds."""
    open: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    close: Sequence[float]
    volume: Sequence[float]
    bars_each: int
    """So many bars are drawn as one; the last candle may have fewer."""
    gaps: Sequence[int]
    """Numbers of the candles before or in which bars are missing."""
    num_bars: int

    def __len__(self) -> int:
        return len(self.times)


def draw_candles(
    bars: Bars, timeframe: Timeframe, *, start: int | None = None, end: int | None = None
) -> Candles:
    """
    The bars whose opens lie from start to end, Unix seconds; without both, the newest ones.

    A candle of several bars opens with the first, closes with the last and has their whole range.
    """
    shown = bars.between(start, end)
    if start is None and end is None:
        shown = bars.rows(slice(max(0, len(bars) - MOST_CANDLES), len(bars)))
    each = max(1, -(-len(shown) // MOST_CANDLES))
    firsts = np.arange(0, len(shown), each)
    lasts = np.minimum(firsts + each, len(shown)) - 1
    return Candles(
        times=shown.times[firsts].tolist(),
        open=shown.open[firsts].tolist(),
        high=_by(np.maximum, shown.high, firsts),
        low=_by(np.minimum, shown.low, firsts),
        close=shown.close[lasts].tolist(),
        volume=_by(np.add, shown.volume, firsts),
        bars_each=each,
        gaps=_gaps(bars, shown, timeframe, each),
        num_bars=len(shown),
    )


def _by(reduce: np.ufunc, values: np.ndarray, firsts: np.ndarray) -> list[float]:
    return reduce.reduceat(values, firsts).tolist() if firsts.size else []


def _gaps(bars: Bars, shown: Bars, timeframe: Timeframe, each: int) -> list[int]:
    """Judged by the whole series: whether it trades on weekends, a part may not show."""
    after = bars.times[1:][missing_bars(bars.times, timeframe) > 0]
    rows = np.flatnonzero(np.isin(shown.times, after))
    return sorted({int(row) // each for row in rows if row > 0})

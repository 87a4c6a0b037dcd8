"""Bars of another timeframe as they are known on the rows of the base timeframe."""

import numpy as np

from training.features.arrays import BoolArray, Int64Array
from training.market_data.timeframes import DAY, seconds_of
from training.strategy.values import Timeframe

LONGEST_MONTH = 31 * DAY


def newest_closed_bar(row_ends: Int64Array, bar_ends: Int64Array) -> Int64Array:
    """Return for each row the newest bar whose end is not after the row's end, -1 for none.

    Ends are Unix seconds, ascending: `row_ends` [rows], `bar_ends` [bars].
    """
    return np.searchsorted(bar_ends, row_ends, side="right") - 1


def too_old(
    row_ends: Int64Array, bar_ends: Int64Array, newest: Int64Array, base: Timeframe
) -> BoolArray:
    """Return on which rows the newest closed bar ended more than a base period before the row did.

    On rows without any, too: `newest` [rows] is of `newest_closed_bar`.
    """
    if not bar_ends.size:
        return np.ones(row_ends.size, np.bool_)
    period = LONGEST_MONTH if base == "1M" else seconds_of(base)
    return (newest < 0) | (bar_ends[newest] < row_ends - period)

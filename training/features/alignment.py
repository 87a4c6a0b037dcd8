"""Bars of a higher timeframe as they are known on the rows of the base timeframe."""

import numpy as np

from training.features.arrays import Int64Array

MINUTE, HOUR, DAY = 60, 3_600, 86_400
TIMEFRAME_SECONDS = {
    "1m": MINUTE,
    "5m": 5 * MINUTE,
    "15m": 15 * MINUTE,
    "30m": 30 * MINUTE,
    "1h": HOUR,
    "2h": 2 * HOUR,
    "4h": 4 * HOUR,
    "1d": DAY,
    "1w": 7 * DAY,
}


def newest_closed_bar(
    row_times: Int64Array, row_seconds: int, bar_times: Int64Array, bar_seconds: int
) -> Int64Array:
    """Return for each row the newest bar whose end is not after the row's end, -1 for none.

    Times are opens, Unix seconds, ascending: `row_times` [rows], `bar_times` [bars].
    """
    bar_ends = bar_times + bar_seconds
    return np.searchsorted(bar_ends, row_times + row_seconds, side="right") - 1

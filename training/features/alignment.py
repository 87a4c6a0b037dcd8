"""Bars of a higher timeframe as they are known on the rows of the base timeframe."""

import numpy as np

from training.features.arrays import Int64Array


def newest_closed_bar(
    row_times: Int64Array, row_seconds: int, bar_times: Int64Array, bar_seconds: int
) -> Int64Array:
    """Return for each row the newest bar whose end is not after the row's end, -1 for none.

    Times are opens, Unix seconds, ascending: `row_times` [rows], `bar_times` [bars].
    """
    bar_ends = bar_times + bar_seconds
    return np.searchsorted(bar_ends, row_times + row_seconds, side="right") - 1

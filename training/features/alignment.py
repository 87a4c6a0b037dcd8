"""Bars of a higher timeframe as they are known on the rows of the base timeframe."""

import numpy as np

from training.features.arrays import Int64Array


def newest_closed_bar(row_ends: Int64Array, bar_ends: Int64Array) -> Int64Array:
    """Return for each row the newest bar whose end is not after the row's end, -1 for none.

    Ends are Unix seconds, ascending: `row_ends` [rows], `bar_ends` [bars].
    """
    return np.searchsorted(bar_ends, row_ends, side="right") - 1

"""Months, the only bars that are not of one length: all times are Unix seconds, UTC."""

import numpy as np

from training.market_data.bars import Int64Array


def month_of(times: Int64Array) -> Int64Array:
    """Months since January 1970."""
    months: Int64Array = times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return months


def month_start(months: Int64Array) -> Int64Array:
    """Midnight of the first day of months since January 1970."""
    starts: Int64Array = months.astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
    return starts


def months_later(times: Int64Array, count: int) -> Int64Array:
    """
    The same day and clock, `count` months later, or earlier.

    Where there is no such day it is the first of the month after: a month from 31 January on has
    ended with February.
    """
    months = month_of(times)
    moved = month_start(months + count) + (times - month_start(months))
    return np.minimum(moved, month_start(months + count + 1))

"""Which bars are missing between those that are there."""

import numpy as np

from training.market_data.bars import Int64Array
from training.market_data.calendar import month_of
from training.market_data.timeframes import DAY, HOUR, MONDAY, seconds_of
from training.strategy.values import Timeframe

WEEKEND_SHARE = 0.15
"""Of bars on Saturdays and Sundays: 2/7 of a market that never closes, 1/60 of one that opens on
Sunday evening."""


def missing_bars(times: Int64Array, timeframe: Timeframe, zone: str | None = None) -> Int64Array:
    """
    How many bars are missing between each bar and the next, 0 where that is no gap.

    Of a day or less they are those that the weeks around have (`slots.expected_missing`). Of fewer
    weeks than tell, weekends are no gap, nor is one missing weekday (a holiday), nor the time
    between two days of an intraday timeframe (the exchange is closed); where bars stand on weekends
    as on other days, every bar that is missing is one, as every week or month is.

    Args:
        times: opens, Unix seconds [rows], ascending.
        timeframe: length of a bar.
        zone: whose hours count, where it is known; else those of UTC.

    Returns:
        int64 [rows - 1].
    """
    length = seconds_of(timeframe)
    if timeframe == "1M":
        return _positive(np.diff(month_of(times + length // 2)) - 1)
    if length > DAY:
        return _steps_missing(times, length)
    # With polars: who only loads bars looks for no gaps, and needs not import it.
    from training.market_data.slots import expected_missing

    learned = expected_missing(times, timeframe, zone)
    return _by_weekdays(times, length) if learned is None else learned


def _steps_missing(times: Int64Array, length: int) -> Int64Array:
    hour = HOUR if length >= DAY else 0
    return _positive((np.diff(times) + hour) // length - 1)


def _positive(missing: Int64Array) -> Int64Array:
    return missing.clip(min=0)


def _by_weekdays(times: Int64Array, length: int) -> Int64Array:
    if _never_closes(times):
        return _steps_missing(times, length)
    missing = np.diff(_weekdays(times)) - 1
    found = missing > 1
    if length < DAY:
        within_a_day = (np.diff(times // DAY) == 0) & (np.diff(times) > length)
        missing = np.where(within_a_day, np.diff(times) // length - 1, missing * (DAY // length))
        found |= within_a_day
    return np.where(found, missing, 0)


def _never_closes(times: Int64Array) -> bool:
    on_weekend = (times - MONDAY) // DAY % 7 >= 5
    return bool(on_weekend.mean() > WEEKEND_SHARE)


def _weekdays(times: Int64Array) -> Int64Array:
    """Mondays to Fridays from the first Monday of 1970 to each time's day."""
    days = (times - MONDAY) // DAY
    return days // 7 * 5 + np.minimum(days % 7, 4)

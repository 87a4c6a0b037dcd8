"""How long bars last, and bars of a higher timeframe from bars of a lower one."""

import numpy as np

from training.market_data.bars import Bars, Int64Array
from training.strategy.values import TIMEFRAMES, Timeframe

MINUTE, HOUR, DAY = 60, 3600, 86_400
MONDAY = 4 * DAY  # 1970-01-05, the first Monday of Unix time

_SECONDS: dict[Timeframe, int] = {
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


def seconds_of(timeframe: Timeframe) -> int:
    """Length of a bar in seconds."""
    return _SECONDS[timeframe]


def bar_ends(bars: Bars, timeframe: Timeframe) -> Int64Array:
    """
    When bars have ended, Unix seconds [rows]: what they say is known from then on.

    That is one length after their open, or with the next bar's open: a first bar at 09:30 of an
    hourly file, which the one of 10:00 follows, has ended at 10:00. A day that is dated by its date
    in New York, and a week of such days, has ended at 05:00 UTC (`Bars.day_ends`). Whatever asks
    how far a bar reaches asks here.
    """
    return _reaches(bars.times, timeframe) + bars.day_ends


def _reaches(times: Int64Array, timeframe: Timeframe) -> Int64Array:
    ends: Int64Array = times + seconds_of(timeframe)
    ends[:-1] = np.minimum(ends[:-1], times[1:])
    return ends


def finer_than(timeframe: Timeframe) -> tuple[Timeframe, ...]:
    """Timeframes that divide this one, the finest first."""
    return TIMEFRAMES[: TIMEFRAMES.index(timeframe)]


def usual_step(steps: Int64Array, timeframe: Timeframe) -> int:
    """
    The most frequent step from bar to bar, in seconds; of several the shortest.

    A day or a week that a clock change made an hour longer or shorter is one all the same.

    Args:
        steps: at least one.
        timeframe: what the bars are said to be.
    """
    length = seconds_of(timeframe)
    if length >= DAY:
        steps = np.where(np.abs(steps - length) <= HOUR, length, steps)
    values, counts = np.unique(steps, return_counts=True)
    return int(values[counts.argmax()])


def resample(bars: Bars, *, source: Timeframe, target: Timeframe) -> Bars:
    """
    Bars of a higher timeframe; weeks start on Monday, UTC.

    A bar belongs to the higher bar in which it ends (`bar_ends`), so no higher bar knows anything
    that happened after its own end. The last higher bar is dropped unless it has ended. Days that
    end after midnight UTC belong to the week of their dates, which ends as much later.
    """
    length = seconds_of(target)
    ends = bar_ends(bars, source) - bars.day_ends
    opens = _opens(ends - 1, target)
    known_until = bars.times[-1:] if _may_be_cut_short(bars.times, source) else ends[-1:]
    is_complete = opens + length <= known_until
    bars, opens = bars.rows(slice(0, int(is_complete.sum()))), opens[is_complete]
    first_rows = np.flatnonzero(np.diff(opens, prepend=opens[:1] - length))
    if first_rows.size == 0:
        return bars.rows(slice(0, 0))
    last_rows = np.append(first_rows[1:], opens.size) - 1
    return Bars(
        times=opens[first_rows],
        open=bars.open[first_rows],
        high=np.maximum.reduceat(bars.high, first_rows),
        low=np.minimum.reduceat(bars.low, first_rows),
        close=bars.close[last_rows],
        volume=np.add.reduceat(bars.volume, first_rows),
        day_ends=bars.day_ends,
    )


def _may_be_cut_short(times: Int64Array, timeframe: Timeframe) -> bool:
    """Whether the last bar leaves the grid of the one before it, as the stub of a session does.

    Which higher bar it ends in is then known with the next bar.
    """
    phases = times[-2:] % seconds_of(timeframe)
    return phases.size == 2 and bool(phases[0] != phases[1])


def period_of(times: Int64Array, timeframe: Timeframe) -> Int64Array:
    """
    Open of the period that each bar belongs to: the one that its midpoint lies in.

    Periods begin at whole multiples of the timeframe, UTC, weeks on Monday. A daily bar that opens
    at 23:00 is the next date's; vendors' clocks then do not part what is one trading day.
    """
    return _opens(times + seconds_of(timeframe) // 2, timeframe)


def _opens(times: Int64Array, timeframe: Timeframe) -> Int64Array:
    """Open of the bar in which each time lies."""
    offset = MONDAY if timeframe == "1w" else 0
    length = seconds_of(timeframe)
    return (times - offset) // length * length + offset

"""How long bars last, and bars of a higher timeframe from bars of a lower one."""

import numpy as np

from training.market_data.bars import Bars, Int64Array
from training.market_data.calendar import month_of, month_start, months_later
from training.strategy.values import TIMEFRAMES, Timeframe

MINUTE, HOUR, DAY = 60, 3600, 86_400
MONDAY = 4 * DAY  # 1970-01-05, the first Monday of Unix time

_SECONDS: dict[Timeframe, int] = {
    "1m": MINUTE,
    "2m": 2 * MINUTE,
    "3m": 3 * MINUTE,
    "5m": 5 * MINUTE,
    "10m": 10 * MINUTE,
    "15m": 15 * MINUTE,
    "30m": 30 * MINUTE,
    "45m": 45 * MINUTE,
    "1h": HOUR,
    "2h": 2 * HOUR,
    "3h": 3 * HOUR,
    "4h": 4 * HOUR,
    "6h": 6 * HOUR,
    "8h": 8 * HOUR,
    "12h": 12 * HOUR,
    "1d": DAY,
    "1w": 7 * DAY,
    "1M": 30 * DAY,
}
_OF_0_1_0: tuple[Timeframe, ...] = ("1m", "5m", "15m", "30m", "1h", "2h", "4h", "1d", "1w")
_OF_MONTHS = (25 * DAY, 36 * DAY)
"""Between months that are dated by their first or last day of trading."""


def seconds_of(timeframe: Timeframe) -> int:
    """Length of a bar in seconds; of a month 30 days, to compare by: its end is `later`."""
    return _SECONDS[timeframe]


def later(times: Int64Array, timeframe: Timeframe, count: int = 1) -> Int64Array:
    """Times that are whole bars later, or earlier: a month by the calendar."""
    if timeframe == "1M":
        return months_later(times, count)
    return times + count * seconds_of(timeframe)


def bar_ends(bars: Bars, timeframe: Timeframe) -> Int64Array:
    """
    When bars have ended, Unix seconds [rows]: what they say is known from then on.

    That is one length after their open, or with the next bar's open: a first bar at 09:30 of an
    hourly file, which the one of 10:00 follows, has ended at 10:00. One of hours that stands on a
    local clock lasts an hour longer on the night in which clocks go back, and the next one opens as
    much later. A day that is dated by its date in New York, and a week of such days, has ended at
    05:00 UTC (`Bars.day_ends`). Whatever asks how far a bar reaches asks here.
    """
    return _reaches(bars.times, timeframe) + bars.day_ends


def _reaches(times: Int64Array, timeframe: Timeframe) -> Int64Array:
    ends, opens = later(times, timeframe), times[1:]
    longer_by = HOUR if seconds_of(timeframe) > HOUR else 0  # of an hour there would be two
    ends[:-1] = np.where(opens <= ends[:-1] + longer_by, opens, ends[:-1])
    return ends


def divides(finer: Timeframe, timeframe: Timeframe) -> bool:
    """Whether bars of a timeframe can be made of shorter ones: 1 h of 30 min, not of 45 min."""
    length = DAY if timeframe == "1M" else seconds_of(timeframe)
    return finer != timeframe and length % seconds_of(finer) == 0


def sources_of(timeframe: Timeframe) -> tuple[Timeframe, ...]:
    """
    Timeframes that one is made of, which has no bars of its own: the first of these that has some.

    That is the coarsest. Only of what 0.1.0 knew it is the finest of what 0.1.0 knew, as it was:
    trainings stand on those bars, whose sums of volumes have other bits when they are added up in
    two steps.
    """
    coarsest = [name for name in reversed(TIMEFRAMES) if divides(name, timeframe)]
    if timeframe not in _OF_0_1_0:
        return tuple(coarsest)
    as_ever = [name for name in _OF_0_1_0 if divides(name, timeframe)]
    return (*as_ever, *(name for name in coarsest if name not in _OF_0_1_0))


def usual_step(steps: Int64Array, timeframe: Timeframe) -> int:
    """
    The most frequent step from bar to bar, in seconds; of several the shortest.

    A day or a week that a clock change made an hour longer or shorter is one all the same, and so
    are months.

    Args:
        steps: at least one.
        timeframe: what the bars are said to be.
    """
    length = seconds_of(timeframe)
    if timeframe == "1M":
        least, most = _OF_MONTHS
        steps = np.where((least <= steps) & (steps <= most), length, steps)
    elif length >= DAY:
        steps = np.where(np.abs(steps - length) <= HOUR, length, steps)
    values, counts = np.unique(steps, return_counts=True)
    return int(values[counts.argmax()])


def resample(bars: Bars, *, source: Timeframe, target: Timeframe) -> Bars:
    """
    Bars of a higher timeframe, which begin at midnight UTC and whole multiples from there.

    Weeks start on Monday, months on their first.
    A bar belongs to the higher bar in which it ends (`bar_ends`), so no higher bar knows anything
    that happened after its own end. The last higher bar is dropped unless it has ended. Days that
    end after midnight UTC belong to the week of their dates, which ends as much later.
    """
    ends = bar_ends(bars, source) - bars.day_ends
    opens = period_start(ends - 1, target)
    known_until = bars.times[-1:] if _may_be_cut_short(bars.times, source) else ends[-1:]
    is_complete = later(opens, target) <= known_until
    bars, opens = bars.rows(slice(0, int(is_complete.sum()))), opens[is_complete]
    first_rows = np.flatnonzero(np.diff(opens, prepend=opens[:1] - 1))
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
    ).with_days_of(bars)


def _may_be_cut_short(times: Int64Array, timeframe: Timeframe) -> bool:
    """Whether the last bar leaves the grid of the one before it, as the stub of a session does.

    Which higher bar it ends in is then known with the next bar.
    """
    phases = times[-2:] % seconds_of(timeframe)
    return phases.size == 2 and bool(phases[0] != phases[1])


def period_of(times: Int64Array, timeframe: Timeframe) -> Int64Array:
    """
    Open of the period that each bar belongs to: the one that its midpoint lies in.

    Periods begin at whole multiples of the timeframe, UTC, weeks on Monday, months on their first.
    A daily bar that opens at 23:00 is the next date's; vendors' clocks then do not part what is one
    trading day.
    """
    return period_start(times + seconds_of(timeframe) // 2, timeframe)


def period_start(times: Int64Array, timeframe: Timeframe) -> Int64Array:
    """Open of the period in which each time lies: whole multiples of the timeframe, UTC."""
    if timeframe == "1M":
        return month_start(month_of(times))
    offset = MONDAY if timeframe == "1w" else 0
    length = seconds_of(timeframe)
    return (times - offset) // length * length + offset

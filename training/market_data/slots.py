"""When bars are expected, learned from the weeks around: nobody has to know an exchange's calendar.

A slot is one bar's place in a week. It is expected where more than half of the weeks around have a
bar there; so lunch, nights, another weekend than ours and hours that move with the clocks of a zone
that nobody told are no gaps.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.market_data.bars import Int64Array
from training.market_data.reading.zones import parse_zone
from training.market_data.timeframes import DAY, HOUR, MONDAY, seconds_of
from training.strategy.values import Timeframe

BoolArray = NDArray[np.bool_]

WEEK = 7 * DAY
AROUND = 4
"""Weeks before and after: hours that move when clocks change are then expected where they are."""
LEAST_WEEKS = 3
MOST_SLOTS = 60_000_000
"""Of all weeks together: 114 years of minutes."""
CLOSED = 3 * HOUR
"""Without expected bars for so long, a market has closed for the day."""
SHORT = 12 * HOUR
"""By which a short day is shorter at most."""


def expected_missing(
    times: Int64Array, timeframe: Timeframe, zone: str | None
) -> Int64Array | None:
    """
    Expected bars that are missing between each bar and the next, 0 where that is no gap.

    Where a market closes, one day without any bars is a holiday, and a day that begins later or
    ends earlier, by half of it at most, is a short one: neither is a gap.

    Args:
        times: opens, Unix seconds [rows], ascending.
        timeframe: a day at most.
        zone: whose weeks and hours count, as `parse_zone` reads it; None of UTC.

    Returns:
        int64 [rows - 1]; None of bars that are too few weeks, or too many, to learn from.
    """
    places = _places(times, timeframe, zone)
    if places is None:
        return None
    expected = np.flatnonzero(_expected(places))
    after, before = np.searchsorted(expected, (places.at[:-1] + 1, places.at[1:]))
    steps = np.diff(times) // seconds_of(timeframe) - 1  # on a night when clocks go on, fewer
    missing: Int64Array = np.clip(before - after, 0, np.maximum(steps, 0))
    rows = np.flatnonzero(missing)
    days = _Days.among(expected, places.length)
    excused = days.excuse(after[rows], before[rows] - 1)
    missing[rows[excused]] = 0
    return missing


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Bars in weeks of slots."""

    at: Int64Array
    """Slot of each bar, counted from the first week's first one [rows], ascending."""
    per_week: int
    num_weeks: int
    length: int
    """Seconds of a slot."""


def _places(times: Int64Array, timeframe: Timeframe, zone: str | None) -> _Places | None:
    length = seconds_of(timeframe)
    local = times + _ahead(times, zone)
    if length == DAY:
        local = local + DAY // 2  # of 23:00 and 00:00 by the season, one is no day earlier
    first_week = (int(local.min()) - MONDAY) // WEEK * WEEK + MONDAY
    num_weeks = (int(local.max()) - first_week) // WEEK + 1
    if num_weeks < LEAST_WEEKS or num_weeks * (WEEK // length) > MOST_SLOTS:
        return None
    at = np.maximum.accumulate((local - first_week) // length)  # of an hour that comes twice, one
    return _Places(at=at, per_week=WEEK // length, num_weeks=num_weeks, length=length)


def _ahead(times: Int64Array, zone: str | None) -> Int64Array | int:
    """Seconds by which a zone's clock is ahead of UTC at ascending times, found by the hour."""
    if zone is None:
        return 0
    known = parse_zone(zone)
    hours, counts = np.unique(times // HOUR, return_counts=True)
    moments = pl.Series(hours * HOUR * 1000).cast(pl.Datetime("ms", "UTC"))
    faces = moments.dt.convert_time_zone(known.iana).dt.replace_time_zone(None).dt.epoch("s")
    ahead: Int64Array = faces.to_numpy() - hours * HOUR + known.ahead
    return np.repeat(ahead, counts)


def _expected(places: _Places) -> BoolArray:
    """Which slots of all weeks are expected; weeks without any bar say nothing of it."""
    present: BoolArray = np.zeros((places.num_weeks, places.per_week), np.bool_)
    present[np.divmod(places.at, places.per_week)] = True
    with_bars = np.flatnonzero(present.any(axis=1))
    counts = np.zeros((with_bars.size + 1, places.per_week), np.int32)
    np.cumsum(present[with_bars], axis=0, out=counts[1:])
    weeks = np.arange(places.num_weeks)
    first = np.maximum(np.searchsorted(with_bars, weeks) - AROUND, 0)
    last = np.minimum(np.searchsorted(with_bars, weeks, "right") + AROUND, with_bars.size)
    expected = np.empty_like(present)
    for week in weeks:  # not all at once: 40 bytes a slot
        there = counts[last[week]] - counts[first[week]]
        expected[week] = 2 * there > last[week] - first[week]
    return expected.ravel()


@dataclass(frozen=True, kw_only=True)
class _Days:
    """The days of trading: expected slots until the market closes."""

    of: Int64Array
    """Number of each expected slot's day."""
    first: Int64Array
    """By day, which expected slot is its first."""
    size: Int64Array
    """By day, how many it has."""
    length: int
    """Seconds of a slot."""

    @classmethod
    def among(cls, expected: Int64Array, length: int) -> Self:
        if length == DAY:
            weeks = expected // 7
            begins = np.bincount(weeks)[weeks] < 7  # of a market that never closes there is one
        else:
            begins = (np.diff(expected, prepend=expected[:1] - 1) - 1) * length >= CLOSED
        begins[:1] = True
        first = np.flatnonzero(begins)
        size = np.diff(np.append(first, expected.size))
        return cls(of=np.cumsum(begins) - 1, first=first, size=size, length=length)

    def excuse(self, first: Int64Array, last: Int64Array) -> BoolArray:
        """
        Whether what is missing is a holiday, and what other days lack at their edges.

        Args:
            first: the first expected slot of each run that is missing [runs].
            last: the last one.
        """
        begun, ended = self.of[first], self.of[last]
        past = self.first[begun] + self.size[begun]  # of the slots of the day that it begins in
        from_open, to_close = (
            first == self.first[begun],
            last == self.first[ended] + (self.size[ended] - 1),
        )
        of_first, of_last = past - first, last - self.first[ended] + 1
        within = begun == ended
        whole = np.where(within, from_open & to_close, ended - begun - 1 + from_open + to_close)
        short = np.where(
            within,
            (from_open | to_close) & self._may_lack(begun, last - first + 1),
            (from_open | self._may_lack(begun, of_first))
            & (to_close | self._may_lack(ended, of_last)),
        )
        longest = np.maximum(self.size[begun], self.size[ended]) * self.length
        is_holiday = (whole == 0) | ((whole == 1) & (longest <= DAY))
        excused: BoolArray = is_holiday & (short | (within & from_open & to_close))
        return excused

    def _may_lack(self, days: Int64Array, missing: Int64Array) -> BoolArray:
        is_short: BoolArray = (2 * missing <= self.size[days]) & (missing * self.length <= SHORT)
        return is_short

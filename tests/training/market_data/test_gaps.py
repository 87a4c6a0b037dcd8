"""Which bars are missing is learned from the weeks around them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from training.market_data.bars import Int64Array
from training.market_data.gaps import missing_bars
from training.market_data.timeframes import DAY, seconds_of
from training.strategy.values import Timeframe

FIRST = datetime(2019, 1, 7, tzinfo=UTC)  # a Monday
YEARS = 3


def opens(
    zone: str, timeframe: Timeframe, *sessions: tuple[float, float], weekdays: str = "01234"
) -> Int64Array:
    """Bars of hours of the local day, from the first to before the second of each session."""
    step, clock = seconds_of(timeframe), ZoneInfo(zone)
    first = int(FIRST.timestamp())
    times = np.arange(first, first + YEARS * 364 * DAY, step)
    hours = np.unique(times // 3600)
    faces = [datetime.fromtimestamp(hour * 3600, clock) for hour in hours.tolist()]
    ahead = np.array([face.replace(tzinfo=UTC).timestamp() for face in faces]) - hours * 3600
    local = times + ahead[np.searchsorted(hours, times // 3600)].astype(np.int64)
    clocks, days = local % DAY / 3600, (local // DAY + 3) % 7
    there = np.zeros(times.size, np.bool_)
    for begin, end in sessions:
        there |= (begin <= clocks) & (clocks < end)
    return times[there & np.isin(days, [int(day) for day in weekdays])]


MARKETS: dict[str, tuple[str, Timeframe, list[tuple[float, float]]]] = {
    "New York": ("America/New_York", "30m", [(9.5, 16)]),
    "Tokyo, with lunch": ("Asia/Tokyo", "30m", [(9, 11.5), (12.5, 15)]),
    "Sydney, over midnight UTC": ("Australia/Sydney", "1h", [(10, 16)]),
    "futures, an hour closed": ("America/Chicago", "1h", [(0, 16), (17, 24)]),
    "night and day": ("Asia/Shanghai", "30m", [(9, 11.5), (13.5, 15), (21, 23)]),
    "always": ("UTC", "4h", [(0, 24)]),
}


def market(name: str) -> tuple[str, Timeframe, Int64Array]:
    zone, timeframe, sessions = MARKETS[name]
    weekdays = "0123456" if name == "always" else "01234"
    return zone, timeframe, opens(zone, timeframe, *sessions, weekdays=weekdays)


@pytest.mark.parametrize("is_told", [True, False], ids=["zone told", "UTC"])
@pytest.mark.parametrize("name", MARKETS)
def test_a_market_without_gaps_has_none(name: str, *, is_told: bool) -> None:
    zone, timeframe, times = market(name)
    assert missing_bars(times, timeframe, zone if is_told else None).sum() == 0


@pytest.mark.parametrize("is_told", [True, False], ids=["zone told", "UTC"])
@pytest.mark.parametrize("name", MARKETS)
def test_what_is_taken_out_of_a_day_is_missing(name: str, *, is_told: bool) -> None:
    zone, timeframe, times = market(name)
    row = 1000 + int(np.argmax(np.diff(times[1000:], n=4) == 0)) + 1  # four bars in a row
    told = zone if is_told else None
    without = np.delete(times, [row, row + 1])
    missing = missing_bars(without, timeframe, told)
    assert (np.flatnonzero(missing).tolist(), missing.max()) == ([row - 1], 2)


def test_a_holiday_and_a_short_day_are_no_gap_and_two_days_are() -> None:
    zone, timeframe, times = market("New York")
    day = (times - int(FIRST.timestamp())) // DAY
    friday, monday = 4 + 7 * 20, 7 + 7 * 20
    short_then_holiday = times[~((day == friday) & (times % DAY >= 17 * 3600)) & (day != monday)]
    assert missing_bars(short_then_holiday, timeframe, zone).sum() == 0
    two_days = times[(day != friday) & (day != monday)]
    assert missing_bars(two_days, timeframe, zone).sum() == 2 * 13
    most_of_a_day = times[~((day == friday) & (times % DAY >= 15 * 3600))]
    assert missing_bars(most_of_a_day, timeframe, zone).sum() == 10


def test_a_long_hole_has_all_its_bars() -> None:
    zone, timeframe, times = market("New York")
    first = int(times[0])
    hole = times[(times < first + 364 * DAY) | (times >= first + 728 * DAY)]
    missing = missing_bars(hole, timeframe, zone)
    assert np.flatnonzero(missing).size == 1
    assert missing.max() == pytest.approx(52 * 5 * 13, abs=20)


def test_a_week_of_other_days_is_learned() -> None:
    """Sunday to Thursday, as in Tel Aviv: Fridays were a gap each."""
    times = opens("UTC", "1d", (0, 24), weekdays="01236")
    assert missing_bars(times, "1d").sum() == 0
    assert missing_bars(np.delete(times, [100]), "1d").sum() == 0  # a holiday
    assert missing_bars(np.delete(times, [100, 101]), "1d").sum() == 2


def test_a_market_that_never_closes_misses_every_day() -> None:
    times = opens("UTC", "1d", (0, 24), weekdays="0123456")
    assert missing_bars(np.delete(times, [100]), "1d").sum() == 1


def test_bars_of_another_century_are_not_laid_out_in_weeks() -> None:
    times = np.array([-6_000_000_000, *range(0, 600, 60)])
    assert missing_bars(times, "1m").size == 10

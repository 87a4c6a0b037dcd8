"""A higher timeframe from a lower one: no bar knows what happened after its own end."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.market_data.bars_in_time import bars_at
from training.market_data.samples import load_sample
from training.market_data.timeframes import DAY, HOUR, bar_ends, divides, resample
from training.strategy.values import TIMEFRAMES, Timeframe


def unix(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_a_week_is_its_days() -> None:
    daily = bars_at([unix("2020-01-06") + day * DAY for day in (0, 1, 2, 3, 4, 7, 8, 14)])
    weekly = resample(daily, source="1d", target="1w")
    assert weekly.times.tolist() == [unix("2020-01-06"), unix("2020-01-13")]
    assert weekly.open.tolist() == [10, 15]
    assert weekly.high.tolist() == [16, 18]
    assert weekly.low.tolist() == [8, 13]
    assert weekly.close.tolist() == [15, 17]
    assert weekly.volume.tolist() == [15, 13]


@pytest.mark.parametrize(
    ("days", "num_weeks"),
    [(range(5), 0), (range(6), 0), (range(7), 1), (range(8), 1), (range(14), 2)],
)
def test_a_last_bar_that_has_not_ended_is_left_out(days: range, num_weeks: int) -> None:
    daily = bars_at([unix("2020-01-06") + day * DAY for day in days])
    assert len(resample(daily, source="1d", target="1w")) == num_weeks


def test_nothing_comes_of_nothing() -> None:
    assert len(resample(bars_at([]), source="1m", target="1w")) == 0


def test_a_day_that_opens_on_sunday_evening_belongs_to_the_week_in_which_it_ends() -> None:
    opens = [unix("2020-01-05T22:00") + day * DAY for day in range(10)]
    weekly = resample(bars_at(opens), source="1d", target="1w")
    assert weekly.times.tolist() == [unix("2020-01-06")]
    assert weekly.open.tolist() == [10]


def test_the_samples_weeks() -> None:
    weekly = resample(load_sample("SP500", "1d"), source="1d", target="1w")
    assert weekly.times[0] == unix("1999-01-04")
    assert weekly.times[-1] == unix("2018-12-24")  # 2018-12-31 is a Monday: its week has not ended
    assert ((weekly.times - unix("1999-01-04")) % (7 * DAY) == 0).all()


def test_the_stub_of_a_session_belongs_to_the_bar_in_which_it_ends() -> None:
    """09:30 of an hourly file is over at 10:00: the two hours from 10:00 on have none of it."""
    opens = [unix(f"2020-01-06T{clock}") for clock in ("09:30", "10:00", "11:00", "12:00", "13:00")]
    two_hours = resample(bars_at(opens), source="1h", target="2h")
    assert two_hours.times.tolist() == [unix(f"2020-01-06T{h}:00") for h in ("08", "10", "12")]
    assert two_hours.close.tolist() == [11, 13, 15]


def test_a_stub_that_is_the_newest_bar_ends_in_a_bar_that_the_next_one_tells() -> None:
    early = [unix(f"2020-01-06T{clock}") for clock in ("06:00", "07:00", "08:00", "09:30")]
    later = [unix(f"2020-01-06T{hour}:00") for hour in range(10, 14)]
    known = resample(bars_at(early), source="1h", target="2h")
    whole = resample(bars_at([*early, *later]), source="1h", target="2h")
    assert known.times.tolist() == [unix("2020-01-06T06:00")]
    assert known.fingerprint() == whole.rows(slice(0, 1)).fingerprint()
    assert whole.close[1] == 14  # of the stub


def test_three_hours_begin_at_midnight() -> None:
    opens = [unix("2020-01-06T02:00") + hour * HOUR for hour in range(9)]
    bars = resample(bars_at(opens), source="1h", target="3h")
    assert bars.times.tolist() == [unix(f"2020-01-06T{hour}:00") for hour in ("00", "03", "06")]
    assert bars.close.tolist() == [11, 14, 17]


def test_a_month_is_its_days_once_the_next_one_begins() -> None:
    days = [unix("2020-01-30") + day * DAY for day in range(62)]  # to 31 March
    months = resample(bars_at(days), source="1d", target="1M")
    assert months.times.tolist() == [unix("2020-01-01"), unix("2020-02-01"), unix("2020-03-01")]
    assert months.close.tolist() == [12, 41, 72]
    assert months.volume.sum() == sum(range(1, 63))
    assert len(resample(bars_at(days[:-1]), source="1d", target="1M")) == 2


TARGETS = [name for name in TIMEFRAMES if divides("1h", name)]


@given(
    steps=st.lists(st.integers(1, 60), min_size=1, max_size=60),
    start=st.integers(-500, 500),
    offset=st.sampled_from([0, HOUR // 2]),
    target=st.sampled_from(TARGETS),
    cut=st.integers(0, 60),
)
def test_later_bars_change_no_bar_that_has_ended(
    steps: list[int], start: int, offset: int, target: Timeframe, cut: int
) -> None:
    times = [offset + HOUR * (start + int(step)) for step in np.cumsum(steps)]
    whole = resample(bars_at(times), source="1h", target=target)
    known = resample(bars_at(times[:cut]), source="1h", target=target)
    assert known.fingerprint() == whole.rows(slice(0, len(known))).fingerprint()
    if known.times.size:
        assert bar_ends(known, target)[-1] <= times[:cut][-1] + HOUR

"""A higher timeframe from a lower one: no bar knows what happened after its own end."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.market_data import Bars
from training.market_data.samples import load_sample
from training.market_data.timeframes import DAY, HOUR, resample, seconds_of
from training.strategy.values import Timeframe


def bars_at(times: list[int]) -> Bars:
    rows = np.arange(len(times), dtype=np.float64)
    return Bars(
        times=np.array(times, np.int64),
        open=rows + 10,
        high=rows + 12,
        low=rows + 8,
        close=rows + 11,
        volume=rows + 1,
    )


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


TARGETS: list[Timeframe] = ["2h", "4h", "1d", "1w"]


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
        assert known.times[-1] + seconds_of(target) <= times[:cut][-1] + HOUR

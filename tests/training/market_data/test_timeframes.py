"""Timeframes in order of length; which can be made of which; months by the calendar."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.market_data.bars_in_time import bars_at
from tests.training.market_data.expecting import bars_of, options_of
from tests.training.market_data.writing import HEADER, Row, csv, plain, rows
from training.market_data import Bars, MarketDataInvalid, MarketDataMissing, load_bars
from training.market_data.calendar import months_later
from training.market_data.importing import import_market_data
from training.market_data.reading.read import read_bars
from training.market_data.timeframes import (
    DAY,
    bar_ends,
    divides,
    period_of,
    resample,
    seconds_of,
    sources_of,
)
from training.strategy.values import TIMEFRAMES, Timeframe

CALENDAR: tuple[Timeframe, ...] = ("1w", "1M")


def unix(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_they_are_in_order_of_length() -> None:
    lengths = [seconds_of(name) for name in TIMEFRAMES]
    assert lengths == sorted(set(lengths))


def test_each_shorter_than_a_day_divides_it() -> None:
    assert all(divides(name, "1d") for name in TIMEFRAMES if seconds_of(name) < DAY)


@pytest.mark.parametrize(
    ("finer", "timeframe", "whether"),
    [
        ("30m", "1h", True), ("45m", "1h", False), ("45m", "3h", True), ("2m", "5m", False),
        ("10m", "15m", False), ("3h", "4h", False), ("4h", "3h", False), ("1d", "1w", True),
        ("1d", "1M", True), ("12h", "1M", True), ("1w", "1M", False), ("1h", "1h", False),
    ],
)  # fmt: skip
def test_divisibility(finer: Timeframe, timeframe: Timeframe, *, whether: bool) -> None:
    assert divides(finer, timeframe) is whether


def test_made_of_the_coarsest_but_where_0_1_0_took_the_finest() -> None:
    assert sources_of("3h")[:3] == ("1h", "45m", "30m")
    assert sources_of("1M")[0] == "1d"
    assert sources_of("1h") == ("1m", "5m", "15m", "30m", "10m", "3m", "2m")


@pytest.mark.django_db
def test_bars_come_from_what_is_stored(tmp_path: Path) -> None:
    for timeframe, step, count in (("15m", 15, 96), ("1h", 60, 24)):
        path = tmp_path / f"{timeframe}.csv"
        bars = rows("2024-01-02", count, step=timedelta(minutes=step))
        path.write_bytes(csv(HEADER, plain("%Y-%m-%d %H:%M:%S"), bars))
        import_market_data(path, symbol="ACME", timeframe=timeframe)  # type: ignore[arg-type]
    stored = {name: load_bars("ACME", name) for name in ("15m", "1h")}  # type: ignore[arg-type]
    for target, source in (("3h", "1h"), ("45m", "15m"), ("2h", "15m")):
        made = resample(stored[source], source=source, target=target)  # type: ignore[arg-type]
        assert len(made) > 3
        assert load_bars("ACME", target).has_rows_of(made)  # type: ignore[arg-type]
    with pytest.raises(MarketDataMissing, match="There is 15m, 1h, of which no 10m can be made"):
        load_bars("ACME", "10m")


@given(moment=st.datetimes(datetime(1950, 1, 1), datetime(2060, 1, 1)), count=st.integers(-30, 30))
def test_months_are_those_of_the_calendar(moment: datetime, count: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    first = (moment.month - 1 + count) + 12 * moment.year
    try:
        expected = moment.replace(year=first // 12, month=first % 12 + 1)
    except ValueError:  # no such day
        expected = datetime((first + 1) // 12, (first + 1) % 12 + 1, 1, tzinfo=UTC)
    found = months_later(np.array([int(moment.timestamp())]), count)
    assert found.tolist() == [int(expected.timestamp())]


def test_a_month_ends_by_the_calendar_whatever_its_first_day() -> None:
    firsts = [unix("2024-01-01"), unix("2024-02-01"), unix("2024-03-01")]
    assert bar_ends(bars_at(firsts), "1M").tolist() == [*firsts[1:], unix("2024-04-01")]
    assert bar_ends(bars_at([unix("2023-01-31")]), "1M").tolist() == [unix("2023-03-01")]


@pytest.mark.parametrize("first", ["2024-02-01", "2024-01-31T22:00", "2024-02-02"])
def test_a_months_period_is_the_month_it_is_of(first: str) -> None:
    assert period_of(np.array([unix(first)]), "1M").tolist() == [unix("2024-02-01")]


def monthly(dates: list[str]) -> list[Row]:
    return [
        Row(datetime.fromisoformat(date).replace(tzinfo=UTC), *row.prices, row.volume)
        for date, row in zip(dates, rows(count=len(dates)), strict=True)
    ]


def read(folder: Path, dates: list[str], options: str = "", form: str = "%Y-%m-%d") -> Bars:
    path = folder / "months.csv"
    path.write_bytes(csv(HEADER, plain(form), monthly(dates)))
    bars, _ = read_bars(path, timeframe="1M", options=options_of(options))
    return bars


FIRSTS = [f"2024-{month:02}-01" for month in range(1, 13)]
LASTS = [
    "2023-12-29", "2024-01-31", "2024-02-29", "2024-03-28", "2024-04-30", "2024-05-31",
    "2024-06-28", "2024-07-31", "2024-08-30", "2024-09-30",
]  # fmt: skip


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y-%m", "%Y-%m-%d 00:00:00"])
def test_months_that_are_dated_by_their_first(form: str, tmp_path: Path) -> None:
    bars = read(tmp_path, FIRSTS, form=form)
    assert bars.has_rows_of(bars_of(monthly(FIRSTS)))


def test_months_that_are_dated_otherwise_are_asked_about(tmp_path: Path) -> None:
    words = (
        "with --stamps open 2023-12-29 is the month from that day to 2024-01-28, with --stamps "
        "close the one from 2023-11-30 to that day"
    )
    with pytest.raises(MarketDataInvalid, match=words):
        read(tmp_path, LASTS)
    assert read(tmp_path, LASTS, "--stamps open").times.tolist() == [unix(day) for day in LASTS]


def test_months_that_are_dated_by_their_last_day_end_with_it(tmp_path: Path) -> None:
    bars = read(tmp_path, LASTS, "--stamps close")
    closes = np.array([unix(day) + DAY for day in LASTS])
    assert [f"{time:%Y-%m-%d}" for time in bars.times.astype("datetime64[s]").tolist()] == [
        "2023-11-30", "2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01",
        "2024-06-01", "2024-07-01", "2024-08-01", "2024-09-01",
    ]  # fmt: skip
    assert (bar_ends(bars, "1M") >= closes).all()


def test_weeks_and_days_are_no_months(tmp_path: Path) -> None:
    for step, words in ((1, "1 day apart"), (7, "7 days apart")):
        first = datetime(2024, 1, 1)
        days = [f"{first + timedelta(days=step * number):%Y-%m-%d}" for number in range(20)]
        with pytest.raises(MarketDataInvalid, match=words):
            read(tmp_path, days, "--stamps open")

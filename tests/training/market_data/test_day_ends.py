"""A day that its vendor dates by a local midnight has ended when that day has, not before."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.training.market_data.bars_in_time import bars_at
from tests.training.market_data.expecting import options_of
from tests.training.market_data.writing import HEADER, Row, csv, frame, parquet, plain, rows
from training.features.alignment import newest_closed_bar
from training.features.history import known_until
from training.market_data import Bars, DataReport, load_bars
from training.market_data.importing import import_market_data
from training.market_data.joining import join
from training.market_data.reading.read import read_bars
from training.market_data.timeframes import bar_ends, resample

HOUR = 3600
WINTER, SUMMER = rows("2024-01-02"), rows("2024-06-03")
BOTH = rows("2024-02-20")  # clocks change on 10 March
CHANGES = {"summer": SUMMER, "winter": WINTER, "both": BOTH}


def midnights(zone: str, bars: list[Row]) -> bytes:
    def line(row: Row) -> tuple[object, ...]:
        return (row.time.replace(tzinfo=ZoneInfo(zone)).isoformat(), *row.prices, row.volume)

    return csv(HEADER, line, bars)


def read(folder: Path, content: bytes, options: str = "", **said: str) -> tuple[Bars, DataReport]:
    path = folder / "prices.csv"
    path.write_bytes(content)
    return read_bars(path, timeframe="1d", options=options_of(options), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("zone", "season", "hours"),
    [
        ("America/New_York", "winter", 5),
        ("America/New_York", "summer", 4),
        ("America/New_York", "both", 5),
        ("Pacific/Honolulu", "winter", 10),
        ("Europe/Berlin", "summer", 0),
        ("Asia/Tokyo", "winter", 0),
    ],
)
def test_the_latest_local_midnight_counts(
    zone: str, season: str, hours: int, tmp_path: Path
) -> None:
    bars, report = read(tmp_path, midnights(zone, CHANGES[season]))
    assert bars.times.tolist() == [int(row.time.timestamp()) for row in CHANGES[season]]
    assert bars.day_ends == report.day_ends == hours * HOUR
    assert report.reading is not None
    told = "; ".join(decision.words for decision in report.reading.decisions)
    assert (f"a day has ended {hours} h after midnight UTC" in told) == (hours > 0)


@pytest.mark.parametrize(
    ("zone", "season", "hours"),
    [
        ("America/New_York", "both", 0),
        ("Europe/London", "winter", 0),
        ("Europe/London", "both", 1),
        ("Europe/Berlin", "winter", 1),
        ("Europe/Berlin", "both", 2),
        ("Asia/Tokyo", "winter", 9),
    ],
)
def test_the_earliest_local_midnight_counts_for_what_a_day_sees(
    zone: str, season: str, hours: int, tmp_path: Path
) -> None:
    content = midnights(zone, [*WINTER, *SUMMER] if season == "both" else CHANGES[season])
    bars, report = read(tmp_path, content)
    assert bars.day_closes == report.day_closes == -hours * HOUR
    assert report.reading is not None
    told = "; ".join(decision.words for decision in report.reading.decisions)
    assert (f"days have ended up to {hours} h before midnight UTC" in told) == (hours > 0)


def test_a_zone_of_the_east_that_is_said_or_named(tmp_path: Path) -> None:
    said, _ = read(tmp_path, csv(HEADER, plain(), WINTER), "--timezone Asia/Tokyo")
    named, _ = read(tmp_path, csv(HEADER, plain("%Y%m%d 00:00:00 Asia/Tokyo"), WINTER))
    weeks = resample(said, source="1d", target="1w")
    assert said.day_closes == named.day_closes == weeks.day_closes == -9 * HOUR


def test_a_day_on_which_clocks_change_ends_in_summer(tmp_path: Path) -> None:
    content = csv(HEADER, plain(), rows("2024-03-25", 7, weekends=True))  # to 31 March
    bars, _ = read(tmp_path, content, "--timezone Europe/Berlin")
    assert bars.day_closes == -2 * HOUR


def test_weeks_see_the_days_of_their_dates_where_both_are_of_the_east(tmp_path: Path) -> None:
    days, _ = read(tmp_path, midnights("Asia/Tokyo", WINTER))
    weeks = resample(days, source="1d", target="1w")
    assert known_until(weeks, "1w", days, "1d").tolist() == bar_ends(weeks, "1w").tolist()


def test_dates_in_a_zone_that_is_said_are_days_of_that_zone(tmp_path: Path) -> None:
    content = csv(HEADER, plain(), WINTER)
    plainly, _ = read(tmp_path, content)
    said, report = read(tmp_path, content, "--timezone America/New_York")
    assert (plainly.day_ends, said.day_ends) == (0, 5 * HOUR)
    assert said.has_rows_of(plainly)
    assert report.reading is not None and report.reading.timezone == "America/New_York"
    remembered, _ = read_bars(tmp_path / "prices.csv", timeframe="1d", remembered=[report.reading])
    assert remembered.day_ends == 5 * HOUR


def test_a_zone_that_each_time_names(tmp_path: Path) -> None:
    bars, _ = read(tmp_path, csv(HEADER, plain("%Y%m%d 00:00:00 US/Eastern"), WINTER))
    assert bars.day_ends == 5 * HOUR


def test_parquet_with_a_zone(tmp_path: Path) -> None:
    path = tmp_path / "prices.parquet"
    times = [row.time.replace(tzinfo=ZoneInfo("America/New_York")) for row in WINTER]
    table = frame(WINTER, times, "date")
    path.write_bytes(parquet(table))
    bars, _ = read_bars(path, timeframe="1d")
    assert bars.times[0] == WINTER[0].time.timestamp()
    assert bars.day_ends == 5 * HOUR


def test_days_with_a_clock_of_their_own_keep_it_and_that_is_said(tmp_path: Path) -> None:
    content = csv(HEADER, plain("%Y-%m-%d 23:00:00Z"), WINTER)
    bars, report = read(tmp_path, content)
    assert (bars.times % (24 * HOUR)).tolist() == [23 * HOUR] * len(WINTER)
    assert bars.day_ends == 0
    assert report.reading is not None
    told = "; ".join(decision.words for decision in report.reading.decisions)
    assert "days begin at 23:00 UTC" in told


def test_no_hour_sees_a_day_of_new_york_before_it_has_ended(tmp_path: Path) -> None:
    days, _ = read(tmp_path, midnights("America/New_York", WINTER[:3]))
    first = datetime.fromisoformat("2024-01-02T05:00+00:00").timestamp()
    hours = bars_at([int(first) + HOUR * hour for hour in range(72)])
    visible = newest_closed_bar(bar_ends(hours, "1h"), bar_ends(days, "1d"))
    assert visible.tolist() == [-1] * 23 + [0] * 24 + [1] * 24 + [2]


def test_weeks_of_such_days_end_as_much_later_and_have_the_same_days(tmp_path: Path) -> None:
    dated, _ = read(tmp_path, csv(HEADER, plain(), WINTER))
    later, _ = read(tmp_path, midnights("America/New_York", WINTER))
    weeks, others = (resample(bars, source="1d", target="1w") for bars in (dated, later))
    assert others.has_rows_of(weeks)
    assert (bar_ends(others, "1w") - bar_ends(weeks, "1w")).tolist() == [5 * HOUR] * len(weeks)


def test_what_a_training_pins_differs_and_other_series_keep_their_fingerprints(
    tmp_path: Path,
) -> None:
    dated, _ = read(tmp_path, csv(HEADER, plain(), WINTER))
    later, _ = read(tmp_path, midnights("America/New_York", WINTER))
    tokyo, _ = read(tmp_path, midnights("Asia/Tokyo", WINTER))
    before = replace(tokyo, day_closes=0)  # what was stored before that was kept
    assert dated.fingerprint() == before.fingerprint()
    assert len({bars.fingerprint() for bars in (dated, tokyo, later)}) == 3
    assert later.rows(slice(3, 9)).day_ends == later.between(None, None).day_ends == 5 * HOUR


@pytest.mark.django_db
def test_it_is_kept_with_the_series(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(midnights("America/New_York", WINTER))
    import_market_data(path, symbol="ACME", timeframe="1d")
    assert load_bars("ACME", "1d").day_ends == 5 * HOUR
    assert load_bars("ACME", "1w").day_ends == 5 * HOUR
    assert load_bars("ACME", "1d").fingerprint() == read_bars(path, timeframe="1d")[0].fingerprint()


@pytest.mark.django_db
def test_the_earliest_is_kept_with_the_series_too(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(midnights("Asia/Tokyo", WINTER))
    import_market_data(path, symbol="ACME", timeframe="1d")
    assert load_bars("ACME", "1d").day_closes == load_bars("ACME", "1w").day_closes == -9 * HOUR
    assert load_bars("ACME", "1d").fingerprint() == read_bars(path, timeframe="1d")[0].fingerprint()


def test_newer_days_of_summer_join_those_of_winter(tmp_path: Path) -> None:
    winter, _ = read(tmp_path, midnights("America/New_York", WINTER))
    rest = [row for row in rows("2024-01-02", 200) if row.time >= WINTER[-1].time]
    summer, _ = read(tmp_path, midnights("America/New_York", rest[-50:]))
    for newer in (summer, winter.rows(slice(3, 20))):
        assert join(winter, newer, timeframe="1d").bars.day_ends == 5 * HOUR

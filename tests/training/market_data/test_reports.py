"""What was repaired, and what a file lacks, is said."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.market_data.files import csv_file, days
from training.market_data.bars import Int64Array
from training.market_data.gaps import missing_bars
from training.market_data.reading.read import read_bars
from training.market_data.report import Gap
from training.market_data.samples import SAMPLES
from training.market_data.timeframes import DAY, HOUR
from training.strategy.values import Timeframe


def missing_in(opens: Int64Array, timeframe: Timeframe) -> list[int]:
    return [missing for missing in missing_bars(opens, timeframe).tolist() if missing]


MONDAY = 1_577_923_200 + 4 * DAY  # 2020-01-06


def test_rows_out_of_order_are_sorted_and_counted(tmp_path: Path) -> None:
    path = csv_file(tmp_path, *days(["2020-01-03", "2020-01-02", "2020-01-07", "2020-01-06"]))
    bars, report = read_bars(path, timeframe="1d")
    assert (np.diff(bars.times) > 0).all()
    assert report.rows_moved == 2


def test_exact_repetitions_are_dropped_and_counted(tmp_path: Path) -> None:
    path = csv_file(tmp_path, *days(["2020-01-02", "2020-01-03", "2020-01-02", "2020-01-02"]))
    bars, report = read_bars(path, timeframe="1d")
    assert len(bars) == report.rows == 2
    assert report.duplicates_removed == 2


def test_the_sample_has_its_three_known_closures() -> None:
    for path in SAMPLES.values():
        _, report = read_bars(path, timeframe="1d")
        assert (report.rows, report.first, report.last) == (5031, "1999-01-04", "2018-12-31")
        assert report.gaps == (
            Gap(after="2001-09-10", before="2001-09-17", num_missing=4),
            Gap(after="2006-12-29", before="2007-01-03", num_missing=2),
            Gap(after="2012-10-26", before="2012-10-31", num_missing=2),
        )


@pytest.mark.parametrize(
    ("timeframe", "times", "missing"),
    [
        ("1d", [0, 1, 2, 3, 4, 7], []),  # a weekend
        ("1d", [0, 2], []),  # a holiday
        ("1d", [0, 3], [2]),
        ("1d", [4, 10], [3]),  # Friday to Thursday, without Monday to Wednesday
        ("1d", [0, 1, 2, 3, 4, 5, 6, 7], []),  # a market that never closes
        ("1w", [0, 7, 21], [1]),
    ],
)
def test_gaps_of_days_and_weeks(timeframe: Timeframe, times: list[int], missing: list[int]) -> None:
    opens = MONDAY + np.array(times) * DAY
    assert missing_in(opens, timeframe) == missing


@pytest.mark.parametrize(
    ("hours", "missing"),
    [
        ([9, 10, 11, 12], []),
        ([9, 10, 13], [2]),
        ([9, 15, 24 + 9], [5]),  # within the day, not over night
        ([15, 4 * 24 + 9], [72]),  # three whole weekdays
    ],
)
def test_gaps_within_and_between_days(hours: list[int], missing: list[int]) -> None:
    opens = MONDAY + np.array(hours) * HOUR
    assert missing_in(opens, "1h") == missing


def test_odd_rows_are_noted(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "2020-01-02,9,2,0.5,1.5,7", "2020-01-03,1,2,0.5,1.5,0")
    _, report = read_bars(path, timeframe="1d")
    assert report.notes == (
        "In 1 row open or close lies outside low to high.",
        "In 1 row the volume is 0.",
    )


def test_values_that_stand_still_are_noted(tmp_path: Path) -> None:
    dates = [f"2020-01-{day:02}" for day in range(1, 20)]
    moving = [f"{date},{row},{row},{row},{row},7" for row, date in enumerate(dates[:8], start=1)]
    _, report = read_bars(csv_file(tmp_path, *moving, *days(dates[8:13])), timeframe="1d")
    assert not [note for note in report.notes if "bar before" in note]  # four in a row
    _, report = read_bars(csv_file(tmp_path, *moving, *days(dates[8:])), timeframe="1d")
    assert (
        "In 10 rows prices and volume are those of the bar before, the longest time from "
        "2020-01-09 to 2020-01-19."
    ) in report.notes

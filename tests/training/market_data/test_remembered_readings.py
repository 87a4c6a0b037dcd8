"""An import keeps the zone in which its times were read, for whoever reads the next file."""

from pathlib import Path

import pytest

from tests.training.market_data.files import csv_file
from training.market_data import list_market_data
from training.market_data.catalog import has_own_bars
from training.market_data.importing import import_market_data
from training.market_data.pinned import readings_today
from training.market_data.reading.options import Options
from training.market_data.reading.record import Reading
from training.series.entering import Imported

pytestmark = pytest.mark.django_db

NEW_YORK = "America/New_York"


def imported(folder: Path, *times: str, timeframe: str = "1h") -> Imported:
    path = csv_file(folder, *(f"{time},1,2,1,2,5" for time in times))
    return import_market_data(
        path, symbol="ACME", timeframe=timeframe, options=Options(timezone=NEW_YORK)
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("time", "timeframe", "timezone"),
    [
        ("2024-01-02 04:00:00", "1h", NEW_YORK),
        ("2024-01-02 04:00:00Z", "1h", None),
        ("2024-01-02 04:00:00-05:00", "1h", None),
        ("1704186000", "1h", None),
        ("2024-01-02 00:00:00", "1h", NEW_YORK),
        ("2024-01-02", "1d", NEW_YORK),  # where its day ends
        ("2024-01-02 16:00:00", "1d", NEW_YORK),
    ],
)
def test_a_zone_is_kept_where_a_time_needed_one(
    tmp_path: Path, time: str, timeframe: str, timezone: str | None
) -> None:
    found = imported(tmp_path, time, timeframe=timeframe)
    reading = Reading.from_json(found.data.report["reading"])
    assert reading is not None
    assert reading.timezone == timezone


def test_bars_that_are_resampled_were_read_as_those_they_are_made_of(tmp_path: Path) -> None:
    imported(tmp_path, "2024-01-02 04:00:00", "2024-01-02 05:00:00")
    [reading] = readings_today("ACME", "1d")
    assert reading.timezone == NEW_YORK
    assert has_own_bars("ACME", "1h")
    assert not has_own_bars("ACME", "1d")


def test_of_samples_and_older_imports_no_reading_is_known(tmp_path: Path) -> None:
    assert not readings_today("SP500", "1d")
    made = imported(tmp_path, "2024-01-02 04:00:00")
    for row in (made.entry, made.data):
        assert row.report is not None
        row.report = {name: told for name, told in row.report.items() if name != "reading"}
        row.save()
    assert not readings_today("ACME", "1h")
    assert "reading" not in list_market_data("ACME")[0].report

"""Common files of prices are read as they are, whatever their dialect."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.training.market_data.files import csv_file
from training.market_data.reading.options import Options
from training.market_data.reading.read import read_bars

JANUARY_2 = int(datetime(2020, 1, 2, tzinfo=UTC).timestamp())
HOUR = 3600


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2020-01-02", "2020-01-03"),
        ("2020/1/2", "2020/1/3"),
        ("20200102", "20200103"),
        ("1/2/2020", "1/13/2020"),
        ("2/1/2020", "13/1/2020"),
        ("02.01.2020", "13.01.2020"),
        ("2020-01-02 00:00:00-05:00", "2020-01-03 00:00:00-05:00"),
        ("2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z"),
        (str(JANUARY_2), str(JANUARY_2 + 24 * HOUR)),
        (str(JANUARY_2 * 1000), str((JANUARY_2 + 24 * HOUR) * 1000)),
        (str(JANUARY_2 * 10**9), str((JANUARY_2 + 24 * HOUR) * 10**9)),
    ],
)
def test_dates_in_any_common_form(first: str, second: str, tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"{first},1,2,0.5,1.5,7", f"{second},1,2,0.5,1.5,7")
    bars, _ = read_bars(path, timeframe="1d")
    assert bars.times[0] == JANUARY_2


@pytest.mark.parametrize(
    ("written", "zone", "hours_utc"),
    [
        ("2020-01-02 10:00", "UTC", 10),
        ("2020-01-02T10:00:00Z", "America/New_York", 10),
        ("2020-01-02 10:00:00+01:00", "UTC", 9),
        ("2020-01-02 10:00:00-0530", "UTC", 15.5),
        ("2020-01-02 10:00", "America/New_York", 15),
        ("1/2/2020 10:00 AM", "UTC", 10),
        ("1/2/2020 10:00:00 PM", "UTC", 22),
        ("1/2/2020 12:30 AM", "UTC", 0.5),
        ("20200102 100000", "UTC", 10),
        ("2020-01-02 10:00:00.000", "UTC", 10),
    ],
)
def test_times_become_utc(written: str, zone: str, hours_utc: float, tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"{written},1,2,0.5,1.5,7")
    bars, _ = read_bars(path, timeframe="1h", options=Options(timezone=zone, dates="mdy"))
    assert bars.times.tolist() == [JANUARY_2 + hours_utc * HOUR]


def test_an_hour_that_a_clock_change_repeats_is_refused_not_guessed(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "2020-11-01 01:30,1,2,0.5,1.5,7")
    with pytest.raises(Exception, match=r"line 2 \(2020-11-01 01:30\)"):
        read_bars(path, timeframe="1h", options=Options(timezone="America/New_York"))


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("date,open,high,low,close,volume", "2020-01-02,1,2,0.5,1.5,7"),
        ("Date;Open;High;Low;Close;Volume", "2020-01-02;1;2;0.5;1.5;7"),
        ("timestamp\to\th\tl\tc\tv", "2020-01-02\t1\t2\t0.5\t1.5\t7"),
        ("Volume,Close,Low,High,Open,Date", "7,1.5,0.5,2,1,2020-01-02"),
        ("Date,Open,High,Low,Close,Adj Close,Volume", "2020-01-02,1,2,0.5,1.5,9.9,7"),
        ("Date,Close/Last,Volume,Open,High,Low", "2020-01-02,1.5,7,1,2,0.5"),
        (",open,high,low,close,volume,date", "0,1,2,0.5,1.5,7,2020-01-02"),
        (
            "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>",
            "2020.01.02\t00:00\t1\t2\t0.5\t1.5\t7",
        ),
        ('"Date", "Open", "High", "Low", "Close", "Volume"', '"2020-01-02", 1, 2, 0.5, 1.5, 7'),
        ("\ufeffDate,Open,High,Low,Close,Volume", "2020-01-02,1,2,0.5,1.5,7"),
    ],
)
def test_columns_by_any_common_name_in_any_order(header: str, row: str, tmp_path: Path) -> None:
    bars, _ = read_bars(csv_file(tmp_path, row, header=header), timeframe="1d")
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    assert [column.tolist() for column in columns] == [[1], [2], [0.5], [1.5], [7]]
    assert bars.times.tolist() == [JANUARY_2]


@pytest.mark.parametrize("header", ["Date,Open,High,Low,Close", "Date,Open,High,Low,Close,Volume"])
def test_a_file_without_volume_has_volume_0_and_says_so(header: str, tmp_path: Path) -> None:
    row = "2020-01-02,1,2,0.5,1.5" + "," * (header.count(",") - 4)
    bars, report = read_bars(csv_file(tmp_path, row, header=header), timeframe="1d")
    assert bars.volume.tolist() == [0]
    assert report.notes == ("There is no volume: it counts as 0.",)


def test_blank_lines_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    rows = b"2020-01-02,1,2,0.5,1.5,7\r\n\r\n2020-01-03,1,2,0.5,1.5,7\r\n\r\n"
    path.write_bytes(b"Date,Open,High,Low,Close,Volume\r\n" + rows)
    bars, _ = read_bars(path, timeframe="1d")
    assert len(bars) == 2


@pytest.mark.parametrize(
    "times",
    [
        [date(2020, 1, 2), date(2020, 1, 3)],
        [datetime(2020, 1, 2), datetime(2020, 1, 3)],
        [datetime(2020, 1, 2, tzinfo=UTC), datetime(2020, 1, 3, tzinfo=UTC)],
        [JANUARY_2, JANUARY_2 + 24 * HOUR],
        ["2020-01-02", "2020-01-03"],
    ],
)
def test_parquet_holds_the_same_bars_as_csv(times: list[Any], tmp_path: Path) -> None:
    prices = np.array([1 / 3, 2 / 3])
    path = tmp_path / "prices.parquet"
    frame = {"date": times, "open": prices, "high": prices * 2, "low": prices / 2}
    pl.DataFrame(frame | {"close": prices, "volume": [5, 6]}).write_parquet(path)
    bars, _ = read_bars(path, timeframe="1d")
    assert bars.times[0] == JANUARY_2
    assert bars.open.tolist() == prices.tolist()
    assert bars.volume.tolist() == [5, 6]


def test_several_files_are_read_as_one(tmp_path: Path) -> None:
    first = csv_file(tmp_path, "2020-01-03,1,2,0.5,1.5,7", name="2020.csv")
    second = csv_file(tmp_path, "2020-01-02,1,2,0.5,1.5,7", name="2019.csv")
    bars, report = read_bars([first, second], timeframe="1d")
    assert len(bars) == 2
    assert report.first == "2020-01-02"

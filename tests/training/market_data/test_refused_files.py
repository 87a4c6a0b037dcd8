"""What would need a guess is refused, with the file, the line and the column."""

from pathlib import Path
from zoneinfo import available_timezones

import numpy as np
import polars as pl
import pytest

from tests.training.market_data.files import HEADER, csv_file, days
from training.market_data import MarketDataInvalid
from training.market_data.reading.containers import MOST_ROWS
from training.market_data.reading.read import read_bars
from training.market_data.reading.zones import NO_TIME, OF_NO_PLACE, instants, parse_zone
from training.strategy.values import Timeframe

GOOD = "2020-01-02,1,2,0.5,1.5,7"


def refusal(path: Path, timeframe: Timeframe = "1d") -> str:
    with pytest.raises(MarketDataInvalid) as caught:
        read_bars(path, timeframe=timeframe)
    assert path.name in str(caught.value)
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2020-01-03,-1,2,0.5,1.5,7", "open is not above 0: prices.csv line 3 (-1)"),
        ("2020-01-03,1,2,0,1.5,7", "low is not above 0: prices.csv line 3 (0)"),
        ("2020-01-03,1,2,0.5,1.5,-7", "volume is negative: prices.csv line 3 (-7)"),
        ("2020-01-03,1,0.5,2,1.5,7", "high is below low: prices.csv line 3"),
        ("2020-01-03,nan,2,0.5,1.5,7", "open is not a finite number: prices.csv line 3 (nan)"),
        ("2020-01-03,inf,2,0.5,1.5,7", "open is not a finite number: prices.csv line 3 (inf)"),
        ("2020-01-03,,2,0.5,1.5,7", "open is not a finite number: prices.csv line 3"),
        ("2020-01-03,null,2,0.5,1.5,7", "open is not a finite number: prices.csv line 3 (null)"),
        ('2020-01-03,"1,5",2,0.5,1.5,7', "open is not a finite number: prices.csv line 3 (1,5)"),
        ("2020-01-03,1,2,0.5,1.5,", "volume is not a finite number: prices.csv line 3"),
        ("2020-02-30,1,2,0.5,1.5,7", "the date cannot be read: prices.csv line 3 (2020-02-30)"),
        ("someday,1,2,0.5,1.5,7", "the date cannot be read: prices.csv line 3 (someday)"),
        ("2020-01-02,1,2,0.5,1.6,7", "the same time has different values: prices.csv line 2"),
        ("2020-01-03,1,234,2,0.5,1.5,7", "line 3 has more fields than the header"),
        ("2020-01-03,1", "high is not a finite number: prices.csv line 3"),
        ("2020-01-02 06:00,1,2,0.5,1.5,7", "prices.csv line 3, the newest bar, is only 6 h after"),
    ],
)
def test_a_bad_row_is_named(row: str, problem: str, tmp_path: Path) -> None:
    assert problem in refusal(csv_file(tmp_path, GOOD, row))


def test_every_zone_that_is_taken_can_be_read_by() -> None:
    faces = np.array([0, 1_800_000_000], np.int64)
    for name in available_timezones() - OF_NO_PLACE:
        assert (instants(faces, parse_zone(name)) != NO_TIME).all(), name


@pytest.mark.parametrize("name", ["localtime", "Factory", "../../../etc/localtime", ""])
def test_a_zone_of_no_place_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone"):
        parse_zone(name)


def test_every_kind_of_problem_is_in_one_answer(tmp_path: Path) -> None:
    path = csv_file(tmp_path, GOOD, "x,y,2,0.5,1.5,7", "2020-01-05,1,z,0.5,1.5,7")
    problems = refusal(path)
    for problem in ("date cannot be read", "open is not a finite", "high is not a finite"):
        assert problem in problems


def test_many_bad_rows_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    rows = days([f"2020-01-{day:02}" for day in range(1, 11)], price=-5)
    assert "line 2 (-5), prices.csv line 3 (-5), prices.csv line 4 (-5) and 7 more" in refusal(
        csv_file(tmp_path, *rows)
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "it is empty"),
        (HEADER.encode(), "it has no rows"),
        (b"a,b\n1,2\n", "there is no column for date, open, high, low, close"),
        (b"Date,Open,High,Low\n2020-01-02,1,2,1\n", "there is no column for close"),
        (b"\x00\x01\x02", "it is neither text nor a workbook, nor Parquet, Feather or JSON"),
        (b"PAR1 and then nothing", "it cannot be read"),
        (HEADER.encode() + b"\n2020-01-02,1,2,\xff,1,5\n", "low is not a finite number"),
        (b"a," * 200_000, "a line that begins with 'a,a,"),
        (
            HEADER.encode() + b"\n" + b"9" * 200_000 + b",1,1,1,1,1\n",
            "a line that begins with '999",
        ),
    ],
)
def test_a_file_that_is_no_table_of_prices(content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(content)
    assert problem in refusal(path)


@pytest.mark.parametrize(
    "content",
    [
        "root:$y$j9T$secret:19700:0:99999:7:::\ndaemon:secret:19700:0:99999:7:::\n",
        "secret,secret2\nsecret3,secret4\n",
        "-----BEGIN SECRET-----\nc2VjcmV0\nsecret\n",
        '{"secret": "secret"}\n{"secret": "secret"}\n',
        '{"secret": "secret"\n',
        '["secret", \n',
        "password: secret\nuser: secret\n",
        "secret",
    ],
)
def test_of_what_is_no_table_at_all_nothing_is_repeated(content: str, tmp_path: Path) -> None:
    path = tmp_path / "shadow"
    path.write_text(content)
    assert "secret" not in refusal(path).lower()


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "missing.csv")
    assert "Is a directory" in refusal(tmp_path)


@pytest.mark.parametrize("timeframe", ["1h", "1m", "4h"])
def test_daily_bars_are_no_intraday_bars(timeframe: Timeframe, tmp_path: Path) -> None:
    path = csv_file(tmp_path, *days([f"2020-01-{day:02}" for day in range(1, 11)]))
    assert f"so these are not {timeframe} bars" in refusal(path, timeframe)


def test_a_week_not_dated_by_its_monday_could_know_the_future(tmp_path: Path) -> None:
    path = csv_file(tmp_path, *days(["2020-01-05", "2020-01-12"]))  # Sundays
    assert "its weeks are not dated by their Monday" in refusal(path, "1w")


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_a_small_file_of_too_many_rows_is_refused_before_they_are_unpacked(
    tmp_path: Path, kind: str
) -> None:
    names = ("time", "open", "high", "low", "close")
    rows = pl.select(pl.repeat(1, MOST_ROWS + 1, dtype=pl.Int8).alias("time"))
    path = tmp_path / f"bomb.{kind}"
    if kind == "parquet":
        rows.with_columns(**dict.fromkeys(names[1:], pl.lit(1.0))).write_parquet(path)
    else:
        rows.write_ipc(path, compression="zstd")
    assert path.stat().st_size < 1024**2
    with pytest.raises(MarketDataInvalid, match="20,000,001 rows, and 20,000,000 are read at most"):
        read_bars(path, timeframe="1d")

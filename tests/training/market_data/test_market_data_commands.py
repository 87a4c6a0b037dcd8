"""`import_market_data` and `list_market_data` at a terminal."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.training.market_data.files import csv_file, days
from training.models import MarketData

pytestmark = pytest.mark.django_db


def run(*arguments: str | Path) -> tuple[int, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    name, *rest = map(str, arguments)
    try:
        call_command(name, *rest, stdout=output, stderr=errors)
    except SystemExit as end:
        return int(end.code or 0), output.getvalue(), errors.getvalue()
    return 0, output.getvalue(), errors.getvalue()


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    rows = days(["2020-01-06", "2020-01-13", "2020-01-07", "2020-01-07"])
    return csv_file(tmp_path, *rows)


def test_an_import_reports_what_it_found_and_repaired(prices: Path) -> None:
    code, output, _ = run("import_market_data", prices, "--symbol", "ACME", "--timeframe", "1d")
    assert code == 0
    assert "Imported ACME 1d: 3 rows" in output
    assert "sorted: 1 row stood after a later one" in output
    assert "repeated rows dropped: 1" in output
    assert "2020-01-07 to 2020-01-13: 3 bars missing" in output


def test_an_import_as_json(prices: Path) -> None:
    arguments = ("--symbol", "ACME", "--timeframe", "1d", "--json")
    _, output, _ = run("import_market_data", prices, *arguments)
    answer = json.loads(output)
    assert answer["fingerprint"] == MarketData.objects.get().fingerprint
    assert answer["report"]["num_gaps"] == 1


def test_a_bad_file_ends_with_2_and_names_the_line(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "2020-01-06,1,2,3,1,5")
    code, _, errors = run("import_market_data", path, "--symbol", "ACME", "--timeframe", "1d")
    assert code == 2
    assert "high is below low: prices.csv line 2" in errors


def test_an_unknown_timeframe_or_zone_is_a_usage_error(prices: Path) -> None:
    for wrong in (["--timeframe", "3d"], ["--timeframe", "1d", "--timezone", "Mars"]):
        with pytest.raises(CommandError):
            run("import_market_data", prices, "--symbol", "ACME", *wrong)


def test_the_list_shows_samples_and_imports(prices: Path) -> None:
    run("import_market_data", prices, "--symbol", "ACME", "--timeframe", "1d")
    code, output, _ = run("list_market_data")
    assert code == 0
    lines = [line.split("\t") for line in output.splitlines()]
    assert [(line[0], line[2], line[6]) for line in lines] == [
        ("ACME", "3", "imported"),
        ("NASDAQ", "5031", "sample"),
        ("SP500", "5031", "sample"),
    ]


def test_the_list_as_json_can_be_of_one_symbol() -> None:
    _, output, _ = run("list_market_data", "--symbol", "SP500", "--json")
    (entry,) = json.loads(output)
    assert entry["symbol"] == "SP500"
    assert entry["report"]["num_gaps"] == 3


def test_the_zone_that_times_were_read_in_is_said(tmp_path: Path) -> None:
    hours = csv_file(tmp_path, "2020-01-06 09:00,1,1,1,1,5")
    words = ("--symbol", "ACME", "--timeframe", "1h", "--timezone", "America/New_York")
    _, output, _ = run("import_market_data", hours, *words)
    assert "times without an offset were read in America/New_York" in output


def test_every_assumption_is_a_line_and_the_files_own_time_is_said(tmp_path: Path) -> None:
    rows = [f"2020-01-{day:02} 09:00,1,1,1,1,5" for day in (6, 7, 8, 9, 10)]
    hours = csv_file(tmp_path, *rows)
    words = ("--symbol", "ACME", "--timeframe", "1d", "--timezone", "America/New_York")
    _, output, _ = run("import_market_data", hours, *words)
    assert "from 2020-01-06T14:00:00Z to 2020-01-10T14:00:00Z (opens, UTC)" in output
    assert "in the file from 2020-01-06 09:00:00 to 2020-01-10 09:00:00" in output
    assert "a time is the open of its bar: an assumption, which --stamps close replaces" in output
    assert "most bars are 1 day apart" in output


def test_the_next_import_is_read_as_the_one_before(tmp_path: Path) -> None:
    first = csv_file(tmp_path, "2020-01-06 09:00,1,1,1,1,5")
    words = ("--symbol", "ACME", "--timeframe", "1h")
    run("import_market_data", first, *words, "--timezone", "America/New_York")
    second = csv_file(tmp_path, "2020-01-07 09:00,1,1,1,1,5", name="second.csv")
    _, output, _ = run("import_market_data", second, *words)
    assert "read in America/New_York, as those of the file before" in output
    assert "from 2020-01-07T14:00:00Z" in output
    _, output, _ = run("import_market_data", second, "--symbol", "OTHER", "--timeframe", "1h")
    assert "read in UTC: an assumption" in output


def test_every_instrument_of_a_file_is_imported_or_none(tmp_path: Path) -> None:
    rows = ["AAPL,2020-01-06,1,1,1,1,5", "BTC/USDT,2020-01-06,2,2,2,2,5"]
    path = csv_file(tmp_path, *rows, header="symbol,date,open,high,low,close,volume")
    arguments = ("import_market_data", path, "--all-symbols", "--timeframe", "1d")
    _, output, _ = run(*arguments, "--json")
    assert [one["symbol"] for one in json.loads(output)] == ["AAPL", "BTC-USDT"]
    MarketData.objects.all().delete()
    path.write_text(path.read_text() + "MSFT,2020-01-06,1,0,1,1,5\n")
    code, _, errors = run(*arguments)
    assert code == 2
    assert errors.count("high is below low") == 1
    assert not MarketData.objects.exists()


def test_an_option_that_cannot_be_is_a_usage_error(prices: Path) -> None:
    for wrong in (["--dates", "dym"], ["--decimal", ";"], ["--columns", "Date"], ["--header", "0"]):
        with pytest.raises(CommandError):
            run("import_market_data", prices, "--symbol", "A", "--timeframe", "1d", *wrong)

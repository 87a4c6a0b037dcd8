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
    assert "sorted: 1 rows stood after a later one" in output
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

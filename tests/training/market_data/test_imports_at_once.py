"""Imports that are killed, and imports at once: real processes, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoints import files
from tests.running.stack import Stack, StackProcess
from tests.training.market_data.files import csv_file, days
from training.market_data import load_bars
from training.market_data.importing import import_market_data
from training.models import Import, MarketData
from training.series.sweeping import sweep_orphans

pytestmark = pytest.mark.django_db(transaction=True)

Begin = Callable[..., StackProcess]
SERIES = ("--symbol", "ACME", "--timeframe", "1d")
AT_ONCE = 3
POINTS = [
    *(f"checkpoint.write.{step}" for step in ("chunk", "sync", "rename", "sync_directory")),
    "import.stored",
    "import.written",
    "import.remove.file",
]


def dates(first: int, last: int) -> list[str]:
    return [f"2020-01-{day:02}" for day in range(first, last + 1)]


@pytest.fixture
def begin(stack: Stack) -> Begin:
    """Start `manage.py import_market_data` on the test database."""

    def importing(path: Path, *words: str, failpoint: str = "") -> StackProcess:
        command = ("import_market_data", str(path), *SERIES, *words)
        return stack.start("import", *command, KTRDR_FAILPOINTS=failpoint)

    return importing


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_leaves_the_old_series_or_the_new_one_whole(
    point: str, begin: Begin, tmp_path: Path, checkpoint_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for price in range(50, 60):  # so many that the next one drops the oldest
        path = csv_file(tmp_path, *days(dates(6, 8), price=price))
        import_market_data(path, symbol="ACME", timeframe="1d", replace=True)
    old = load_bars("ACME", "1d").fingerprint()
    newer = csv_file(tmp_path, *days(dates(6, 8), price=70), name="newer.csv")

    child = begin(newer, "--replace", failpoint=f"{point}=kill@1")
    assert child.wait() == -9, child.output

    bars = load_bars("ACME", "1d")
    is_new = Import.objects.filter(number=11).exists()
    assert (bars.fingerprint() != old) == is_new
    assert bars.close.tolist() == [70 if is_new else 59] * 3
    assert is_new == (point == "import.remove.file")
    monkeypatch.setattr(files, "ABANDONED_AFTER", timedelta(0))
    sweep_orphans()
    bars_stored = (checkpoint_root / "market_data").glob("*.npy")
    stored = {str(path.relative_to(checkpoint_root)) for path in bars_stored}
    of_series = set(MarketData.objects.values_list("file", flat=True))
    assert stored == of_series
    import_market_data(newer, symbol="ACME", timeframe="1d", replace=True)
    assert load_bars("ACME", "1d").close.tolist() == [70] * 3


def test_of_imports_at_once_each_goes_on_with_the_one_before(begin: Begin, tmp_path: Path) -> None:
    first = csv_file(tmp_path, *days(dates(6, 6)))
    import_market_data(first, symbol="ACME", timeframe="1d")
    paths = [
        csv_file(tmp_path, *days(dates(day, day)), name=f"{day}.csv")
        for day in range(7, 7 + AT_ONCE)
    ]
    for child in [begin(path) for path in paths]:
        assert child.wait() == 0, child.output
    numbers = Import.objects.of("ACME", "1d").values_list("number", "based_on")
    assert list(numbers) == [(number, number - 1) for number in range(AT_ONCE + 1, 1, -1)] + [
        (1, None)
    ]
    assert len(load_bars("ACME", "1d")) == 1 + AT_ONCE


def test_of_first_imports_at_once_one_is_the_first(begin: Begin, tmp_path: Path) -> None:
    paths = [
        csv_file(tmp_path, *days(dates(day, day)), name=f"{day}.csv")
        for day in range(7, 7 + AT_ONCE)
    ]
    for child in [begin(path) for path in paths]:
        assert child.wait() == 0, child.output
    assert Import.objects.count() == AT_ONCE
    assert len(load_bars("ACME", "1d")) == AT_ONCE

"""An import can be undone, and a series forgotten."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.operations import scenes
from tests.operations.fake_type import fake_type as fake_type
from tests.training.market_data.files import csv_file, days
from training.market_data import MarketDataMissing, load_bars
from training.market_data.catalog import load_version
from training.market_data.errors import MarketDataPinned, NothingToUndo
from training.market_data.importing import import_market_data
from training.market_data.pinned import readings_today
from training.market_data.reading.options import Options
from training.models import Import, MarketData, Pin
from training.series.entering import Imported
from training.series.versions import forget_market_data, undo_import

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def take(tmp_path: Path) -> "Take":
    return Take(tmp_path)


class Take:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, last: int, *, price: float = 100.0, **words: object) -> Imported:
        rows = days([f"2020-01-{day:02}" for day in range(6, last + 1)], price=price)
        path = csv_file(self.folder, *rows)
        return import_market_data(path, symbol="ACME", timeframe="1d", **words)  # type: ignore[arg-type]


def rows() -> int:
    return len(load_bars("ACME", "1d"))


def test_two_undos_go_back_two(take: Take) -> None:
    for last in (10, 12, 14):
        take(last)
    assert (undo_import("ACME", "1d").back_to, rows()) == (2, 7)
    assert (undo_import("ACME", "1d").back_to, rows()) == (1, 5)
    with pytest.raises(NothingToUndo, match="no bars before its first import"):
        undo_import("ACME", "1d")
    kinds = Import.objects.of("ACME", "1d").values_list("number", "kind", "back_to", "based_on")
    assert list(kinds) == [
        (5, "undo", 1, None),
        (4, "undo", 2, 1),
        (3, "append", None, 2),
        (2, "append", None, 1),
        (1, "append", None, None),
    ]


def test_what_follows_an_undo_is_undone_to_it(take: Take) -> None:
    take(10)
    take(12)
    undo_import("ACME", "1d")
    take(20)
    assert rows() == 15
    undo_import("ACME", "1d")
    assert rows() == 5


def test_what_was_undone_is_remembered_no_longer(tmp_path: Path, take: Take) -> None:
    def hours(day: int, zone: str | None) -> None:
        path = csv_file(tmp_path, f"2020-01-{day:02} 09:00,1,1,1,1,5")
        options = Options(timezone=zone)
        import_market_data(path, symbol="H", timeframe="1h", options=options)

    def zone() -> str | None:
        return readings_today("H", "1h")[0].timezone

    hours(6, "America/New_York")
    hours(7, "Asia/Tokyo")
    assert zone() == "Asia/Tokyo"
    undo_import("H", "1h")
    assert zone() == "America/New_York"
    hours(8, None)
    assert zone() == "America/New_York"


def test_a_series_is_forgotten_with_its_files(take: Take, checkpoint_root: Path) -> None:
    before = set(checkpoint_root.rglob("*.npy"))
    take(10)
    take(10, price=50, replace=True)
    assert forget_market_data("ACME", "1d") == 2
    assert not Import.objects.exists()
    assert not MarketData.objects.exists()
    assert set(checkpoint_root.rglob("*.npy")) == before
    with pytest.raises(MarketDataMissing):
        forget_market_data("ACME", "1d")
    assert take(10).entry.number == 1


def test_what_stands_on_bars_is_named_and_nothing_forgotten(take: Take, fake_type: None) -> None:
    first = take(10)
    operation = scenes.cancelled(1)
    Pin.objects.create(operation=operation, data=first.data)
    take(10, price=50, replace=True)
    with pytest.raises(MarketDataPinned, match=operation.pk):
        forget_market_data("ACME", "1d")
    assert len(load_version(first.entry)) == rows() == 5


def test_the_newest_ten_stay_and_what_is_pinned(
    take: Take, checkpoint_root: Path, fake_type: None
) -> None:
    first = take(10, price=11)
    Pin.objects.create(operation=scenes.cancelled(1), data=first.data)
    other = take(10, price=12, replace=True)
    for price in range(13, 24):
        take(10, price=price, replace=True)
    kept = MarketData.objects.order_by("pk").values_list("pk", flat=True)
    assert len(kept) == 11
    assert kept[0] == first.data.pk
    assert not MarketData.objects.filter(pk=other.data.pk).exists()
    assert not (checkpoint_root / other.data.file).exists()
    assert len(load_version(first.entry)) == 5
    again = take(10, price=12, replace=True)
    assert Import.objects.get(number=2).data == again.data  # they are there again


def test_pins_of_what_can_go_on_no_more_hold_nothing(take: Take, fake_type: None) -> None:
    first = take(10)
    operation = scenes.cancelled(1)
    Pin.objects.create(operation=operation, data=first.data)
    operation.checkpoints.all().delete()
    assert forget_market_data("ACME", "1d") == 1
    assert not Pin.objects.exists()


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def test_the_commands(take: Take) -> None:
    take(10)
    take(12)
    series = ("ACME", "--timeframe", "1d")
    said = run("undo_import", *series)
    assert said == "ACME 1d, import 3: undo\n  back to the 5 bars of import 1\n"
    take(12)
    undone = json.loads(run("undo_import", *series, "--json"))
    assert (undone["kind"], undone["back_to"], undone["rows"]) == ("undo", 1, 5)
    assert undone["by"].startswith("undo_import (")
    assert run("forget_market_data", *series) == "Forgot ACME 1d, with its imports: 5\n"

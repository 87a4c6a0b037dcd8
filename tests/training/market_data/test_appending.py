"""A second file goes on with what is stored, or is refused with the word that replaces it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.market_data.files import csv_file, days
from training.market_data import list_market_data, load_bars
from training.market_data.catalog import load_version
from training.market_data.errors import MarketDataDiffers, SymbolInDoubt
from training.market_data.importing import import_market_data
from training.market_data.timeframes import DAY
from training.models import Import, MarketData
from training.series.entering import Imported
from training.series.versions import undo_import

pytestmark = pytest.mark.django_db

MONDAY = 1_578_268_800  # 2020-01-06
Importing = Callable[..., Imported]


def dates(first: int, last: int) -> list[str]:
    return [f"2020-01-{day:02}" for day in range(first, last + 1)]


@pytest.fixture
def take(tmp_path: Path) -> Importing:
    """Import rows, 1d bars of ACME unless said otherwise."""

    def importing(*rows: str, **words: object) -> Imported:
        path = csv_file(tmp_path, *rows)
        series = {"symbol": "ACME", "timeframe": "1d"}
        return import_market_data(path, **{**series, **words})  # type: ignore[arg-type]

    return importing


@pytest.fixture
def stored(take: Importing) -> Imported:
    return take(*days(dates(6, 10)))


def opens() -> list[int]:
    return [(time - MONDAY) // DAY + 6 for time in load_bars("ACME", "1d").times.tolist()]


def test_later_bars_come_after_the_stored_ones(take: Importing, stored: Imported) -> None:
    made = take(*days(dates(11, 13)))
    assert made.words == ("3 bars after 2020-01-10, to 2020-01-13",)
    assert (made.entry.number, made.entry.kind, made.entry.based_on) == (2, "append", 1)
    assert opens() == [*range(6, 14)]
    assert made.report.rows == 3
    assert list_market_data("ACME")[0].report["rows"] == 8


def test_a_whole_history_again_adds_what_is_new(take: Importing, stored: Imported) -> None:
    whole = take(*days(dates(1, 12)))
    assert whole.words == (
        "2 bars after 2020-01-10, to 2020-01-12",
        "5 bars before 2020-01-06, from 2020-01-01",
    )
    assert opens() == [*range(1, 13)]


def test_earlier_bars_come_before_the_stored_ones(take: Importing, stored: Imported) -> None:
    assert take(*days(dates(2, 7))).words == ("4 bars before 2020-01-06, from 2020-01-02",)
    assert opens() == [*range(2, 11)]


def test_bars_that_were_missing_are_put_in(take: Importing, stored: Imported) -> None:
    take(*days(dates(15, 17)))
    assert take(*days(dates(12, 13))).words == ("2 bars that were missing between stored ones",)
    assert opens() == [6, 7, 8, 9, 10, 12, 13, 15, 16, 17]


def test_a_step_longer_than_any_before_is_said(take: Importing, stored: Imported) -> None:
    made = take(*days(dates(14, 15)))
    assert "from 2020-01-10 to 2020-01-14 is a longer step than any before" in made.words
    again = take(*days(["2020-01-18"]))
    assert not any("longer step" in words for words in again.words)


def test_the_stored_last_bar_was_running(take: Importing, stored: Imported) -> None:
    made = take(*days(dates(8, 9)), *days(dates(10, 11), price=120))
    assert made.words == (
        "1 bar after 2020-01-10, to 2020-01-11",
        "the stored last bar, of 2020-01-10, was another one and is replaced",
    )
    assert load_bars("ACME", "1d").close.tolist() == [100, 100, 100, 100, 120, 120]


@pytest.mark.parametrize("part", [(6, 10), (7, 9), (10, 10)])
def test_bars_that_are_there_change_nothing(
    take: Importing, stored: Imported, part: tuple[int, int]
) -> None:
    made = take(*days(dates(*part)))
    assert made.words == ("the same bars are stored already: nothing changes",)
    assert (made.changed, made.data, Import.objects.count()) == (False, stored.data, 1)


def test_a_bar_that_differs_is_refused_and_named(take: Importing, stored: Imported) -> None:
    rows = [*days(dates(6, 8)), "2020-01-09,100,101,99,100.5,1000", *days(dates(10, 12))]
    with pytest.raises(MarketDataDiffers) as refused:
        take(*rows)
    said = str(refused.value)
    assert "of the 5 bars that both have 1 differ, the first on 2020-01-09" in said
    assert "(close 100 stored, 100.5 in the file)" in said
    assert "--replace (replace in the API) replaces 5 rows to 2020-01-10" in said
    assert opens() == [*range(6, 11)]
    made = take(*rows, replace=True)
    assert made.words == ("replaces 5 rows to 2020-01-10 (import 1)",)
    assert (made.entry.kind, opens()) == ("replace", [*range(6, 13)])


def test_an_earlier_bar_than_the_last_one_may_not_differ(take: Importing, stored: Imported) -> None:
    """The last bar of an older export was running then: which one is right would be a guess."""
    with pytest.raises(MarketDataDiffers):
        take(*days(dates(4, 7)), "2020-01-08,100,101,99,99.5,700")


def test_bars_of_another_grid_are_not_mixed_in(take: Importing, tmp_path: Path) -> None:
    hours = [f"2020-01-06 {hour:02}:00,1,1,1,1,1" for hour in range(6)]
    take(*hours, timeframe="1h")
    halves = [line.replace(":00,", ":30,") for line in hours]
    with pytest.raises(MarketDataDiffers, match="its bars would stand between stored ones"):
        take(*halves, timeframe="1h")


def test_a_short_month_and_a_short_day_go_on(take: Importing) -> None:
    take(*days(["2020-03-28", "2020-03-29"]))
    take("2020-03-30T00:00:00Z,1,2,1,1,1")
    made = take("2020-03-30T23:00:00Z,1,2,1,1,1")
    assert made.words == ("1 bar after 2020-03-30, to 2020-03-30T23:00:00Z",)


def test_another_case_of_a_symbol_is_asked(take: Importing, stored: Imported) -> None:
    with pytest.raises(SymbolInDoubt, match="There is market data of ACME, and acme would be"):
        take(*days(dates(6, 8)), symbol="acme")
    take(*days(dates(6, 8)), symbol="acme", new_symbol=True)
    assert take(*days(dates(6, 9)), symbol="acme").entry.number == 2  # it is known by now
    with pytest.raises(SymbolInDoubt, match="SP500"):
        take(*days(dates(6, 8)), symbol="sp500")


def test_a_sample_gives_way(take: Importing) -> None:
    made = take(*days(dates(6, 8)), symbol="SP500")
    assert made.words[1] == "the sample of SP500 that ships with KTRDR gives way to them"


@pytest.mark.django_db(transaction=True)
def test_a_series_that_grows_has_one_file(
    take: Importing, stored: Imported, checkpoint_root: Path
) -> None:
    others = set(checkpoint_root.rglob("*.npy")) - {checkpoint_root / stored.data.file}
    for day in range(11, 16):
        take(*days(dates(day, day)))
    files = set(MarketData.objects.values_list("file", flat=True))
    assert {checkpoint_root / name for name in files} == set(
        checkpoint_root.rglob("*.npy")
    ) - others
    assert len(files) == 1
    for number, rows in enumerate(range(5, 11), start=1):
        one = Import.objects.get(number=number)
        assert (len(load_version(one)), load_version(one).fingerprint()) == (rows, one.fingerprint)
    undo_import("ACME", "1d")
    assert opens() == [*range(6, 15)]
    take(*days(dates(14, 14), price=90), *days(dates(15, 15)))
    assert MarketData.objects.values("file").distinct().count() == 2
    assert len(load_version(Import.objects.get(number=5))) == 9


def test_days_end_when_the_later_of_both_do(take: Importing, stored: Imported) -> None:
    offset = [f"{date}T00:00:00-05:00,{row.partition(',')[2]}" for date, row in _dated(6, 10)]
    made = take(*offset)
    assert made.words == ("from now on its days have ended 5 h after midnight UTC",)
    assert load_bars("ACME", "1d").day_ends == 5 * 3600
    assert not take(*days(dates(6, 10))).changed
    take(*days(dates(11, 12)))
    assert (load_bars("ACME", "1d").day_ends, opens()) == (5 * 3600, [*range(6, 13)])


def test_days_have_ended_with_the_earlier_of_both(take: Importing, stored: Imported) -> None:
    """Bars that were stored before a zone's earliest midnight was kept are told so, once."""
    tokyo = [f"{date}T00:00:00+09:00,{row.partition(',')[2]}" for date, row in _dated(6, 10)]
    said = "from now on its days see nothing of the 9 h before midnight UTC"
    assert take(*tokyo).words == (said,)
    assert load_bars("ACME", "1d").day_closes == -9 * 3600
    assert not take(*tokyo).changed
    assert not take(*days(dates(6, 10))).changed
    take(*days(dates(11, 12)))
    assert (load_bars("ACME", "1d").day_closes, opens()) == (-9 * 3600, [*range(6, 13)])


@pytest.mark.parametrize("offset", ["-05:00", "+09:00"])
def test_a_file_of_all_bars_that_tells_nothing_of_days_leaves_them(
    offset: str, take: Importing, stored: Imported
) -> None:
    take(*[f"{date}T00:00:00{offset},{row.partition(',')[2]}" for date, row in _dated(6, 10)])
    before = load_bars("ACME", "1d")
    take(*days(dates(6, 12)))
    now = load_bars("ACME", "1d")
    assert (now.day_ends, now.day_closes) == (before.day_ends, before.day_closes) != (0, 0)
    assert opens() == [*range(6, 13)]


def _dated(first: int, last: int) -> list[tuple[str, str]]:
    return list(zip(dates(first, last), days(dates(first, last)), strict=True))

"""Importing stores immutable bars; the newest import of a symbol and timeframe counts."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.market_data.files import csv_file, days
from training.market_data import (
    MarketDataDamaged,
    MarketDataInvalid,
    MarketDataMissing,
    list_market_data,
    load_bars,
)
from training.market_data.catalog import load_version
from training.market_data.importing import import_market_data
from training.market_data.samples import SAMPLES, load_sample
from training.market_data.timeframes import DAY
from training.models import Import, MarketData

pytestmark = pytest.mark.django_db

DATES = [f"2020-01-{day:02}" for day in range(6, 32)]
MONDAY = 1_578_268_800  # 2020-01-06


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    return csv_file(tmp_path, *days(DATES))


def stored_file(root: Path, data: MarketData) -> Path:
    return root / data.file


def test_imported_bars_are_loaded_as_they_were_read(prices: Path) -> None:
    data = import_market_data(prices, symbol="ACME", timeframe="1d").data
    bars = load_bars("ACME", "1d")
    assert bars.fingerprint() == data.fingerprint
    assert len(bars) == data.num_rows == 26
    assert isinstance(bars.close, np.memmap)


def test_importing_again_changes_nothing(prices: Path, checkpoint_root: Path) -> None:
    first = import_market_data(prices, symbol="ACME", timeframe="1d")
    before = sorted(checkpoint_root.rglob("*"))
    again = import_market_data(prices, symbol="ACME", timeframe="1d", replace=True)
    assert again.words == ("the same bars are stored already: nothing changes",)
    assert (again.changed, again.entry.pk, again.data.pk) == (False, first.entry.pk, first.data.pk)
    assert sorted(checkpoint_root.rglob("*")) == before
    assert (Import.objects.count(), MarketData.objects.count()) == (1, 1)


def test_the_newest_import_counts_and_what_it_replaced_stays(tmp_path: Path, prices: Path) -> None:
    first = import_market_data(prices, symbol="ACME", timeframe="1d")
    longer = csv_file(tmp_path, *days([*DATES, "2020-02-03"]), name="longer.csv")
    import_market_data(longer, symbol="ACME", timeframe="1d")
    assert len(load_bars("ACME", "1d")) == 27
    assert len(load_version(first.entry)) == 26
    import_market_data(prices, symbol="ACME", timeframe="1d", replace=True)
    assert len(load_bars("ACME", "1d")) == 26


def test_a_file_that_is_refused_leaves_nothing_behind(
    tmp_path: Path, checkpoint_root: Path
) -> None:
    before = sorted(checkpoint_root.rglob("*"))
    bad = csv_file(tmp_path, *days(DATES), "2020-02-03,1,2,-1,1,5")
    with pytest.raises(MarketDataInvalid):
        import_market_data(bad, symbol="ACME", timeframe="1d")
    assert not MarketData.objects.exists()
    assert sorted(checkpoint_root.rglob("*")) == before


@pytest.mark.parametrize("symbol", ["../x", "/etc/passwd", "a\0b", "", "x" * 300, "a/b", "A\n"])
def test_a_symbol_that_is_no_symbol_is_refused(symbol: str, prices: Path) -> None:
    with pytest.raises(MarketDataInvalid, match="a symbol is letters, digits"):
        import_market_data(prices, symbol=symbol, timeframe="1d")


def test_bars_from_start_to_end_are_inclusive(prices: Path) -> None:
    import_market_data(prices, symbol="ACME", timeframe="1d")
    bars = load_bars("ACME", "1d", start=MONDAY + DAY, end=MONDAY + 3 * DAY)
    assert bars.times.tolist() == [MONDAY + day * DAY for day in (1, 2, 3)]
    assert len(load_bars("ACME", "1d", start=MONDAY + 100 * DAY)) == 0


def test_a_higher_timeframe_is_resampled_up_to_the_end(prices: Path) -> None:
    import_market_data(prices, symbol="ACME", timeframe="1d")
    assert load_bars("ACME", "1w").times.tolist() == [MONDAY + week * 7 * DAY for week in range(3)]
    friday = MONDAY + 11 * DAY  # the second week has two days to go
    assert load_bars("ACME", "1w", end=friday).times.tolist() == [MONDAY]


def test_data_of_its_own_comes_before_resampling(tmp_path: Path, prices: Path) -> None:
    import_market_data(prices, symbol="ACME", timeframe="1d")
    weekly = csv_file(tmp_path, *days(["2020-01-06", "2020-01-13"], price=7), name="weekly.csv")
    import_market_data(weekly, symbol="ACME", timeframe="1w")
    assert load_bars("ACME", "1w").close.tolist() == [7, 7]


def test_samples_are_there_until_something_is_imported_for_the_symbol(prices: Path) -> None:
    assert load_bars("SP500", "1d").fingerprint() == load_sample("SP500", "1d").fingerprint()
    assert [entry.is_sample for entry in list_market_data("SP500")] == [True]
    import_market_data(prices, symbol="SP500", timeframe="1d")
    assert len(load_bars("SP500", "1d")) == 26
    assert [entry.is_sample for entry in list_market_data("SP500")] == [False]
    assert {entry.symbol for entry in list_market_data()} == {"SP500", "NASDAQ"}


@pytest.mark.parametrize(
    ("symbol", "timeframe", "words"),
    [
        ("NOPE", "1d", "Symbols with data: NASDAQ, SP500"),
        ("SP500", "1h", "There is 1d, of which no 1h can be made"),
        ("../x", "1d", "--symbol ../x --timeframe 1d"),
    ],
)
def test_missing_data_says_how_to_import(symbol: str, timeframe: str, words: str) -> None:
    with pytest.raises(MarketDataMissing, match="import_market_data FILE") as caught:
        load_bars(symbol, timeframe)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert caught.value.status == 422


@pytest.mark.parametrize("damage", ["missing", "cut off", "one bit", "a pickle"])
def test_a_damaged_file_is_never_trained_on(
    damage: str, prices: Path, checkpoint_root: Path
) -> None:
    path = stored_file(
        checkpoint_root, import_market_data(prices, symbol="ACME", timeframe="1d").data
    )
    content = path.read_bytes()
    path.unlink()
    if damage == "cut off":
        path.write_bytes(content[:-100])
    elif damage == "one bit":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "a pickle":
        np.save(path, np.array([{"evil": 1}]), allow_pickle=True)
    with pytest.raises(MarketDataDamaged, match="ACME at 1d is damaged"):
        load_bars("ACME", "1d")


def test_importing_again_mends_a_damaged_file(prices: Path, checkpoint_root: Path) -> None:
    path = stored_file(
        checkpoint_root, import_market_data(prices, symbol="ACME", timeframe="1d").data
    )
    content = path.read_bytes()
    for damaged in (content[:-100], content[:-1] + b"\x01"):
        path.write_bytes(damaged)
        import_market_data(prices, symbol="ACME", timeframe="1d")
        assert len(load_bars("ACME", "1d")) == 26


def test_a_samples_own_file_can_be_imported_under_another_symbol() -> None:
    data = import_market_data(SAMPLES["NASDAQ", "1d"], symbol="IXIC", timeframe="1d").data
    assert data.fingerprint == load_sample("NASDAQ", "1d").fingerprint()


def test_each_step_of_an_import_is_told(tmp_path: Path) -> None:
    path, told = csv_file(tmp_path, *days(["2020-01-06", "2020-01-07"])), list[str]()
    import_market_data(path, symbol="ACME", timeframe="1d", tell=told.append)
    assert told == ["reading the file", "comparing 2 bars with what is stored", "storing 2 bars"]

"""Of a typed file with many columns those are read that may be prices, or that somebody names."""

from pathlib import Path

import polars as pl
import pytest

from training.market_data import MarketDataInvalid
from training.market_data.reading import containers
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.options import Options
from training.market_data.reading.read import read_bars


def wide() -> pl.DataFrame:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 10), eager=True)
    prices = pl.Series(range(100, 110)).cast(pl.Float64)
    columns = {"feature_1": prices * 7, "date": days.cast(pl.String), "open": prices}
    columns |= {"high": prices + 1, "low": prices - 1, "close": prices, "mystery": prices + 0.5}
    return pl.DataFrame(columns | {"volume": prices, "feature_2": prices * 9})


@pytest.fixture(params=["parquet", "feather"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"wide.{request.param}"
    wide().write_parquet(path) if request.param == "parquet" else wide().write_ipc(path)
    return path


@pytest.mark.parametrize(
    ("options", "first_close"),
    [
        (Options(), 100),
        (Options(columns=(("close", "mystery"),)), 100.5),
        (Options(columns=(("close", "Mystery"),)), 100.5),
        (Options(columns=(("close", "#7"),)), 100.5),
    ],
    ids=["known", "by name", "in another case", "by number"],
)
def test_a_column_that_is_named_is_read(path: Path, options: Options, first_close: float) -> None:
    bars, report = read_bars(path, timeframe="1d", options=options)
    assert bars.close[0] == first_close
    assert report.reading is not None
    again, _ = read_bars(path, timeframe="1d", remembered=[report.reading])
    assert again.fingerprint() == bars.fingerprint()


def test_others_stay_empty(path: Path) -> None:
    table = containers.open_table(path, Ledger(path.name, Options()))
    assert table.names == tuple(wide().columns)
    empty = [name for at, name in enumerate(table.names) if table.column(at).dtype == pl.Null]
    assert empty == ["feature_1", "mystery", "feature_2"]


def test_a_refusal_names_them_all(path: Path) -> None:
    with pytest.raises(MarketDataInvalid, match="#1 feature_1, #2 date"):
        read_bars(path, timeframe="1d", options=Options(columns=(("close", "nothing"),)))


def test_a_file_of_unknown_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    pl.DataFrame({"a_b": [1.0], "c_d": [2.0]}).write_parquet(path)
    with pytest.raises(MarketDataInvalid, match="there is no column for date"):
        read_bars(path, timeframe="1d")

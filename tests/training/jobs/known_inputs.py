"""Trained networks and what is given to them: symbols, files, zones."""

from dataclasses import replace
from pathlib import Path

from tests.training.jobs.scenes import (
    CLASSES,
    ONE_DAY,
    trained,
    write_csv,
)
from training.market_data.bars import Bars
from training.market_data.importing import import_market_data
from training.market_data.samples import load_sample
from training.trained.bundle_reader import TrainedNetwork
from training.trained.notes import NoteCode
from training.trained.prediction import Forecast
from training.trained.stored_models import read_network
from training.trained.supply import PriceFile

NOT_SCALED = CLASSES.replace("normalization: zscore", "normalization: none")
SETS_ONLY = CLASSES.replace(
    "  - {raw_indicator: macd_std.histogram, timeframes: all, normalization: zscore}\n", ""
)
FROM_THE_FIRST_BAR = CLASSES.replace('  start_date: "2009-01-02"\n', "")
MACD = "macd_std: {type: macd, fast_period: 12, slow_period: 26, signal_period: 9}"
CUMULATIVE = FROM_THE_FIRST_BAR.replace(MACD, "sum: {type: obv}").replace(
    "macd_std.histogram", "sum"
)
HOURS = FROM_THE_FIRST_BAR.replace(
    ONE_DAY, "timeframes: {mode: multi_timeframe, list: [1h, 1d], base_timeframe: 1h}"
).replace("timeframes: all", "timeframes: [1h]")
NEW_YORK = "America/New_York"
TRAINED_ON = "2009-01-02"
SAMPLE = load_sample("SP500", "1d")


def of_symbol(text: str, symbol: str) -> str:
    return text.replace("symbol: SP500", f"symbol: {symbol}")


def network_of(text: str) -> TrainedNetwork:
    return read_network(trained(text))


def file_of(folder: Path, bars: Bars) -> PriceFile:
    return PriceFile(path=write_csv(folder / "given.csv", bars))


def store(folder: Path, bars: Bars, *, symbol: str) -> None:
    path = write_csv(folder / "stored.csv", bars)
    import_market_data(path, symbol=symbol, timeframe="1d", replace=True)


def codes(found: Forecast) -> list[str]:
    return [note.code.value for note in found.notes]


def text_of(found: Forecast, code: NoteCode) -> str:
    [text] = [note.text for note in found.notes if note.code == code]
    return text


def as_in_0_1_0(network: TrainedNetwork) -> TrainedNetwork:
    """Its bundle, as the version before wrote it."""
    lacking = ("fitted_ranges", "data_ranges", "readings")
    manifest = {name: value for name, value in network.manifest.items() if name not in lacking}
    return replace(network, manifest=manifest)

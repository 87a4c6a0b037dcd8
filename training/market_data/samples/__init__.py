"""Market data that ships with KTRDR, found where nothing was imported. See README.md."""

import csv
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from training.market_data.bars import Bars
from training.strategy.values import Timeframe

SAMPLES: dict[tuple[str, Timeframe], Path] = {
    ("SP500", "1d"): Path(__file__).with_name("sp500.csv"),
    ("NASDAQ", "1d"): Path(__file__).with_name("nasdaq.csv"),
}


def sample_timeframes(symbol: str) -> tuple[Timeframe, ...]:
    """Timeframes at which a symbol has a sample."""
    return tuple(timeframe for name, timeframe in SAMPLES if name == symbol)


@cache  # the files never change, and a resume asks for their fingerprint
def load_sample(symbol: str, timeframe: Timeframe) -> Bars:
    """
    A sample's bars, as `read_bars` reads them.

    A training starts with this, so it does without the libraries that reading any file needs.
    """
    with SAMPLES[symbol, timeframe].open(newline="", encoding="ascii") as file:
        rows = list(csv.DictReader(file))
    names = ("Open", "High", "Low", "Close", "Volume")
    columns = np.array([[row[name] for row in rows] for name in names], np.float64)
    times = np.array([_midnight(row["Date"]) for row in rows], np.int64)
    return Bars(
        times=times,
        open=columns[0],
        high=columns[1],
        low=columns[2],
        close=columns[3],
        volume=columns[4],
    )


def _midnight(date: str) -> int:
    month, day, year = (int(part) for part in date.split("/"))
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())

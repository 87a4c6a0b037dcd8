"""Imported series for tests of what is done with them."""

from pathlib import Path

import numpy as np

from training.market_data.importing import import_market_data
from training.models import MarketData


def imported(
    folder: Path, *, symbol: str = "ACME", rows: int = 50, gap_after: int | None = None
) -> MarketData:
    """Hourly bars from 2024 on, with prices of many digits; a gap of five hours if asked for."""
    steps = np.ones(rows, np.int64)
    steps[0] = 0
    if gap_after is not None:
        steps[gap_after + 1] = 6
    times = 1_704_067_200 + 3600 * np.cumsum(steps)
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, rows)))
    lines = [
        f"{time},{close!r},{close * 1.01!r},{close * 0.99!r},{close * 1.001!r},{row / 3!r}"
        for row, (time, close) in enumerate(zip(times.tolist(), closes.tolist(), strict=True))
    ]
    path = folder / f"{symbol}.csv"
    path.write_text("\n".join(["time,open,high,low,close,volume", *lines]))
    return import_market_data(path, symbol=symbol, timeframe="1h").data

"""Bars as a file to take away, or as rows of an answer.

What is exported reads back to the bit, except for `day_ends` and `day_closes`: dates do not say
when days end.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from training.market_data.bars import VALUES, Bars

CSV_TIME = "%Y-%m-%dT%H:%M:%SZ"


def write_csv(bars: Bars, path: Path) -> None:
    """Columns time (of the open, UTC), open, high, low, close, volume; each number in full."""
    times = pl.col("time").dt.to_string(CSV_TIME)
    frame = _frame(bars).lazy().with_columns(times)
    frame.sink_csv(path)


def write_parquet(bars: Bars, path: Path) -> None:
    """The same columns; the time is a timestamp in UTC."""
    _frame(bars).write_parquet(path, compression="zstd")


WRITERS: Mapping[str, Callable[[Bars, Path], None]] = {"csv": write_csv, "parquet": write_parquet}
"""By the name of the format."""


def as_rows(bars: Bars) -> list[dict[str, Any]]:
    """As JSON has them; the time is ISO 8601, UTC."""
    times = pl.col("time").dt.to_string(CSV_TIME)
    return _frame(bars).with_columns(times).to_dicts()


def _frame(bars: Bars) -> pl.DataFrame:
    times = pl.Series("time", bars.times).cast(pl.Int64) * 1_000
    return pl.DataFrame(
        {
            "time": times.cast(pl.Datetime("ms", "UTC")),
            **{name: pl.Series(name, getattr(bars, name)) for name in VALUES},
        }
    )

"""Bars as a table: to take away, or as rows of an answer.

What is exported reads back to the bit, except for `day_ends` and `day_closes`: dates do not say
when days end.
"""

import polars as pl

from training.market_data.bars import VALUES, Bars
from training.tables.writing import moments


def as_table(bars: Bars) -> pl.DataFrame:
    """Columns time (of the open, UTC), open, high, low, close, volume."""
    return pl.DataFrame(
        [moments(bars.times), *(pl.Series(name, getattr(bars, name)) for name in VALUES)]
    )

"""Bars that open when a test says, each with prices of its own."""

from collections.abc import Sequence

import numpy as np

from training.market_data import Bars


def bars_at(times: Sequence[int]) -> Bars:
    rows = np.arange(len(times), dtype=np.float64)
    return Bars(
        times=np.array(times, np.int64),
        open=rows + 10,
        high=rows + 12,
        low=rows + 8,
        close=rows + 11,
        volume=rows + 1,
    )

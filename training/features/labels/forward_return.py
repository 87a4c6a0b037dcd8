"""The return over the next bars, for regression."""

import numpy as np

from training.features.arrays import Float64Array
from training.features.labels.outcome import NO_LABEL, Labels


def forward_return(close: Float64Array, *, horizon: int) -> Labels:
    """close[t + horizon] / close[t] - 1; none on the last `horizon` bars or at a price of zero."""
    values = np.full(close.size, np.nan)
    end_rows = np.full(close.size, NO_LABEL, np.int64)
    rows = np.flatnonzero(close[:-horizon] > 0.0)
    values[rows] = close[rows + horizon] / close[rows] - 1.0
    end_rows[rows] = rows + horizon
    return Labels(values=values, end_rows=end_rows)

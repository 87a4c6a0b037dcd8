"""Labels by the next swing of the close."""

import numpy as np

from training.features.arrays import Float64Array, Int64Array
from training.features.compilation import compiled
from training.features.labels.outcome import Labels


@compiled
def _first_swing(
    close: Float64Array, threshold: float, lookahead: int
) -> tuple[Int64Array, Int64Array]:
    values = np.full(close.size, -1, np.int64)
    end_rows = np.full(close.size, -1, np.int64)
    for row in range(close.size - lookahead):
        if not close[row] > 0.0:
            continue
        upper, lower = close[row] * (1.0 + threshold), close[row] * (1.0 - threshold)
        value, end = 1, row + lookahead
        for later in range(row + 1, row + lookahead + 1):
            if close[later] >= upper or close[later] <= lower:
                value, end = 0 if close[later] >= upper else 2, later
                break
        values[row], end_rows[row] = value, end
    return values, end_rows


def zigzag(close: Float64Array, *, threshold: float, lookahead: int) -> Labels:
    """Buy if the close rises by `threshold` within `lookahead` bars before it falls by it.

    Sell if it falls first, otherwise hold. The last `lookahead` bars have no label.
    """
    values, end_rows = _first_swing(close, threshold, lookahead)
    return Labels(values=values, end_rows=end_rows)

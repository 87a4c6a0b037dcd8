"""Labels by the next swing of the close."""

import numpy as np

from training.features.arrays import Float64Array
from training.features.labels.outcome import Labels
from training.features.labels.touches import first_touch


def zigzag(close: Float64Array, *, threshold: float, lookahead: int) -> Labels:
    """Buy if the close rises by `threshold` within `lookahead` bars before it falls by it.

    Sell if it falls first, otherwise hold; a move of exactly `threshold`, give or take 4 units in
    the last place of the price, is one. The last `lookahead` bars have no label.
    """
    start = np.where(close > 0.0, close, np.nan)
    return first_touch(
        close, close, start * (1.0 + threshold), start * (1.0 - threshold), horizon=lookahead
    )

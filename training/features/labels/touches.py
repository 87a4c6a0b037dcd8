"""Which of two price levels is met first, and when a price has met one.

A level is a product of rounded numbers: a price that stands exactly on it, as prices on a grid of
cents do, may be up to 3 units in the last place away. So a price has met a level, and has not yet
passed it, within 4 units in the last place of the price.
"""

import numpy as np

from training.compilation import compiled
from training.features.arrays import Float64Array, Int64Array
from training.features.labels.outcome import Labels

TOUCH_ULPS = 4.0
SMALLEST_MOVE = TOUCH_ULPS * float(np.finfo(np.float64).eps)
"""A relative move that the tolerance hides: what is not above it is no move."""


def tolerance(levels: Float64Array) -> Float64Array:
    """Return how far from each level a price may stand and have met it, [levels]."""
    allowed: Float64Array = TOUCH_ULPS * np.spacing(np.abs(levels))
    return allowed


def first_touch(
    high: Float64Array, low: Float64Array, upper: Float64Array, lower: Float64Array, *, horizon: int
) -> Labels:
    """Label each bar by the level that the `horizon` bars after it meet first.

    Buy where a high is at the `upper` level of the bar or above it, sell where a low is at the
    `lower` one or below it (a price on a level has met it), hold if no bar meets one or one bar
    meets both. Bars whose levels are NaN, and the last `horizon`, have no label.
    """
    values, end_rows = _first_touch(
        high, low, upper - tolerance(upper), lower + tolerance(lower), horizon
    )
    return Labels(values=values, end_rows=end_rows)


@compiled
def _first_touch(
    high: Float64Array, low: Float64Array, upper: Float64Array, lower: Float64Array, horizon: int
) -> tuple[Int64Array, Int64Array]:
    values = np.full(high.size, -1, np.int64)
    end_rows = np.full(high.size, -1, np.int64)
    for row in range(high.size - horizon):
        if np.isnan(upper[row]) or np.isnan(lower[row]):
            continue
        value, end = 1, row + horizon
        for later in range(row + 1, row + horizon + 1):
            rises, falls = high[later] >= upper[row], low[later] <= lower[row]
            if rises or falls:
                # Which of two levels was met first within one bar is not known: hold.
                value, end = 1 if rises and falls else (0 if rises else 2), later
                break
        values[row], end_rows[row] = value, end
    return values, end_rows

"""The triple-barrier method.

López de Prado, Advances in Financial Machine Learning (2018), ch. 3; events, volatility and weights
beside it are from ch. 2 to 4.
"""

import numpy as np

from training.features.arrays import Float64Array, Int64Array
from training.features.compilation import compiled
from training.features.labels.outcome import Labels


@compiled
def _first_touch(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    volatility: Float64Array,
    pt_multiplier: float,
    sl_multiplier: float,
    max_holding_period: int,
) -> tuple[Int64Array, Int64Array]:
    values = np.full(close.size, -1, np.int64)
    end_rows = np.full(close.size, -1, np.int64)
    for row in range(close.size - max_holding_period):
        if not 0.0 < volatility[row] < np.inf:
            continue
        upper = close[row] * (1.0 + pt_multiplier * volatility[row])
        lower = close[row] * (1.0 - sl_multiplier * volatility[row])
        value, end = 1, row + max_holding_period
        for later in range(row + 1, row + max_holding_period + 1):
            rises, falls = high[later] >= upper, low[later] <= lower
            if rises or falls:
                # Which of two barriers was touched first within one bar is not known: hold.
                value, end = 1 if rises and falls else (0 if rises else 2), later
                break
        values[row], end_rows[row] = value, end
    return values, end_rows


def triple_barrier(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    volatility: Float64Array,
    *,
    pt_multiplier: float,
    sl_multiplier: float,
    max_holding_period: int,
) -> Labels:
    """Label each bar by the barrier that a position taken at its close meets first.

    Buy at the upper barrier, sell at the lower one, hold if neither is met within
    `max_holding_period` bars or both are within the same bar. The barriers stand at the close times
    1 ± multiplier x volatility (relative, [bars]). Bars without volatility, and the last
    `max_holding_period`, have no label.
    """
    values, end_rows = _first_touch(
        high, low, close, volatility, pt_multiplier, sl_multiplier, max_holding_period
    )
    return Labels(values=values, end_rows=end_rows)

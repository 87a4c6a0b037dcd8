"""The triple-barrier method.

López de Prado, Advances in Financial Machine Learning (2018), ch. 3; events, volatility and weights
beside it are from ch. 2 to 4.
"""

import numpy as np

from training.features.arrays import Float64Array
from training.features.labels.outcome import Labels
from training.features.labels.touches import SMALLEST_MOVE, first_touch


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
    `max_holding_period` bars or both are within the same bar; a price on a barrier has met it, give
    or take 4 units in its last place. The barriers stand at the close times 1 ± multiplier x
    volatility (relative, [bars]). Bars without volatility (NaN, infinite, or so small that it is
    rounding), and the last `max_holding_period`, have no label.
    """
    expected = np.where((volatility > SMALLEST_MOVE) & np.isfinite(volatility), volatility, np.nan)
    return first_touch(
        high,
        low,
        close * (1.0 + pt_multiplier * expected),
        close * (1.0 - sl_multiplier * expected),
        horizon=max_holding_period,
    )

"""Event sampling by the symmetric CUSUM filter (López de Prado 2018, snippet 2.4)."""

import numpy as np

from training.features.arrays import BoolArray, Float64Array
from training.features.compilation import compiled
from training.features.labels.volatility import log_returns


@compiled
def _events(returns: Float64Array, threshold: float) -> BoolArray:
    events = np.zeros(returns.size, np.bool_)
    rise = fall = 0.0
    for row in range(returns.size):
        if np.isnan(returns[row]):
            continue
        rise = max(0.0, rise + returns[row])
        fall = min(0.0, fall + returns[row])
        if fall < -threshold:
            fall, events[row] = 0.0, True
        elif rise > threshold:
            rise, events[row] = 0.0, True
    return events


def cusum_events(close: Float64Array, *, threshold: float) -> BoolArray:
    """Mark the bars on which the log return accumulated since the last event passes `threshold`."""
    return _events(log_returns(close), threshold)

"""Event sampling by the symmetric CUSUM filter (López de Prado 2018, snippet 2.4)."""

import math

import numpy as np

from training.compilation import compiled
from training.features.arrays import BoolArray, Float64Array
from training.features.labels.touches import tolerance

UNREACHABLE = 700.0  # log returns: the exponential of more is infinite


def cusum_events(close: Float64Array, *, threshold: float) -> BoolArray:
    """Return which bars are events, [bars]: the log return accumulated passes `threshold` there.

    The sum of the rises begins at 0 on the first bar and after each event upwards, and never falls
    below 0; that of the falls likewise. A sum of exactly `threshold`, give or take 4 units in the
    last place of the price, is no event yet. What happens after a bar changes nothing on it.
    """
    return _events(close, tolerance(close), math.exp(min(threshold, UNREACHABLE)))


@compiled
def _events(close: Float64Array, allowed: Float64Array, factor: float) -> BoolArray:
    """A sum of log returns that restarts at 0 is the log of the price over its lowest since then.

    So prices are compared, and no rounding accumulates.
    """
    events = np.zeros(close.size, np.bool_)
    lowest, highest = np.inf, 0.0
    for row in range(close.size):
        price = close[row]
        if not price > 0.0:
            continue
        lowest, highest = min(price, lowest), max(price, highest)
        if highest / factor - price > allowed[row]:
            highest, events[row] = price, True
        elif price - lowest * factor > allowed[row]:
            lowest, events[row] = price, True
    return events

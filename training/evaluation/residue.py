"""What rounding leaves of a series that is constant: to be told from one that varies.

Free of torch.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PRICE_ULPS = 4
"""Units in the last place within which two prices are the same, as for labels."""


def returns_vary(returns: Floats) -> bool:
    """Whether a series of returns has a deviation beyond rounding.

    A return is the ratio of two prices less 1. Each price may be `PRICE_ULPS` off, so their ratio,
    1 + return, twice that: growth at a constant rate has a deviation of that size, no volatility.
    """
    if len(returns) < 2:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(returns.std(ddof=1))
    largest = 1.0 + float(np.abs(returns).max())
    return deviation > 2 * PRICE_ULPS * float(np.finfo(np.float64).eps) * largest


def values_vary(values: Floats) -> bool:
    """Whether labels or predictions differ by more than the last places of float32.

    Both are float32: a network's constant output may differ by batch in its last place.
    """
    return float(np.ptp(values)) > float(last_places(np.abs(values).max()))


def last_places(largest: Floats) -> Floats:
    """What rounding to float32 may change of values up to `largest`, by its last places."""
    places: Floats = PRICE_ULPS * np.spacing(np.float32(largest)).astype(np.float64)
    return places

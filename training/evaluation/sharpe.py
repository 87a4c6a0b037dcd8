"""The Sharpe ratio of returns, and what its certainty hangs on. Free of torch."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.residue import returns_vary

Floats = NDArray[np.float64]


def sharpe_ratio(returns: Floats, per_year: float) -> tuple[float | None, float | None]:
    """The annual Sharpe ratio and its standard error for independent returns (Lo 2002, eq. 9).

    (None, None) where it is not defined: fewer than two returns, returns that vary by rounding
    only, or that are too large for a deviation.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(returns.std(ddof=1)) if returns_vary(returns) else 0.0
    if deviation == 0.0 or not math.isfinite(deviation):
        return None, None
    ratio = float(returns.mean()) / deviation
    error = math.sqrt((1.0 + ratio**2 / 2.0) / len(returns))
    return ratio * math.sqrt(per_year), error * math.sqrt(per_year)


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Of a series of returns: what the certainty of its Sharpe ratio hangs on."""

    sharpe: float
    """Mean over sample deviation, of one return."""
    count: int
    """Of returns, at least 2."""
    skewness: float = 0.0
    kurtosis: float = 3.0


def moments(returns: Floats) -> Moments | None:
    """Of returns [periods]; None where they have no Sharpe ratio."""
    sharpe, _ = sharpe_ratio(returns, 1.0)
    if sharpe is None:
        return None
    scaled = returns / np.abs(returns).max()  # the moments of a shape do not hang on its size
    centred = scaled - scaled.mean()
    variance = float(np.mean(centred**2))
    return Moments(
        sharpe=sharpe,
        count=len(returns),
        skewness=float(np.mean(centred**3)) / variance**1.5,
        kurtosis=float(np.mean(centred**4)) / variance**2,
    )

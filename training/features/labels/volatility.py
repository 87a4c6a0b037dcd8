"""How far a price is expected to move: the unit of the barriers' distance."""

import numpy as np
import talib

from training.compilation import compiled
from training.features.arrays import Float64Array


@compiled
def _weighted_mean(values: Float64Array, span: int) -> Float64Array:
    keep = 1.0 - 2.0 / (span + 1.0)
    means = np.full(values.size, np.nan)
    total = weight = 0.0
    for row in range(values.size):
        if np.isfinite(values[row]):
            total, weight = keep * total + values[row], keep * weight + 1.0
            means[row] = total / weight
    return means


@compiled
def _weighted_deviation(values: Float64Array, span: int) -> Float64Array:
    keep = 1.0 - 2.0 / (span + 1.0)
    deviations = np.full(values.size, np.nan)
    mean = variance = weight = squared_weights = 0.0
    for row in range(values.size):
        if not np.isfinite(values[row]):
            continue
        before, old = mean, keep * weight
        weight = old + 1.0
        squared_weights = keep * keep * squared_weights + 1.0
        mean = (old * before + values[row]) / weight
        spread = old * (variance + (before - mean) ** 2) + (values[row] - mean) ** 2
        variance = spread / weight
        unbiased = weight * weight - squared_weights  # 0 after one observation, which gives NaN
        deviations[row] = np.sqrt(variance * weight * weight / unbiased)
    return deviations


def atr_volatility(
    high: Float64Array, low: Float64Array, close: Float64Array, *, span: int
) -> Float64Array:
    """Exponentially weighted mean of the true range over the close, [bars]; the first is NaN.

    Weights are (1 - 2 / (span + 1))ᵏ over what there is, as in pandas' `ewm(span=span).mean()`.
    """
    mean = _weighted_mean(talib.TRANGE(high, low, close), span)
    relative = np.full_like(close, np.nan)
    np.divide(mean, close, out=relative, where=close > 0.0)
    return relative


def close_volatility(close: Float64Array, *, span: int) -> Float64Array:
    """Exponentially weighted deviation of log returns, [bars]; the first two are NaN.

    As pandas' `ewm(span=span).std()`, unbiased (López de Prado 2018, snippet 3.1).
    """
    return _weighted_deviation(log_returns(close), span)


@compiled
def log_returns(close: Float64Array) -> Float64Array:
    """log(close / close before), [bars]; NaN on the first bar and beside a price of zero."""
    returns = np.full(close.size, np.nan)
    for row in range(1, close.size):
        if close[row] > 0.0 and close[row - 1] > 0.0:
            returns[row] = np.log(close[row] / close[row - 1])
    return returns

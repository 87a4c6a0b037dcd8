"""Moving averages."""

import talib

from training.features.arrays import Float64Array
from training.features.indicators.rolling import linear_weights, rolling_mean, weighted_mean


def sma(source: Float64Array, *, period: int) -> Float64Array:
    """Simple moving average."""
    return rolling_mean(source, period)


def ema(source: Float64Array, *, period: int) -> Float64Array:
    """Exponential moving average, alpha = 2 / (period + 1), seeded by the first simple average."""
    return talib.EMA(source, period)


def wma(source: Float64Array, *, period: int) -> Float64Array:
    """Linearly weighted moving average: the newest row weighs `period`, the oldest 1."""
    return weighted_mean(source, linear_weights(period))


def distance_from_ma(source: Float64Array, *, period: int, ma: str) -> Float64Array:
    """Distance from a moving average ("sma" or "ema"), in percent of it."""
    average = ema(source, period=period) if ma == "ema" else sma(source, period=period)
    return 100.0 * (source / average - 1.0)

"""How far prices move: true range, bands and channels."""

import numpy as np
import talib

from training.features.arrays import Float64Array
from training.features.indicators.averages import ema
from training.features.indicators.rolling import rolling_deviation, rolling_mean


def true_range(high: Float64Array, low: Float64Array, close: Float64Array) -> Float64Array:
    """The bar's range, widened to the close before it; NaN on the first (Wilder 1978, p. 21)."""
    return talib.TRANGE(high, low, close)


def atr(
    high: Float64Array, low: Float64Array, close: Float64Array, *, period: int, method: str
) -> Float64Array:
    """Average true range: Wilder's smoothing ("wilder") or a simple mean ("sma")."""
    if method == "sma":
        return rolling_mean(true_range(high, low, close), period)
    return talib.ATR(high, low, close, period)


def bollinger(
    source: Float64Array, *, period: int, multiplier: float, deviation: str
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Upper, middle and lower band: the simple mean and `multiplier` standard deviations."""
    middle, width = rolling_deviation(source, period)
    width *= multiplier
    if deviation == "sample":
        width *= np.sqrt(period / (period - 1))
    return middle + width, middle, middle - width


def bollinger_width(
    source: Float64Array, *, period: int, multiplier: float, deviation: str
) -> Float64Array:
    """(upper - lower) / middle."""
    upper, middle, lower = bollinger(
        source, period=period, multiplier=multiplier, deviation=deviation
    )
    return (upper - lower) / middle


def donchian(
    high: Float64Array, low: Float64Array, *, period: int
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Highest high, the middle, lowest low of the last `period` bars, this one among them."""
    upper, lower = talib.MAX(high, period), talib.MIN(low, period)
    return upper, (upper + lower) / 2.0, lower


def keltner(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    *,
    ema_period: int,
    atr_period: int,
    multiplier: float,
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Upper, middle and lower channel: an EMA of the close and `multiplier` Wilder ATRs."""
    middle = ema(close, period=ema_period)
    width = multiplier * atr(high, low, close, period=atr_period, method="wilder")
    return middle + width, middle, middle - width


def squeeze(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    *,
    bb_period: int,
    bb_multiplier: float,
    kc_period: int,
    kc_multiplier: float,
) -> Float64Array:
    """How deep the Bollinger bands lie inside the Keltner channel, as a share of its height.

    0 where a band reaches out of the channel, and where the channel's height is below 1e-8 of the
    price: rounding errors would decide.
    """
    bb_upper, _, bb_lower = bollinger(
        close, period=bb_period, multiplier=bb_multiplier, deviation="population"
    )
    kc_upper, _, kc_lower = keltner(
        high, low, close, ema_period=kc_period, atr_period=kc_period, multiplier=kc_multiplier
    )
    height = kc_upper - kc_lower
    depth = np.minimum(kc_upper - bb_upper, bb_lower - kc_lower)
    depth[height < 1e-8 * close] *= 0.0  # a NaN stays one
    share = np.divide(depth, height, out=depth, where=height != 0.0)
    return np.clip(share, 0.0, 1.0)

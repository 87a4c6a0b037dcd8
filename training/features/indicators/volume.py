"""What traded volume says."""

import numpy as np
import talib

from training.features.arrays import Float64Array
from training.features.indicators.rolling import rolling_mean


def vwap(
    high: Float64Array, low: Float64Array, close: Float64Array, volume: Float64Array, *, period: int
) -> Float64Array:
    """Rolling volume-weighted average of hlc3; NaN where the window has no volume."""
    typical = (high + low + close) / 3.0
    return rolling_mean(typical * volume, period) / rolling_mean(volume, period)


def volume_ratio(volume: Float64Array, *, period: int) -> Float64Array:
    """Volume over its simple average; NaN where the window has no volume."""
    return volume / rolling_mean(volume, period)


def _money_flow(
    high: Float64Array, low: Float64Array, close: Float64Array, volume: Float64Array
) -> Float64Array:
    """Volume by where the bar closed in its range: all of it at the high, minus at the low."""
    height = high - low
    side = np.divide((close - low) - (high - close), height, where=height != 0.0, out=0.0 * height)
    return side * volume


def cmf(
    high: Float64Array, low: Float64Array, close: Float64Array, volume: Float64Array, *, period: int
) -> Float64Array:
    """Chaikin money flow, -1 to 1; 0 where the window has no volume."""
    flow = rolling_mean(_money_flow(high, low, close, volume), period)
    average = rolling_mean(volume, period)
    np.divide(flow, average, out=flow, where=average != 0.0)
    return flow


def mfi(
    high: Float64Array, low: Float64Array, close: Float64Array, volume: Float64Array, *, period: int
) -> Float64Array:
    """Money flow index of hlc3 x volume; 50 while no money flowed."""
    typical = (high + low + close) / 3.0
    change = np.diff(typical, prepend=np.nan)
    flow = typical * volume
    flow[:1] = np.nan  # nothing is known of the first bar's direction
    inflow = rolling_mean(np.where(change > 0.0, flow, 0.0 * flow), period)
    outflow = rolling_mean(np.where(change < 0.0, flow, 0.0 * flow), period)
    total = inflow + outflow
    share = np.divide(inflow, total, out=0.5 + total, where=total != 0.0)
    return 100.0 * share


def obv(close: Float64Array, volume: Float64Array) -> Float64Array:
    """On-balance volume, cumulative from the first bar's volume (Granville 1963)."""
    return talib.OBV(close, volume)


def ad_line(
    high: Float64Array, low: Float64Array, close: Float64Array, volume: Float64Array
) -> Float64Array:
    """Accumulation/distribution line, cumulative from the first bar."""
    return talib.AD(high, low, close, volume)

"""How fast, and how far within their recent range, prices move."""

import numpy as np
import talib

from training.compilation import compiled
from training.features.arrays import Float64Array
from training.features.indicators.averages import ema
from training.features.indicators.rolling import (
    rolling_absolute_deviation,
    rolling_mean,
    triangular_weights,
    weighted_mean,
)


@compiled
def _wilder_rsi(values: Float64Array, period: int) -> Float64Array:
    rsi = np.full(values.size, np.nan)
    gain = loss = 0.0
    for row in range(1, values.size):
        change = values[row] - values[row - 1]
        if row <= period:  # the seed is the mean of the first `period` changes
            gain += max(change, 0.0) / period
            loss += max(-change, 0.0) / period
        else:
            gain += (max(change, 0.0) - gain) / period
            loss += (max(-change, 0.0) - loss) / period
        if row >= period:
            rsi[row] = 100.0 * gain / (gain + loss) if gain + loss > 0.0 else 50.0
    return rsi


def rsi(source: Float64Array, *, period: int) -> Float64Array:
    """Relative strength index, Wilder's smoothing; 50 while nothing moved (Wilder 1978, p. 65)."""
    return _wilder_rsi(source, period)


def macd(
    source: Float64Array, *, fast_period: int, slow_period: int, signal_period: int
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Line (fast EMA - slow EMA), signal (EMA of the line) and histogram (line - signal)."""
    line = ema(source, period=fast_period) - ema(source, period=slow_period)
    signal = ema(line, period=signal_period)
    return line, signal, line - signal


def _position_in_range(
    high: Float64Array, low: Float64Array, close: Float64Array, period: int
) -> Float64Array:
    """Where the close stands in the last bars' range, in percent of it; 50 if it has no height."""
    highest, lowest = talib.MAX(high, period), talib.MIN(low, period)
    height = highest - lowest
    position = np.divide(close - lowest, height, out=np.full_like(close, 0.5), where=height != 0.0)
    return 100.0 * position


def stochastic(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    *,
    k_period: int,
    smooth_k: int,
    d_period: int,
) -> tuple[Float64Array, Float64Array]:
    """Slow stochastic: k is a simple mean of the position in the range, d a simple mean of k."""
    k = rolling_mean(_position_in_range(high, low, close, k_period), smooth_k)
    return k, rolling_mean(k, d_period)


def williams_r(
    high: Float64Array, low: Float64Array, close: Float64Array, *, period: int
) -> Float64Array:
    """Williams %R: -100 at the range's low, 0 at its high, -50 where it has no height."""
    return _position_in_range(high, low, close, period) - 100.0


def cci(high: Float64Array, low: Float64Array, close: Float64Array, *, period: int) -> Float64Array:
    """Commodity channel index of hlc3; 0 where nothing deviates (Lambert 1980)."""
    typical = (high + low + close) / 3.0
    mean, deviation = rolling_absolute_deviation(typical, period)
    distance = typical - mean
    flat = deviation == 0.0
    distance[flat], deviation[flat] = 0.0, 1.0
    return distance / (0.015 * deviation)


def roc(source: Float64Array, *, period: int) -> Float64Array:
    """Rate of change over `period` bars, in percent."""
    change = np.full_like(source, np.nan)
    change[period:] = 100.0 * (source[period:] / source[:-period] - 1.0)
    return change


def momentum(source: Float64Array, *, period: int) -> Float64Array:
    """The value minus the value `period` bars ago."""
    change = np.full_like(source, np.nan)
    change[period:] = source[period:] - source[:-period]
    return change


@compiled
def _fisher(median: Float64Array, highest: Float64Array, lowest: Float64Array) -> Float64Array:
    fisher = np.full(median.size, np.nan)
    smooth = last = 0.0
    for row in range(median.size):
        if np.isnan(highest[row]):
            continue
        height = highest[row] - lowest[row]
        position = (median[row] - lowest[row]) / height - 0.5 if height > 0.0 else 0.0
        smooth = min(max(0.66 * position + 0.67 * smooth, -0.999), 0.999)
        last = 0.5 * np.log((1.0 + smooth) / (1.0 - smooth)) + 0.5 * last
        fisher[row] = last
    return fisher


def fisher(
    high: Float64Array, low: Float64Array, *, period: int
) -> tuple[Float64Array, Float64Array]:
    """Fisher transform of hl2's place in its range, and its value one bar ago (Ehlers 2002)."""
    median = (high + low) / 2.0
    transform = _fisher(median, talib.MAX(median, period), talib.MIN(median, period))
    signal = np.full_like(transform, np.nan)
    signal[1:] = transform[:-1]
    return transform, signal


def rvi(
    open: Float64Array,
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    *,
    period: int,
    signal_period: int,
) -> tuple[Float64Array, Float64Array]:
    """Relative vigor index and its signal; 0 where the bars have no height (Ehlers 2002).

    Both smooth with symmetrical weights: 1, 2, 2, 1 over the bars, and over the index for a
    signal of 4 bars.
    """
    weights = triangular_weights(4)
    vigor = rolling_mean(weighted_mean(close - open, weights), period)
    height = rolling_mean(weighted_mean(high - low, weights), period)
    index = np.divide(vigor, height, out=np.zeros_like(vigor), where=height != 0.0)
    return index, weighted_mean(index, triangular_weights(signal_period))

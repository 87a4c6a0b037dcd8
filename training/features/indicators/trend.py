"""Which way prices go, and how decidedly."""

import numpy as np
import talib

from training.compilation import compiled
from training.features.arrays import Float64Array
from training.features.indicators.volatility import atr


@compiled
def _directional_movement(
    high: Float64Array, low: Float64Array, close: Float64Array, period: int
) -> tuple[Float64Array, Float64Array, Float64Array]:
    adx = np.full(close.size, np.nan)
    plus_di = np.full(close.size, np.nan)
    minus_di = np.full(close.size, np.nan)
    tr = plus = minus = strength = 0.0
    for row in range(1, close.size):
        up, down = high[row] - high[row - 1], low[row - 1] - low[row]
        plus_dm = up if up > down and up > 0.0 else 0.0
        minus_dm = down if down > up and down > 0.0 else 0.0
        reach = max(high[row], close[row - 1]) - min(low[row], close[row - 1])
        if row <= period:  # the seeds are the means of the first `period` movements
            tr, plus, minus = (
                tr + reach / period,
                plus + plus_dm / period,
                minus + minus_dm / period,
            )
        else:
            tr += (reach - tr) / period
            plus += (plus_dm - plus) / period
            minus += (minus_dm - minus) / period
        if row < period:
            continue
        plus_di[row] = 100.0 * plus / tr if tr > 0.0 else 0.0
        minus_di[row] = 100.0 * minus / tr if tr > 0.0 else 0.0
        total = plus + minus
        dx = 100.0 * abs(plus - minus) / total if total > 0.0 else 0.0
        if row < 2 * period:
            strength += dx / period
        else:
            strength += (dx - strength) / period
        if row >= 2 * period - 1:
            adx[row] = strength
    return adx, plus_di, minus_di


def adx(
    high: Float64Array, low: Float64Array, close: Float64Array, *, period: int
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Average directional index, +DI and -DI; 0 while nothing moved (Wilder 1978, p. 35)."""
    return _directional_movement(high, low, close, period)


def aroon(
    high: Float64Array, low: Float64Array, *, period: int
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Up, down (100 = the extreme is this bar, 0 = `period` bars ago) and oscillator (up - down).

    Of equal extremes the newest counts; where all are equal there is none, and the value is 50.
    """
    down, up = talib.AROON(high, low, period)
    up[talib.MAX(high, period + 1) == talib.MIN(high, period + 1)] = 50.0
    down[talib.MAX(low, period + 1) == talib.MIN(low, period + 1)] = 50.0
    return up, down, up - down


@compiled
def _supertrend(
    high: Float64Array, low: Float64Array, close: Float64Array, width: Float64Array
) -> tuple[Float64Array, Float64Array]:
    line = np.full(close.size, np.nan)
    direction = np.full(close.size, np.nan)
    upper, lower, trend = np.inf, -np.inf, 1.0
    for row in range(1, close.size):
        if np.isnan(width[row]):
            continue
        middle = (high[row] + low[row]) / 2.0
        # A band only moves towards the price, until the price has closed beyond it.
        if middle + width[row] < upper or close[row - 1] > upper:
            upper = middle + width[row]
        if middle - width[row] > lower or close[row - 1] < lower:
            lower = middle - width[row]
        if trend > 0.0 and close[row] < lower:
            trend = -1.0
        elif trend < 0.0 and close[row] > upper:
            trend = 1.0
        line[row] = lower if trend > 0.0 else upper
        direction[row] = trend
    return line, direction


def supertrend(
    high: Float64Array, low: Float64Array, close: Float64Array, *, period: int, multiplier: float
) -> tuple[Float64Array, Float64Array]:
    """The trailing band, hl2 ∓ `multiplier` Wilder ATRs, and its direction: 1 up, -1 down."""
    width = multiplier * atr(high, low, close, period=period, method="wilder")
    return _supertrend(high, low, close, width)


def parabolic_sar(
    high: Float64Array, low: Float64Array, *, step: float, max: float
) -> Float64Array:
    """Parabolic stop and reverse (Wilder 1978, p. 9); the first bars say which side is first."""
    return talib.SAR(high, low, step, max)


def _middle(high: Float64Array, low: Float64Array, period: int) -> Float64Array:
    return (talib.MAX(high, period) + talib.MIN(low, period)) / 2.0


def _as_visible(drawn_ahead: Float64Array, bars: int) -> Float64Array:
    """Return what a line drawn `bars` ahead of its bar shows on each row."""
    visible = np.full_like(drawn_ahead, np.nan)
    visible[bars:] = drawn_ahead[: drawn_ahead.size - bars]
    return visible


def ichimoku(
    high: Float64Array,
    low: Float64Array,
    *,
    tenkan_period: int,
    kijun_period: int,
    senkou_period: int,
) -> tuple[Float64Array, Float64Array, Float64Array, Float64Array]:
    """Tenkan, kijun, senkou A and B; the cloud is drawn `kijun_period` bars ahead.

    The senkou lines are what stands at the row, so they were computed `kijun_period` bars before.
    Chikou, the close drawn backwards, looks ahead and is not computed.
    """
    tenkan = _middle(high, low, tenkan_period)
    kijun = _middle(high, low, kijun_period)
    senkou_a = _as_visible((tenkan + kijun) / 2.0, kijun_period)
    senkou_b = _as_visible(_middle(high, low, senkou_period), kijun_period)
    return tenkan, kijun, senkou_a, senkou_b

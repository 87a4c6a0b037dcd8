"""The indicators that can be computed from bars; `INDICATORS` lists them."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from training.trained.bundle_reader import Array
from training.trained.from_bars.smoothing import (
    bars_since_highest,
    ema,
    highest,
    lowest,
    rolling_absolute_deviation,
    rolling_deviation,
    rolling_mean,
    shifted,
    triangular_weights,
    weighted_mean,
    wilder,
)


def sma(source: Array, *, period: int) -> Array:
    return rolling_mean(source, period)


def wma(source: Array, *, period: int) -> Array:
    return weighted_mean(source, np.arange(1.0, period + 1.0))


def distance_from_ma(source: Array, *, period: int, ma: str) -> Array:
    average = ema(source, period=period) if ma == "ema" else rolling_mean(source, period)
    return 100.0 * (source / average - 1.0)


def rsi(source: Array, *, period: int) -> Array:
    """50 while nothing moved."""
    change = source - shifted(source, 1)
    gain, loss = wilder(np.maximum(change, 0.0), period), wilder(np.maximum(-change, 0.0), period)
    return 100.0 * _share(gain, gain + loss, otherwise=0.5)


def macd(
    source: Array, *, fast_period: int, slow_period: int, signal_period: int
) -> tuple[Array, ...]:
    line = ema(source, period=fast_period) - ema(source, period=slow_period)
    signal = ema(line, period=signal_period)
    return line, signal, line - signal


def roc(source: Array, *, period: int) -> Array:
    return 100.0 * (source / shifted(source, period) - 1.0)


def momentum(source: Array, *, period: int) -> Array:
    return source - shifted(source, period)


def position_in_range(high: Array, low: Array, close: Array, period: int) -> Array:
    """In percent of the last bars' range; 50 if it has no height."""
    bottom = lowest(low, period)
    return 100.0 * _share(close - bottom, highest(high, period) - bottom, otherwise=0.5)


def stochastic(
    high: Array, low: Array, close: Array, *, k_period: int, smooth_k: int, d_period: int
) -> tuple[Array, ...]:
    k = rolling_mean(position_in_range(high, low, close, k_period), smooth_k)
    return k, rolling_mean(k, d_period)


def williams_r(high: Array, low: Array, close: Array, *, period: int) -> Array:
    return position_in_range(high, low, close, period) - 100.0


def cci(high: Array, low: Array, close: Array, *, period: int) -> Array:
    typical = (high + low + close) / 3.0
    mean, deviation = rolling_absolute_deviation(typical, period)
    return _share(typical - mean, 0.015 * deviation, otherwise=0.0)


def fisher(high: Array, low: Array, *, period: int) -> tuple[Array, ...]:
    median = (high + low) / 2.0
    bottom = lowest(median, period)
    places = _share(median - bottom, highest(median, period) - bottom, otherwise=0.5) - 0.5
    found, smooth, last = np.full(median.size, np.nan), 0.0, 0.0
    for bar in np.flatnonzero(np.isfinite(places)).tolist():
        smooth = min(max(0.66 * float(places[bar]) + 0.67 * smooth, -0.999), 0.999)
        last = 0.5 * math.log((1.0 + smooth) / (1.0 - smooth)) + 0.5 * last
        found[bar] = last
    return found, shifted(found, 1)


def rvi(
    opened: Array, high: Array, low: Array, close: Array, *, period: int, signal_period: int
) -> tuple[Array, ...]:
    weights = triangular_weights(4)
    vigor = rolling_mean(weighted_mean(close - opened, weights), period)
    height = rolling_mean(weighted_mean(high - low, weights), period)
    index = _share(vigor, height, otherwise=0.0)
    return index, weighted_mean(index, triangular_weights(signal_period))


def true_range(high: Array, low: Array, close: Array) -> Array:
    """NaN on the first bar."""
    before = shifted(close, 1)
    return np.maximum(high, before) - np.minimum(low, before)


def atr(high: Array, low: Array, close: Array, *, period: int, method: str = "wilder") -> Array:
    ranges = true_range(high, low, close)
    return rolling_mean(ranges, period) if method == "sma" else wilder(ranges, period)


def adx(high: Array, low: Array, close: Array, *, period: int) -> tuple[Array, ...]:
    """0 while nothing moved."""
    up, down = high - shifted(high, 1), shifted(low, 1) - low
    plus = wilder(_where_known(np.where((up > down) & (up > 0.0), up, 0.0), up), period)
    minus = wilder(_where_known(np.where((down > up) & (down > 0.0), down, 0.0), up), period)
    ranges = atr(high, low, close, period=period)
    strength = 100.0 * _share(np.abs(plus - minus), plus + minus, otherwise=0.0)
    plus_di = 100.0 * _share(plus, ranges, otherwise=0.0)
    return wilder(strength, period), plus_di, 100.0 * _share(minus, ranges, otherwise=0.0)


def aroon(high: Array, low: Array, *, period: int) -> tuple[Array, ...]:
    """50 where all extremes are equal."""
    up, down = (_aroon(values, period) for values in (high, -low))
    return up, down, up - down


def _aroon(values: Array, period: int) -> Array:
    place = 100.0 / period * (period - bars_since_highest(values, period + 1))
    place[highest(values, period + 1) == lowest(values, period + 1)] = 50.0
    return place


def supertrend(
    high: Array, low: Array, close: Array, *, period: int, multiplier: float
) -> tuple[Array, ...]:
    width = multiplier * atr(high, low, close, period=period)
    line, direction = np.full(close.size, np.nan), np.full(close.size, np.nan)
    upper, lower, trend = np.inf, -np.inf, 1.0
    for bar in np.flatnonzero(np.isfinite(width)).tolist():
        middle = (high[bar] + low[bar]) / 2.0
        if middle + width[bar] < upper or close[bar - 1] > upper:
            upper = middle + width[bar]
        if middle - width[bar] > lower or close[bar - 1] < lower:
            lower = middle - width[bar]
        if trend > 0.0 and close[bar] < lower:
            trend = -1.0
        elif trend < 0.0 and close[bar] > upper:
            trend = 1.0
        line[bar], direction[bar] = lower if trend > 0.0 else upper, trend
    return line, direction


def ichimoku(
    high: Array, low: Array, *, tenkan_period: int, kijun_period: int, senkou_period: int
) -> tuple[Array, ...]:
    """The leading spans as they stand at the bar."""
    tenkan, kijun, senkou = (
        (highest(high, period) + lowest(low, period)) / 2.0
        for period in (tenkan_period, kijun_period, senkou_period)
    )
    leading = shifted((tenkan + kijun) / 2.0, kijun_period)
    return tenkan, kijun, leading, shifted(senkou, kijun_period)


def bollinger(
    source: Array, *, period: int, multiplier: float, deviation: str = "population"
) -> tuple[Array, ...]:
    middle, width = rolling_deviation(source, period)
    width = width * multiplier
    if deviation == "sample":
        width = width * np.sqrt(period / (period - 1))
    return middle + width, middle, middle - width


def bollinger_width(source: Array, *, period: int, multiplier: float, deviation: str) -> Array:
    upper, middle, lower = bollinger(
        source, period=period, multiplier=multiplier, deviation=deviation
    )
    return (upper - lower) / middle


def donchian(high: Array, low: Array, *, period: int) -> tuple[Array, ...]:
    upper, lower = highest(high, period), lowest(low, period)
    return upper, (upper + lower) / 2.0, lower


def keltner(
    high: Array, low: Array, close: Array, *, ema_period: int, atr_period: int, multiplier: float
) -> tuple[Array, ...]:
    middle = ema(close, period=ema_period)
    width = multiplier * atr(high, low, close, period=atr_period)
    return middle + width, middle, middle - width


def squeeze(
    high: Array,
    low: Array,
    close: Array,
    *,
    bb_period: int,
    bb_multiplier: float,
    kc_period: int,
    kc_multiplier: float,
) -> Array:
    top, _, bottom = bollinger(close, period=bb_period, multiplier=bb_multiplier)
    upper, _, lower = keltner(
        high, low, close, ema_period=kc_period, atr_period=kc_period, multiplier=kc_multiplier
    )
    height, depth = upper - lower, np.minimum(upper - top, bottom - lower)
    depth[height < 1e-8 * close] *= 0.0
    return np.clip(_share(depth, height, otherwise=0.0), 0.0, 1.0)


def vwap(high: Array, low: Array, close: Array, volume: Array, *, period: int) -> Array:
    typical = (high + low + close) / 3.0
    return rolling_mean(typical * volume, period) / rolling_mean(volume, period)


def volume_ratio(volume: Array, *, period: int) -> Array:
    return volume / rolling_mean(volume, period)


def cmf(high: Array, low: Array, close: Array, volume: Array, *, period: int) -> Array:
    side = _share((close - low) - (high - close), high - low, otherwise=0.0)
    return _share(rolling_mean(side * volume, period), rolling_mean(volume, period), otherwise=0.0)


def mfi(high: Array, low: Array, close: Array, volume: Array, *, period: int) -> Array:
    """50 while no money flowed."""
    typical = (high + low + close) / 3.0
    change = typical - shifted(typical, 1)
    flow = _where_known(typical * volume, change)
    inflow = rolling_mean(np.where(change > 0.0, flow, 0.0 * flow), period)
    outflow = rolling_mean(np.where(change < 0.0, flow, 0.0 * flow), period)
    return 100.0 * _share(inflow, inflow + outflow, otherwise=0.5)


def _share(part: Array, whole: Array, *, otherwise: float) -> Array:
    """`otherwise` where the whole is 0; NaN stays NaN."""
    return np.divide(part, whole, out=np.full_like(part, otherwise), where=whole != 0.0)


def _where_known(values: Array, change: Array) -> Array:
    return np.where(np.isnan(change), np.nan, values)


class Indicator(NamedTuple):
    """Of one type: what computes it, the prices that it reads, and its outputs' names."""

    function: Callable[..., Array | tuple[Array, ...]]
    columns: tuple[str, ...]
    outputs: tuple[str, ...] = ("",)

    def compute(
        self, column: Callable[[str], Array], settings: Mapping[str, Any]
    ) -> dict[str, Array]:
        """Outputs by name, [bars]; `settings` are the strategy's, `column` gives a price."""
        parameters = {name: settings[name] for name in settings if name not in ("type", "source")}
        columns = (settings["source"] if name == "source" else name for name in self.columns)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self.function(*map(column, columns), **parameters)
        return dict(zip(self.outputs, found if isinstance(found, tuple) else (found,), strict=True))


SOURCE, HL, HLC = ("source",), ("high", "low"), ("high", "low", "close")
HLCV, BANDS = (*HLC, "volume"), ("upper", "middle", "lower")

INDICATORS: Mapping[str, Indicator] = {
    "sma": Indicator(sma, SOURCE),
    "ema": Indicator(ema, SOURCE),
    "wma": Indicator(wma, SOURCE),
    "distance_from_ma": Indicator(distance_from_ma, SOURCE),
    "rsi": Indicator(rsi, SOURCE),
    "macd": Indicator(macd, SOURCE, ("line", "signal", "histogram")),
    "roc": Indicator(roc, SOURCE),
    "momentum": Indicator(momentum, SOURCE),
    "stochastic": Indicator(stochastic, HLC, ("k", "d")),
    "williams_r": Indicator(williams_r, HLC),
    "cci": Indicator(cci, HLC),
    "fisher": Indicator(fisher, HL, ("fisher", "signal")),
    "rvi": Indicator(rvi, ("open", *HLC), ("rvi", "signal")),
    "adx": Indicator(adx, HLC, ("adx", "plus_di", "minus_di")),
    "aroon": Indicator(aroon, HL, ("up", "down", "oscillator")),
    "supertrend": Indicator(supertrend, HLC, ("line", "direction")),
    "ichimoku": Indicator(ichimoku, HL, ("tenkan", "kijun", "senkou_a", "senkou_b")),
    "atr": Indicator(atr, HLC),
    "bollinger": Indicator(bollinger, SOURCE, BANDS),
    "bollinger_width": Indicator(bollinger_width, SOURCE),
    "donchian": Indicator(donchian, HL, BANDS),
    "keltner": Indicator(keltner, HLC, BANDS),
    "squeeze": Indicator(squeeze, HLC),
    "vwap": Indicator(vwap, HLCV),
    "volume_ratio": Indicator(volume_ratio, ("volume",)),
    "cmf": Indicator(cmf, HLCV),
    "mfi": Indicator(mfi, HLCV),
}

"""Every indicator as its definition reads, in plain Python: slow, and nothing shared with ours.

Functions take rows of a price table, `bars["close"][t]`, and return one list for each output; None
is a row that has no value yet.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tests.training.features.reference_series import (
    Row,
    Table,
    combine,
    deviation,
    ema_of,
    extremes,
    lagged,
    mean,
    over_windows,
    ratio_of_sums,
    sma_of,
    source,
    true_ranges,
    wilder_of,
)


def sma(bars: Table, p: Any) -> list[list[Row]]:
    return [sma_of(source(bars, p.source), p.period)]


def ema(bars: Table, p: Any) -> list[list[Row]]:
    return [ema_of(source(bars, p.source), p.period)]


def wma(bars: Table, p: Any) -> list[list[Row]]:
    total = p.period * (p.period + 1) / 2

    def weigh(values: list[float]) -> float:
        return math.fsum((k + 1) * value for k, value in enumerate(values)) / total

    return [over_windows(source(bars, p.source), p.period, weigh)]


def distance_from_ma(bars: Table, p: Any) -> list[list[Row]]:
    values = source(bars, p.source)
    average = (ema_of if p.ma == "ema" else sma_of)(values, p.period)
    return [combine(lambda value, base: (value - base) / base * 100, values, average)]


def rsi(bars: Table, p: Any) -> list[list[Row]]:
    values = source(bars, p.source)
    changes = [b - a for a, b in pairwise(values)]
    gains = wilder_of([None, *(max(change, 0.0) for change in changes)], p.period)
    losses = wilder_of([None, *(max(-change, 0.0) for change in changes)], p.period)

    def index(gain: float, loss: float) -> float:
        if gain == loss == 0:
            return 50.0
        return 100.0 if loss == 0 else 100 - 100 / (1 + gain / loss)

    return [combine(index, gains, losses)]


def macd(bars: Table, p: Any) -> list[list[Row]]:
    values = source(bars, p.source)
    fast, slow = ema_of(values, p.fast_period), ema_of(values, p.slow_period)
    line = combine(lambda a, b: a - b, fast, slow)
    signal = ema_of(line, p.signal_period)
    return [line, signal, combine(lambda a, b: a - b, line, signal)]


def roc(bars: Table, p: Any) -> list[list[Row]]:
    values = source(bars, p.source)
    return [combine(lambda now, then: (now - then) / then * 100, values, lagged(values, p.period))]


def momentum(bars: Table, p: Any) -> list[list[Row]]:
    values = source(bars, p.source)
    return [combine(lambda now, then: now - then, values, lagged(values, p.period))]


def stochastic(bars: Table, p: Any) -> list[list[Row]]:
    highest, lowest = extremes(bars, p.k_period)

    def place(close: float, top: float, bottom: float) -> float:
        return 50.0 if top == bottom else 100 * (close - bottom) / (top - bottom)

    k = sma_of(combine(place, bars["close"], highest, lowest), p.smooth_k)
    return [k, sma_of(k, p.d_period)]


def williams_r(bars: Table, p: Any) -> list[list[Row]]:
    highest, lowest = extremes(bars, p.period)

    def place(close: float, top: float, bottom: float) -> float:
        return -50.0 if top == bottom else -100 * (top - close) / (top - bottom)

    return [combine(place, bars["close"], highest, lowest)]


def cci(bars: Table, p: Any) -> list[list[Row]]:
    def index(values: list[float]) -> float:
        if max(values) == min(values):
            return 0.0
        middle = mean(values)
        return (values[-1] - middle) / (0.015 * mean([abs(value - middle) for value in values]))

    return [over_windows(source(bars, "hlc3"), p.period, index)]


def fisher(bars: Table, p: Any) -> list[list[Row]]:
    def place(values: list[float]) -> float:
        top, bottom = max(values), min(values)
        return 0.0 if top == bottom else 2 * ((values[-1] - bottom) / (top - bottom) - 0.5)

    value = transform = 0.0
    result: list[Row] = []
    for raw in over_windows(source(bars, "hl2"), p.period, place):
        if raw is None:
            result.append(None)
            continue
        value = min(0.999, max(-0.999, 0.33 * raw + 0.67 * value))
        transform = math.atanh(value) + 0.5 * transform
        result.append(transform)
    return [result, lagged(result, 1)]


def rvi(bars: Table, p: Any) -> list[list[Row]]:
    def smooth(values: Sequence[Row]) -> list[Row]:
        return over_windows(values, 4, lambda v: (v[0] + 2 * v[1] + 2 * v[2] + v[3]) / 6)

    vigor = sma_of(smooth(combine(lambda c, o: c - o, bars["close"], bars["open"])), p.period)
    height = sma_of(
        smooth(combine(lambda top, bottom: top - bottom, bars["high"], bars["low"])), p.period
    )
    index = combine(lambda a, b: 0.0 if b == 0 else a / b, vigor, height)
    weights = [min(k + 1, p.signal_period - k) for k in range(p.signal_period)]
    signal = over_windows(
        index,
        p.signal_period,
        lambda v: math.fsum(w * x for w, x in zip(weights, v, strict=True)) / sum(weights),
    )
    return [index, signal]


def adx(bars: Table, p: Any) -> list[list[Row]]:
    high, low = bars["high"], bars["low"]
    plus: list[Row] = [None]
    minus: list[Row] = [None]
    for t in range(1, len(high)):
        up, down = high[t] - high[t - 1], low[t - 1] - low[t]
        plus.append(up if up > max(down, 0) else 0.0)
        minus.append(down if down > max(up, 0) else 0.0)

    def share(movement: float, reach: float) -> float:
        return 0.0 if reach == 0 else 100 * movement / reach

    reach = wilder_of(true_ranges(bars), p.period)
    plus_di = combine(share, wilder_of(plus, p.period), reach)
    minus_di = combine(share, wilder_of(minus, p.period), reach)
    dx = combine(lambda a, b: 0.0 if a + b == 0 else 100 * abs(a - b) / (a + b), plus_di, minus_di)
    return [wilder_of(dx, p.period), plus_di, minus_di]


def aroon(bars: Table, p: Any) -> list[list[Row]]:
    def since(values: list[float], extreme: float) -> float:
        if max(values) == min(values):
            return 50.0
        newest = max(k for k, value in enumerate(values) if value == extreme)
        return 100 * newest / p.period

    up = over_windows(bars["high"], p.period + 1, lambda v: since(v, max(v)))
    down = over_windows(bars["low"], p.period + 1, lambda v: since(v, min(v)))
    return [up, down, combine(lambda a, b: a - b, up, down)]


def supertrend(bars: Table, p: Any) -> list[list[Row]]:
    close, middle = bars["close"], source(bars, "hl2")
    upper, lower, rising = math.inf, -math.inf, True
    line: list[Row] = []
    direction: list[Row] = []
    for t, reach in enumerate(wilder_of(true_ranges(bars), p.period)):
        if reach is None:
            line.append(None)
            direction.append(None)
            continue
        basic_upper = middle[t] + p.multiplier * reach
        basic_lower = middle[t] - p.multiplier * reach
        upper = basic_upper if close[t - 1] > upper else min(basic_upper, upper)
        lower = basic_lower if close[t - 1] < lower else max(basic_lower, lower)
        if rising and close[t] < lower:
            rising = False
        elif not rising and close[t] > upper:
            rising = True
        line.append(lower if rising else upper)
        direction.append(1.0 if rising else -1.0)
    return [line, direction]


def parabolic_sar(bars: Table, p: Any) -> list[list[Row]]:
    """Wilder 1978, p. 9; long first unless the first bars move down more than up."""
    high, low = bars["high"], bars["low"]
    if len(high) < 2:
        return [[None] * len(high)]
    up, down = high[1] - high[0], low[0] - low[1]
    long = not down > max(up, 0)
    sar, extreme, factor = (low[0], high[1], p.step) if long else (high[0], low[1], p.step)
    result: list[Row] = [None]
    for t in range(1, len(high)):
        if (low[t] <= sar) if long else (high[t] >= sar):
            long, factor = not long, p.step
            lows, highs = low[t - 1 : t + 1], high[t - 1 : t + 1]
            sar = min(extreme, *lows) if long else max(extreme, *highs)
            result.append(sar)
            extreme = high[t] if long else low[t]
        else:
            result.append(sar)
            if (high[t] > extreme) if long else (low[t] < extreme):
                extreme, factor = high[t] if long else low[t], min(p.max, factor + p.step)
        sar += factor * (extreme - sar)
        lows, highs = low[max(1, t - 1) : t + 1], high[max(1, t - 1) : t + 1]
        sar = min(sar, *lows) if long else max(sar, *highs)  # never within the last two bars
    return [result]


def ichimoku(bars: Table, p: Any) -> list[list[Row]]:
    def middle(period: int) -> list[Row]:
        return combine(lambda top, bottom: (top + bottom) / 2, *extremes(bars, period))

    tenkan, kijun = middle(p.tenkan_period), middle(p.kijun_period)
    ahead = combine(lambda a, b: (a + b) / 2, tenkan, kijun)
    return [
        tenkan,
        kijun,
        lagged(ahead, p.kijun_period),
        lagged(middle(p.senkou_period), p.kijun_period),
    ]


def atr(bars: Table, p: Any) -> list[list[Row]]:
    return [(sma_of if p.method == "sma" else wilder_of)(true_ranges(bars), p.period)]


def bollinger(bars: Table, p: Any) -> list[list[Row]]:
    values = source(bars, p.source)
    middle = sma_of(values, p.period)
    width = over_windows(values, p.period, lambda v: p.multiplier * deviation(v, p.deviation))
    upper = combine(lambda a, b: a + b, middle, width)
    return [upper, middle, combine(lambda a, b: a - b, middle, width)]


def bollinger_width(bars: Table, p: Any) -> list[list[Row]]:
    return [combine(lambda upper, middle, lower: (upper - lower) / middle, *bollinger(bars, p))]


def donchian(bars: Table, p: Any) -> list[list[Row]]:
    upper, lower = extremes(bars, p.period)
    return [upper, combine(lambda a, b: (a + b) / 2, upper, lower), lower]


def channel(bars: Table, ema_period: int, atr_period: int, multiplier: float) -> list[list[Row]]:
    middle = ema_of(bars["close"], ema_period)
    reach = wilder_of(true_ranges(bars), atr_period)
    upper = combine(lambda m, r: m + multiplier * r, middle, reach)
    return [upper, middle, combine(lambda m, r: m - multiplier * r, middle, reach)]


def keltner(bars: Table, p: Any) -> list[list[Row]]:
    return channel(bars, p.ema_period, p.atr_period, p.multiplier)


def squeeze(bars: Table, p: Any) -> list[list[Row]]:
    close = bars["close"]
    middle = sma_of(close, p.bb_period)
    width = over_windows(close, p.bb_period, lambda v: p.bb_multiplier * deviation(v))
    kc_upper, _, kc_lower = channel(bars, p.kc_period, p.kc_period, p.kc_multiplier)

    def share(m: float, w: float, top: float, bottom: float, price: float) -> float:
        if top - bottom < 1e-8 * price:
            return 0.0
        return min(1.0, max(0.0, min(top - (m + w), (m - w) - bottom) / (top - bottom)))

    return [combine(share, middle, width, kc_upper, kc_lower, close)]


def vwap(bars: Table, p: Any) -> list[list[Row]]:
    traded = combine(lambda price, size: price * size, source(bars, "hlc3"), bars["volume"])
    return [ratio_of_sums(traded, bars["volume"], p.period)]


def volume_ratio(bars: Table, p: Any) -> list[list[Row]]:
    average = sma_of(bars["volume"], p.period)
    return [combine(lambda v, m: math.nan if m == 0 else v / m, bars["volume"], average)]


def money_flow(bars: Table) -> list[Row]:
    def flow(high: float, low: float, close: float, volume: float) -> float:
        return 0.0 if high == low else ((close - low) - (high - close)) / (high - low) * volume

    return combine(flow, bars["high"], bars["low"], bars["close"], bars["volume"])


def cmf(bars: Table, p: Any) -> list[list[Row]]:
    ratios = ratio_of_sums(money_flow(bars), bars["volume"], p.period)
    return [combine(lambda ratio: 0.0 if math.isnan(ratio) else ratio, ratios)]


def mfi(bars: Table, p: Any) -> list[list[Row]]:
    typical, volume = source(bars, "hlc3"), bars["volume"]
    inflow: list[Row] = [None]
    outflow: list[Row] = [None]
    for t in range(1, len(typical)):
        flow = typical[t] * volume[t]
        inflow.append(flow if typical[t] > typical[t - 1] else 0.0)
        outflow.append(flow if typical[t] < typical[t - 1] else 0.0)
    tops = over_windows(inflow, p.period, math.fsum)
    bottoms = over_windows(outflow, p.period, math.fsum)
    return [combine(lambda a, b: 50.0 if a + b == 0 else 100 * a / (a + b), tops, bottoms)]


def obv(bars: Table, p: Any) -> list[list[Row]]:
    close, total = bars["close"], 0.0
    result: list[Row] = []
    for t, volume in enumerate(bars["volume"]):
        if t == 0 or close[t] > close[t - 1]:
            total += volume
        elif close[t] < close[t - 1]:
            total -= volume
        result.append(total)
    return [result]


def ad_line(bars: Table, p: Any) -> list[list[Row]]:
    total = 0.0
    result: list[Row] = []
    for flow in money_flow(bars):
        assert flow is not None
        total += flow
        result.append(total)
    return [result]

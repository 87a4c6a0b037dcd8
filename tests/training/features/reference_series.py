"""What the references are made of: windows and means of rows, in plain Python.

A row is None where it has no value yet.
"""

import math
from collections.abc import Callable, Sequence

Row = float | None
Table = dict[str, list[float]]


def source(bars: Table, name: str) -> list[float]:
    parts = {
        "hl2": ("high", "low"),
        "hlc3": ("high", "low", "close"),
        "ohlc4": ("open", "high", "low", "close"),
    }.get(name, (name,))
    return [
        math.fsum(bars[part][t] for part in parts) / len(parts) for t in range(len(bars["close"]))
    ]


def window(values: Sequence[Row], t: int, period: int) -> list[float] | None:
    """The last `period` values up to row t, or None if one is missing."""
    if t < period - 1:
        return None
    found = [value for value in values[t - period + 1 : t + 1] if value is not None]
    return found if len(found) == period else None


def over_windows(
    values: Sequence[Row], period: int, function: Callable[[list[float]], float]
) -> list[Row]:
    found = [window(values, t, period) for t in range(len(values))]
    return [None if part is None else function(part) for part in found]


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def sma_of(values: Sequence[Row], period: int) -> list[Row]:
    return over_windows(values, period, mean)


def recursive_mean(values: Sequence[Row], period: int, alpha: float) -> list[Row]:
    """Seeded by the mean of the first `period` values."""
    result: list[Row] = [None] * len(values)
    first = next((t for t, value in enumerate(values) if value is not None), len(values))
    start = first + period - 1
    if start >= len(values):
        return result
    last = mean([value for value in values[first : start + 1] if value is not None])
    result[start] = last
    for t in range(start + 1, len(values)):
        value = values[t]
        assert value is not None
        last = alpha * value + (1 - alpha) * last
        result[t] = last
    return result


def ema_of(values: Sequence[Row], period: int) -> list[Row]:
    return recursive_mean(values, period, 2 / (period + 1))


def wilder_of(values: Sequence[Row], period: int) -> list[Row]:
    return recursive_mean(values, period, 1 / period)


def combine(function: Callable[..., float], *columns: Sequence[Row]) -> list[Row]:
    return [None if None in row else function(*row) for row in zip(*columns, strict=True)]


def lagged(values: Sequence[Row], bars: int) -> list[Row]:
    return [None if t < bars else values[t - bars] for t in range(len(values))]


def true_ranges(bars: Table) -> list[Row]:
    high, low, close = bars["high"], bars["low"], bars["close"]
    return [None] + [
        max(high[t] - low[t], abs(high[t] - close[t - 1]), abs(low[t] - close[t - 1]))
        for t in range(1, len(close))
    ]


def extremes(bars: Table, period: int) -> tuple[list[Row], list[Row]]:
    return over_windows(bars["high"], period, max), over_windows(bars["low"], period, min)


def deviation(values: list[float], kind: str = "population") -> float:
    if max(values) == min(values):
        return 0.0
    middle = mean(values)
    squares = math.fsum((value - middle) ** 2 for value in values)
    return math.sqrt(squares / (len(values) - (kind == "sample")))


def ratio_of_sums(above: Sequence[Row], below: Sequence[Row], period: int) -> list[Row]:
    tops, bottoms = over_windows(above, period, math.fsum), over_windows(below, period, math.fsum)
    return combine(lambda a, b: math.nan if b == 0 else a / b, tops, bottoms)

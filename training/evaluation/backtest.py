"""What positions would have earned: filled at the next open, after costs, symbols equal."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.features.dataset import Dataset

SECONDS_PER_YEAR = 365.25 * 86_400
CURVE_POINTS = 400  # enough for a chart, however long the test part is

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """The result of trading every bar of the test part."""

    times: NDArray[np.int64]  # [bars]: when each bar's position was filled, Unix seconds
    returns: Floats  # [bars], net of costs, from each fill to the next
    trades: int  # positions opened, over all symbols
    turnover: float  # units of change, mean over the symbols
    exposure: float  # share of bars and symbols with a position
    costs: float  # paid, as a fraction of equity, mean over the symbols

    @property
    def equity(self) -> Floats:
        """[bars]: what 1 has become after each bar."""
        equity: Floats = np.cumprod(1.0 + self.returns, dtype=np.float64)
        return equity

    def metrics(self) -> dict[str, float | int | None]:
        """Plain numbers; a ratio that is not defined is None."""
        sharpe, sharpe_error = sharpe_ratio(self.returns, bars_per_year(self.times))
        return {
            "net_return": float(self.equity[-1] - 1.0) if len(self.returns) else 0.0,
            "sharpe": sharpe,
            "sharpe_standard_error": sharpe_error,
            "max_drawdown": max_drawdown(self.equity),
            "trades": self.trades,
            "turnover": self.turnover,
            "exposure": self.exposure,
            "costs": self.costs,
        }


def backtest(
    dataset: Dataset, rows: NDArray[np.int64], held: Floats, *, round_trip_cost: float
) -> Backtest:
    """Trade `held` [bars], the positions decided at the close of `rows` [bars].

    `rows` are consecutive rows of each symbol. A position is filled at its next bar's open and
    pays half of the round trip's cost per unit of change; what is open at the end is closed.
    """
    half_cost = round_trip_cost / 2.0
    symbols = [
        _trade(dataset, rows[mask], held[mask], half_cost)
        for mask in _by_symbol(dataset.symbols[rows])
    ]
    times, returns = _combine([(symbol.times, symbol.returns) for symbol in symbols])
    return Backtest(
        times=times,
        returns=returns,
        trades=sum(symbol.trades for symbol in symbols),
        turnover=float(np.mean([symbol.turnover for symbol in symbols])),
        exposure=float(np.mean([symbol.exposure for symbol in symbols])),
        costs=float(np.mean([symbol.costs for symbol in symbols])),
    )


def _by_symbol(symbols: NDArray[np.int16]) -> Iterator[NDArray[np.bool_]]:
    for symbol in np.unique(symbols):
        yield symbols == symbol


def _trade(dataset: Dataset, rows: NDArray[np.int64], held: Floats, half_cost: float) -> Backtest:
    """One symbol."""
    bars = _bars_with_a_result(dataset, rows)
    held = held[: len(bars)]
    changes = np.abs(np.diff(held, prepend=0.0))
    if len(held):
        changes[-1] += abs(held[-1])
    opened = (np.diff(held, prepend=0.0) != 0) & (held != 0)
    moves = dataset.open[bars + 2] / dataset.open[bars + 1] - 1.0
    return Backtest(
        times=dataset.times[bars + 1],
        returns=held * moves - half_cost * changes,
        trades=int(opened.sum()),
        turnover=float(changes.sum()),
        exposure=float(np.mean(held != 0)) if len(held) else 0.0,
        costs=float(half_cost * changes.sum()),
    )


def _bars_with_a_result(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of a symbol's rows whose next two opens are known."""
    of_symbol = np.flatnonzero(dataset.symbols == dataset.symbols[rows[0]])
    with_a_result: NDArray[np.int64] = rows[rows <= of_symbol[-1] - 2]
    return with_a_result


def _combine(
    series: list[tuple[NDArray[np.int64], Floats]],
) -> tuple[NDArray[np.int64], Floats]:
    """The mean return of all symbols at every time; a symbol without a bar adds nothing."""
    times = np.unique(np.concatenate([symbol_times for symbol_times, _ in series]))
    total = np.zeros(len(times))
    for symbol_times, returns in series:
        total[np.searchsorted(times, symbol_times)] += returns
    return times, total / len(series)


def bars_per_year(times: NDArray[np.int64]) -> float:
    """Observed between the first and the last bar; 0 when there are fewer than two."""
    if len(times) < 2:
        return 0.0
    years = float(times[-1] - times[0]) / SECONDS_PER_YEAR
    return (len(times) - 1) / years


def sharpe_ratio(returns: Floats, per_year: float) -> tuple[float | None, float | None]:
    """The annual Sharpe ratio and its standard error for independent returns (Lo 2002, eq. 9).

    (None, None) where it is not defined: fewer than two returns, or returns that never vary.
    """
    deviation = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    if deviation == 0.0:
        return None, None
    ratio = float(returns.mean()) / deviation
    error = math.sqrt((1.0 + ratio**2 / 2.0) / len(returns))
    return ratio * math.sqrt(per_year), error * math.sqrt(per_year)


def max_drawdown(equity: Floats) -> float:
    """The deepest fall from a peak, as a fraction of it; the start counts as a peak of 1."""
    if not len(equity):
        return 0.0
    peaks = np.maximum.accumulate(np.maximum(equity, 1.0))
    return float(np.max(1.0 - equity / peaks))


def thin(length: int, points: int = CURVE_POINTS) -> NDArray[np.int64]:
    """At most `points` indices of a series of this length, its first and last among them."""
    if length <= points:
        return np.arange(length)
    return np.linspace(0, length - 1, points).round().astype(np.int64)

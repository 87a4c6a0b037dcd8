"""What positions would have earned: filled at the next open, after costs, symbols equal.

One trading day is one return: each bar belongs to the period of the base timeframe that its
midpoint lies in, so that symbols whose daily bars begin at different clock times meet in one. The
returns of a period are averaged over the symbols of the test part; one without a bar in it adds 0.

An account whose equity would be 0 or less is ruined: that return is -1, every later one 0, it
holds nothing, and later trades are not its own. The portfolio is one account: a symbol that would
be ruined in an account of its own goes on in it, as long as the portfolio has equity.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.evaluation.sharpe import sharpe_ratio
from training.features.dataset import Dataset
from training.market_data.timeframes import period_of
from training.strategy.values import Timeframe

SECONDS_PER_YEAR = 365.25 * 86_400
CURVE_POINTS = 400  # enough for a chart, however long the test part is
LONGEST_PAUSE_SECONDS = 14 * 86_400  # of a market that goes on: the longest holidays are shorter
LARGEST = 1e300  # of a move or an equity: prices may be any numbers, and JSON knows no infinity

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """One account that traded every bar of the test part, or until it was ruined."""

    times: NDArray[np.int64]  # [periods]: when each begins, Unix seconds
    returns: Floats  # [periods], net of costs, from each fill to the next; never below -1
    per_year: float  # how many of these periods a year has; what lies between two runs is no time
    ruined_at: int | None  # the period in which the equity was gone, Unix seconds
    ruined_alone: dict[int, int]  # the same of each symbol in an account of its own, by its number
    trades: int  # positions opened, over all symbols
    turnover: float  # units of change, mean over the symbols
    exposure: float  # share of bars and symbols with a position
    costs: float  # paid, as a fraction of equity, mean over the symbols
    goes_on: NDArray[np.bool_]  # [periods - 1]: whether a run of some symbol goes on to the next
    symbols: "tuple[SymbolBars, ...]"  # what each symbol's positions did, until the ruin

    @property
    def equity(self) -> Floats:
        """[periods]: what 1 has become after each; from the ruin on 0."""
        return grown(self.returns)

    def metrics(self) -> dict[str, float | int | None]:
        """Plain numbers; a ratio that is not defined is None."""
        sharpe, sharpe_error = sharpe_ratio(self.returns, self.per_year)
        return {
            "net_return": float(self.equity[-1] - 1.0) if len(self.returns) else 0.0,
            "sharpe": sharpe,
            "sharpe_standard_error": sharpe_error,
            "max_drawdown": max_drawdown(self.equity),
            "ruined_at": self.ruined_at,
            "trades": self.trades,
            "turnover": self.turnover,
            "exposure": self.exposure,
            "costs": self.costs,
        }


@dataclass(frozen=True, kw_only=True)
class SymbolBars:
    """What one symbol's positions did, bar by bar, in an account that nothing can ruin."""

    number: int
    bars: NDArray[np.int64]  # [bars]: the dataset's rows, at whose close it was decided
    periods: NDArray[np.int64]  # [bars], ascending
    returns: Floats  # [bars]
    held: Floats  # [bars]: positions
    changes: Floats  # [bars]: units of change
    opens: NDArray[np.bool_]  # [bars]: whether a position is opened
    runs: NDArray[np.int64]  # where each run of its bars begins

    def until(self, moment: int | None) -> "SymbolBars":
        """What of it belongs to an account that is ruined in the period of this moment."""
        if moment is None:
            return self
        is_later = self.periods > moment
        held, changes = (np.where(is_later, 0.0, own) for own in (self.held, self.changes))
        return replace(self, held=held, changes=changes, opens=self.opens & ~is_later)

    @property
    def trades(self) -> int:
        return int(self.opens.sum())

    @property
    def exposure(self) -> float:
        return float(np.mean(self.held != 0)) if len(self.held) else 0.0

    def ruined_at(self) -> int | None:
        """In an account of its own."""
        times, returns = _by_period(self.periods, self.returns)
        return _moment_of_ruin(times, returns)


def backtest(
    dataset: Dataset,
    rows: NDArray[np.int64],
    held: Floats,
    *,
    timeframe: Timeframe,
    round_trip_cost: float,
) -> Backtest:
    """Trade `held` [bars], the positions decided at the close of `rows` [bars] of a timeframe.

    `rows` ascend, by symbol. A position is filled at its next bar's open and pays half of the round
    trip's cost per unit of change; what is open at the end, or where rows are left out, is closed.
    """
    half_cost = round_trip_cost / 2.0
    symbols = [
        _trade(dataset, rows[mask], held[mask], timeframe, half_cost)
        for mask in _by_symbol(dataset.symbols[rows])
    ]
    times, returns = _combine([_by_period(symbol.periods, symbol.returns) for symbol in symbols])
    ruined_at = _moment_of_ruin(times, returns)
    counted = [symbol.until(ruined_at) for symbol in symbols]
    turnover = float(np.mean([symbol.changes.sum() for symbol in counted]))
    goes_on = _goes_on(times, symbols)
    return Backtest(
        times=times,
        returns=_until_ruin(returns),
        per_year=_per_year(times, goes_on),
        ruined_at=ruined_at,
        ruined_alone={
            symbol.number: ruin for symbol in symbols if (ruin := symbol.ruined_at()) is not None
        },
        trades=sum(symbol.trades for symbol in counted),
        turnover=turnover,
        exposure=float(np.mean([symbol.exposure for symbol in counted])),
        costs=half_cost * turnover,
        goes_on=goes_on,
        symbols=tuple(counted),
    )


def _by_symbol(symbols: NDArray[np.int16]) -> Iterator[NDArray[np.bool_]]:
    for symbol in np.unique(symbols):
        yield symbols == symbol


def _trade(
    dataset: Dataset,
    rows: NDArray[np.int64],
    held: Floats,
    timeframe: Timeframe,
    half_cost: float,
) -> SymbolBars:
    bars = _bars_with_a_result(dataset, rows)
    held, runs = held[: len(bars)], runs_of(bars)
    of_runs = np.split(held, runs[1:])
    changes = np.concatenate([_changes(own) for own in of_runs])
    return SymbolBars(
        number=int(dataset.symbols[rows[0]]),
        bars=bars,
        periods=period_of(dataset.times[bars + 1], timeframe),
        returns=held * _moves(dataset, bars) - half_cost * changes,
        held=held,
        changes=changes,
        opens=np.concatenate([_opens(own) for own in of_runs]),
        runs=runs,
    )


def runs_of(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each run of consecutive rows begins, as positions in `rows`: 0 first."""
    return np.concatenate([[0], np.flatnonzero(np.diff(rows) != 1) + 1])


def _changes(held: Floats) -> Floats:
    """[bars]: units of change of one run, that of its end included."""
    changes = np.abs(np.diff(held, prepend=0.0))
    if len(held):
        changes[-1] += abs(held[-1])
    return changes


def _opens(held: Floats) -> NDArray[np.bool_]:
    """[bars]: whether a position is opened, of one run."""
    opens: NDArray[np.bool_] = (np.diff(held, prepend=0.0) != 0) & (held != 0)
    return opens


def _bars_with_a_result(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of a symbol's rows whose next two opens are known."""
    of_symbol = np.flatnonzero(dataset.symbols == dataset.symbols[rows[0]])
    with_a_result: NDArray[np.int64] = rows[rows <= of_symbol[-1] - 2]
    return with_a_result


def _moves(dataset: Dataset, bars: NDArray[np.int64]) -> Floats:
    """[bars]: from the open after each to the next one, as a fraction of it."""
    with np.errstate(over="ignore"):
        moves = dataset.open[bars + 2] / dataset.open[bars + 1] - 1.0
    return np.minimum(moves, LARGEST)


def _by_period(periods: NDArray[np.int64], returns: Floats) -> tuple[NDArray[np.int64], Floats]:
    """One symbol's returns, compounded where several of its bars lie in one period.

    A bar that loses everything is the whole period's return.
    """
    firsts = np.flatnonzero(np.diff(periods, prepend=periods[:1] - 1))
    if len(firsts) == len(periods):
        return periods, returns
    with np.errstate(over="ignore"):
        growth = np.minimum(np.multiply.reduceat(1.0 + returns, firsts) - 1.0, LARGEST)
    worst = np.minimum.reduceat(returns, firsts)
    alone = np.diff(firsts, append=len(periods)) == 1
    return periods[firsts], np.where(alone | (worst <= -1.0), worst, growth)


def _combine(
    series: list[tuple[NDArray[np.int64], Floats]],
) -> tuple[NDArray[np.int64], Floats]:
    """The mean return of all symbols in every period; a symbol without a bar adds nothing."""
    times = np.unique(np.concatenate([symbol_times for symbol_times, _ in series]))
    total = np.zeros(len(times))
    for symbol_times, returns in series:
        total[np.searchsorted(times, symbol_times)] += returns
    return times, total / len(series)


def _moment_of_ruin(times: NDArray[np.int64], returns: Floats) -> int | None:
    """When an account's equity would first be 0 or less; None if it never is."""
    gone = np.flatnonzero(grown(returns) <= 0.0)
    return int(times[gone[0]]) if gone.size else None


def _until_ruin(returns: Floats) -> Floats:
    """Returns of an account: -1 where its equity is gone, 0 after that."""
    gone = np.flatnonzero(grown(returns) <= 0.0)
    if not gone.size:
        return returns
    return np.concatenate([returns[: gone[0]], [-1.0], np.zeros(len(returns) - gone[0] - 1)])


def grown(returns: Floats) -> Floats:
    """[periods]: what 1 becomes, at most `LARGEST`; right up to the first that is not above 0."""
    with np.errstate(over="ignore", invalid="ignore"):
        growth = np.cumprod(1.0 + returns, dtype=np.float64)
    return np.minimum(np.nan_to_num(growth, nan=0.0, posinf=LARGEST, neginf=0.0), LARGEST)


def _goes_on(times: NDArray[np.int64], symbols: Sequence[SymbolBars]) -> NDArray[np.bool_]:
    """[periods - 1]: whether a run of some symbol goes on from each to the next one."""
    goes_on = np.zeros(max(len(times) - 1, 0), np.bool_)
    for symbol in symbols:
        for own in np.split(symbol.periods, symbol.runs[1:]):
            if own.size:
                first, last = np.searchsorted(times, own[[0, -1]])
                goes_on[first:last] = True
    return goes_on


def _per_year(times: NDArray[np.int64], goes_on: NDArray[np.bool_]) -> float:
    """Periods from one to the next within a run of some symbol, of a year of such time."""
    seconds = float(np.diff(times)[goes_on].sum())
    return int(goes_on.sum()) / (seconds / SECONDS_PER_YEAR) if seconds else 0.0


def bars_per_year(times: NDArray[np.int64]) -> float:
    """Periods of a year, where nothing but their times is known; 0 when there are fewer than two.

    A step that is longer than any market's pause, and than three usual ones, lies between two runs
    of bars: it is no time of an account (`Backtest.per_year`).
    """
    if len(times) < 2:
        return 0.0
    steps = np.diff(times)
    return _per_year(times, steps <= max(LONGEST_PAUSE_SECONDS, 3.0 * float(np.median(steps))))


def max_drawdown(equity: Floats) -> float:
    """The deepest fall from a peak, as a fraction of it; the start counts as a peak of 1."""
    return float(np.max(drawdowns(equity))) if len(equity) else 0.0


def drawdowns(equity: Floats) -> Floats:
    """[periods]: how far each is below the highest one until then, as a fraction of that."""
    peaks = np.maximum.accumulate(np.maximum(equity, 1.0))
    falls: Floats = 1.0 - np.maximum(equity, 0.0) / peaks
    return falls


def thin(length: int, points: int = CURVE_POINTS) -> NDArray[np.int64]:
    """At most `points` indices of a series of this length, its first and last among them."""
    if length <= points:
        return np.arange(length)
    return np.linspace(0, length - 1, points).round().astype(np.int64)

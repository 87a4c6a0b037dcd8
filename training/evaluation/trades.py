"""The trades of an account: a position from the open that it is filled at to the one that ends it.

Free of torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.evaluation.backtest import Backtest, SymbolBars
from training.features.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class Trade:
    """Of one position; a turn from long to short ends one and begins the next."""

    symbol: int
    """Its number in the dataset."""
    side: int
    """+1 long, -1 short."""
    entry_time: int
    """Open of the bar at whose open it is filled, Unix seconds: the one after the decision's."""
    exit_time: int
    """Likewise; where a run of test bars ends, of the last bar with a result."""
    entry_price: float
    exit_price: float
    bars: int
    """From the one to the other."""
    gross_return: float
    """Its bars' returns before costs, compounded as the account does: a short is as large as the
    equity on each bar."""
    costs: float
    """What it paid, as a fraction of the equity: half a round trip at each end."""
    net_return: float
    """Its bars' returns after costs, compounded. Those of all trades, compounded, are the account's
    net return, but for turns, where the account pays for both ends at once."""


def trades_of(dataset: Dataset, traded: Backtest, *, round_trip_cost: float) -> list[Trade]:
    """As many as `traded.trades`, by entry, then symbol; what is after a ruin is none."""
    half_cost = round_trip_cost / 2.0
    found = [trade for symbol in traded.symbols for trade in _of_symbol(dataset, symbol, half_cost)]
    return sorted(found, key=lambda trade: (trade.entry_time, trade.symbol))


def _of_symbol(dataset: Dataset, symbol: SymbolBars, half_cost: float) -> Iterator[Trade]:
    ends = np.append(symbol.runs[1:], len(symbol.held))
    for first, end in zip(symbol.runs.tolist(), ends.tolist(), strict=True):
        held = symbol.held[first:end]
        begins = np.flatnonzero(np.diff(held, prepend=0.0) != 0)
        for begin, stop in zip(begins, np.append(begins[1:], len(held)), strict=True):
            if held[begin]:
                own = slice(first + int(begin), first + int(stop))
                yield _trade(dataset, symbol, own, half_cost, to_the_end=own.stop == end)


def _trade(
    dataset: Dataset, symbol: SymbolBars, own: slice, half_cost: float, *, to_the_end: bool
) -> Trade:
    """Of some of a symbol's bars, on which its position is the same."""
    side = float(symbol.held[own.start])
    bars = symbol.bars[own]
    entry, exit = int(bars[0]) + 1, int(bars[-1]) + 2
    with np.errstate(over="ignore"):
        earned = side * (dataset.open[bars + 2] / dataset.open[bars + 1] - 1.0)
    paid = earned.copy()
    paid[0] -= half_cost
    paid[-1] -= half_cost if to_the_end else 0.0
    left = _grown(paid) * (1.0 if to_the_end else 1.0 - half_cost)
    return Trade(
        symbol=symbol.number,
        side=int(side),
        entry_time=int(dataset.times[entry]),
        exit_time=int(dataset.times[exit]),
        entry_price=float(dataset.open[entry]),
        exit_price=float(dataset.open[exit]),
        bars=len(bars),
        gross_return=_grown(earned) - 1.0,
        costs=2.0 * half_cost,
        net_return=left - 1.0,
    )


def _grown(returns: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """What 1 becomes; nothing is left of what has lost everything."""
    return float(np.prod(np.maximum(1.0 + returns, 0.0)))

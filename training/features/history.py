"""The bars of one symbol that a strategy uses, and which of them become rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.features.alignment import TIMEFRAME_SECONDS, newest_closed_bar
from training.features.arrays import Int64Array
from training.features.errors import TooFewBars
from training.features.plan import Feature, settle_length
from training.market_data import Bars
from training.strategy import Strategy
from training.strategy.values import Timeframe

LoadBars = Callable[..., Bars]
"""`training.market_data.load_bars(symbol, timeframe, end=…)`."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Bars of one symbol at all timeframes of a strategy, warm-up included."""

    symbol: str
    base: Timeframe
    """The timeframe whose bars are the rows."""

    bars: Mapping[Timeframe, Bars]
    """By timeframe; of higher ones only bars that have ended by the last row's end."""

    newest: Mapping[Timeframe, Int64Array]
    """By higher timeframe: the bar that is visible on each base bar, -1 for none."""

    first_row: int
    """The base bar that is the first row: all features have settled, start_date is reached."""

    @property
    def rows(self) -> Bars:
        """The base bars that are rows."""
        base = self.bars[self.base]
        return _cut(base, self.first_row, base.times.size)

    @property
    def times(self) -> Int64Array:
        """Row times, Unix seconds: opens of the base bars."""
        return self.bars[self.base].times[self.first_row :]

    def visible_bars(self, timeframe: Timeframe, rows: slice) -> slice | Int64Array:
        """Return the bars of a timeframe that are visible on some rows; row 0 is the first row."""
        shifted = slice(self.first_row + rows.start, self.first_row + rows.stop)
        return shifted if timeframe == self.base else self.newest[timeframe][shifted]

    def first_bar(self, timeframe: Timeframe) -> int:
        """Return the first bar of a timeframe that any row sees."""
        return (
            self.first_row
            if timeframe == self.base
            else int(self.newest[timeframe][self.first_row])
        )

    def fingerprints(self) -> dict[str, str]:
        """Return the data fingerprint of each timeframe, by `SYMBOL/timeframe`."""
        return {f"{self.symbol}/{name}": bars.fingerprint() for name, bars in self.bars.items()}


def load_history(
    strategy: Strategy, symbol: str, features: Sequence[Feature], load_bars: LoadBars
) -> History:
    """Load one symbol's bars up to end_date and find the first row.

    Raises:
        TooFewBars: no row is left once all features have settled.
    """
    end = strategy.training_data.end_seconds
    loaded = {name: load_bars(symbol, name, end=end) for name in strategy.timeframes}
    return arrange(strategy, symbol, features, loaded)


def arrange(
    strategy: Strategy, symbol: str, features: Sequence[Feature], loaded: Mapping[Timeframe, Bars]
) -> History:
    """Cut bars, by timeframe, to those that the strategy uses, and find the first row.

    Raises:
        TooFewBars: no row is left once all features have settled.
    """
    data = strategy.training_data
    base = strategy.base_timeframe
    settle = {name: settle_length(strategy, features, name) for name in loaded}
    bars = {
        name: _since(loaded[name], data.start_seconds, strategy.history_bars) for name in loaded
    }
    rows = bars[base]
    start = np.searchsorted(rows.times, data.start_seconds or rows.times[:1].sum())
    first_row, slowest = max(int(start), settle[base] - 1), base
    newest = {}
    for name in bars.keys() - {base}:
        visible = _visible(rows, base, bars[name], name)
        bars[name] = _cut(bars[name], 0, int(visible[-1]) + 1 if visible.size else 0)
        settled = int(np.searchsorted(visible, settle[name] - 1))
        if settled > first_row:
            first_row, slowest = settled, name
        newest[name] = visible
    if first_row >= rows.times.size:
        raise TooFewBars(
            symbol=symbol,
            timeframe=slowest,
            num_bars=bars[slowest].times.size,
            settle_length=settle[slowest],
        )
    return History(symbol=symbol, base=base, bars=bars, newest=newest, first_row=first_row)


def _since(bars: Bars, start_seconds: int | None, history: int) -> Bars:
    """Return the bars from start_seconds on, and `history` bars before."""
    if start_seconds is None:
        return bars
    start = int(np.searchsorted(bars.times, start_seconds))
    return _cut(bars, max(0, start - history), bars.times.size)


def _cut(bars: Bars, first: int, end: int) -> Bars:
    rows = slice(first, end)
    return replace(
        bars,
        times=bars.times[rows],
        open=bars.open[rows],
        high=bars.high[rows],
        low=bars.low[rows],
        close=bars.close[rows],
        volume=bars.volume[rows],
    )


def _visible(rows: Bars, base: Timeframe, bars: Bars, timeframe: Timeframe) -> Int64Array:
    return newest_closed_bar(
        rows.times, TIMEFRAME_SECONDS[base], bars.times, TIMEFRAME_SECONDS[timeframe]
    )

"""The bars of one symbol that a strategy uses, and which of them become rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from training.features.alignment import newest_closed_bar, too_old
from training.features.arrays import BoolArray, Int64Array
from training.features.errors import PriceNotPositive, TooFewBars
from training.features.plan import Feature, settle_length
from training.market_data.bars import Bars
from training.market_data.report import as_text
from training.market_data.timeframes import DAY, HOUR, bar_ends, period_of, seconds_of
from training.strategy import Strategy
from training.strategy.values import TIMEFRAMES, Timeframe

DATES_NAMED = 5


class LoadBars(Protocol):
    """`training.market_data.load_bars`, or what stands in its place."""

    def __call__(self, symbol: str, timeframe: Timeframe, *, end: int | None = None) -> Bars:
        """Return the bars whose opens are not after `end`, Unix seconds."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Bars of one symbol at all timeframes of a strategy, warm-up included."""

    symbol: str
    base: Timeframe
    """The timeframe whose bars are the rows."""

    bars: Mapping[Timeframe, Bars]
    """By timeframe; of others than the base only bars that have ended by the last row's end."""

    newest: Mapping[Timeframe, Int64Array]
    """By other timeframe: the newest bar that has closed by each base bar's end, -1 for none."""

    missing: Mapping[Timeframe, BoolArray]
    """By finer timeframe that some feature uses: whether that bar is too old on each base bar."""

    first_row: int
    """The base bar that is the first row: all features have settled, start_date is reached."""

    @property
    def rows(self) -> Bars:
        """The base bars that are rows."""
        base = self.bars[self.base]
        return base.rows(slice(self.first_row, None))

    @property
    def times(self) -> Int64Array:
        """Row times, Unix seconds: opens of the base bars."""
        return self.rows.times

    @property
    def periods(self) -> Int64Array:
        """[rows]: opens of the base-timeframe periods that the rows belong to, Unix seconds.

        Parts are cut by them, so that symbols whose bars begin at different clock times are cut
        between the same trading days.
        """
        return period_of(self.times, self.base)

    def num_dropped(self, timeframe: Timeframe) -> int:
        """Return how many rows lack a bar of a finer timeframe."""
        return int(self.missing[timeframe][self.first_row :].sum())

    def whole_windows(self, length: int) -> BoolArray:
        """Return for each row whether no bar is missing on it and the `length` - 1 rows before.

        Rows before the first one count as having all.
        """
        dropped = np.zeros(self.times.size, np.bool_)
        for missing in self.missing.values():
            dropped |= missing[self.first_row :]
        before = np.concatenate([[0], np.cumsum(dropped)])
        rows = np.arange(dropped.size)
        whole: BoolArray = before[rows + 1] == before[np.maximum(rows + 1 - length, 0)]
        return whole

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

    def ranges(self) -> dict[str, dict[str, int]]:
        """Return first and last open and the number of each timeframe's bars, likewise."""
        return {
            f"{self.symbol}/{name}": {
                "first": int(bars.times[0]),
                "last": int(bars.times[-1]),
                "rows": len(bars),
            }
            for name, bars in self.bars.items()
            if len(bars)
        }


def load_history(
    strategy: Strategy, symbol: str, features: Sequence[Feature], load_bars: LoadBars
) -> History:
    """Load one symbol's bars up to end_date and find the first row.

    Of a finer timeframe also those that the last row sees: they open after it does.

    Raises:
        TooFewBars: no row is left once all features have settled.
    """
    end, base = strategy.training_data.end_seconds, strategy.base_timeframe
    loaded = {
        name: load_bars(symbol, name, end=None if is_finer(name, base) else end)
        for name in strategy.timeframes
    }
    return arrange(strategy, symbol, features, loaded)


def is_finer(timeframe: Timeframe, base: Timeframe) -> bool:
    """Whether its bars are shorter than those of the base."""
    return TIMEFRAMES.index(timeframe) < TIMEFRAMES.index(base)


def data_fingerprints(histories: Sequence[History]) -> dict[str, str]:
    """Return the fingerprints of all symbols' bars, by `SYMBOL/timeframe`."""
    return {key: value for history in histories for key, value in history.fingerprints().items()}


def data_ranges(histories: Sequence[History]) -> dict[str, dict[str, int]]:
    """Return from when to when the bars of all symbols are, by `SYMBOL/timeframe`."""
    return {key: value for history in histories for key, value in history.ranges().items()}


def arrange(
    strategy: Strategy, symbol: str, features: Sequence[Feature], loaded: Mapping[Timeframe, Bars]
) -> History:
    """Cut bars, by timeframe, to those that the strategy uses, and find the first row.

    Raises:
        TooFewBars: no row is left once all features have settled.
        PriceNotPositive: among them is a price of 0 or below.
    """
    base = strategy.base_timeframe
    settle = {name: settle_length(strategy, features, name) for name in loaded}
    warm_up = strategy.training_data.history_required
    if warm_up is None:
        warm_up = max(settle.values())
    start = strategy.training_data.start_seconds
    bars = {name: _since(loaded[name], start, warm_up) for name in loaded}
    finer = [name for name in bars if is_finer(name, base)]
    for name in finer:
        bars[name] = _within(bars[name], bars[base], base)
    newest = {name: _newest(bars, base, name) for name in bars if name != base}
    used = {feature.timeframe for feature in features}
    missing = {name: _missing(bars, base, name, newest[name]) for name in finer if name in used}
    for name, visible in newest.items():
        bars[name] = bars[name].rows(slice(0, int(visible[-1]) + 1 if visible.size else 0))
    settled = {name: int(np.searchsorted(rows, settle[name] - 1)) for name, rows in newest.items()}
    settled[base] = settle[base] - 1
    slowest = max(settled, key=settled.__getitem__)
    first_row = max(settled[slowest], _first_since(bars[base], start))
    if first_row >= len(bars[base]):
        raise TooFewBars(
            symbol=symbol,
            timeframe=slowest,
            num_bars=len(bars[slowest]),
            settle_length=settle[slowest],
        )
    for name, own in bars.items():
        _refuse_prices(symbol, name, own)
    return History(
        symbol=symbol,
        base=base,
        bars=bars,
        newest=newest,
        missing=missing,
        first_row=first_row,
    )


def _refuse_prices(symbol: str, timeframe: Timeframe, bars: Bars) -> None:
    lowest = np.minimum(np.minimum(bars.open, bars.close), np.minimum(bars.high, bars.low))
    bad = np.flatnonzero(lowest <= 0)
    if bad.size:
        dates = ", ".join(as_text(int(time)) for time in bars.times[bad[:DATES_NAMED]])
        more = ", …" if bad.size > DATES_NAMED else ""
        raise PriceNotPositive(
            symbol=symbol, timeframe=timeframe, num_bars=bad.size, dates=f"{dates}{more}"
        )


def _first_since(bars: Bars, start_seconds: int | None) -> int:
    return 0 if start_seconds is None else int(np.searchsorted(bars.times, start_seconds))


def _since(bars: Bars, start_seconds: int | None, warm_up: int) -> Bars:
    """Return the bars from start_seconds on, and `warm_up` bars before."""
    return bars.rows(slice(max(0, _first_since(bars, start_seconds) - warm_up), None))


def _within(bars: Bars, rows: Bars, base: Timeframe) -> Bars:
    """Those that open before the last row ends: what comes later changes none of them."""
    last_end = int(bar_ends(rows, base)[-1]) if len(rows) else 0
    return bars.between(None, last_end - 1)


def known_until(rows: Bars, base: Timeframe, seen: Bars, timeframe: Timeframe) -> Int64Array:
    """When what a row sees of another timeframe must have ended, Unix seconds [rows].

    That is the row's end. Days that end with a local midnight end with the latest one
    (`Bars.day_ends`), so of finer bars an hour less: before a change of the clocks that midnight
    is an hour earlier, and what follows it is the next day's. East of Greenwich the earliest one
    is told (`Bars.day_closes`), and counts for all except for days, weeks and months of the same
    place; of a week or month, which may be the newest and end after a change, an hour less.
    """
    ends = bar_ends(rows, base)
    if rows.day_closes < seen.day_closes:
        less = HOUR if seconds_of(base) > DAY else 0
        return ends - rows.day_ends + rows.day_closes - less
    is_intraday = seconds_of(timeframe) < DAY
    return ends - HOUR if rows.day_ends and is_intraday and is_finer(timeframe, base) else ends


def _missing(
    bars: Mapping[Timeframe, Bars], base: Timeframe, timeframe: Timeframe, newest: Int64Array
) -> BoolArray:
    ends = bar_ends(bars[timeframe], timeframe)
    until = known_until(bars[base], base, bars[timeframe], timeframe)
    return too_old(until, ends, newest, base)


def _newest(bars: Mapping[Timeframe, Bars], base: Timeframe, timeframe: Timeframe) -> Int64Array:
    ends = bar_ends(bars[timeframe], timeframe)
    return newest_closed_bar(known_until(bars[base], base, bars[timeframe], timeframe), ends)

"""Whether a file's bars go on with those that are stored, and what the series is then."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.market_data.bars import COLUMNS, VALUES, Bars, Float64Array, Int64Array
from training.market_data.report import as_text
from training.market_data.timeframes import HOUR, seconds_of
from training.strategy.values import Timeframe

LEAST_STEP = 0.9
"""Of a bar's length: February, and a day on which clocks change, are not that much shorter."""


class DoNotContinue(Exception):
    """Two bars of the same time differ, or bars would stand between others; says which."""


@dataclass(frozen=True, kw_only=True)
class Continued:
    """A series with what a file adds to it."""

    bars: Bars
    words: tuple[str, ...]
    """What is added, as sentences; empty where nothing is."""


@dataclass(frozen=True, kw_only=True)
class _Common:
    """Bars whose times are in both; all arrays are [common]."""

    times: Int64Array
    in_known: Int64Array
    in_newer: Int64Array
    differs: NDArray[np.bool_]


def put_together(known: Bars, newer: Bars, timeframe: Timeframe) -> Continued:
    """
    Stored bars with those that a file adds: later ones, earlier ones, missing ones.

    All bars of the same time have to be equal, except for the stored last one, which may have been
    running when it was stored: the file's takes its place.

    Args:
        known: at least one bar.
        newer: at least one bar.

    Raises:
        DoNotContinue
    """
    common = _common(known, newer)
    last_is_other = bool(common.differs.size and common.differs[-1])
    last_is_other = last_is_other and int(common.times[-1]) == int(known.times[-1])
    if common.differs.sum() > last_is_other:
        raise DoNotContinue(_difference(known, newer, common))
    added = np.ones(len(newer), np.bool_)
    added[common.in_newer] = False
    words = tuple(_words(known, newer.times[added], last_is_other=last_is_other))
    if last_is_other:
        added[common.in_newer[-1]] = True
    if newer.day_ends > known.day_ends:
        hours = newer.day_ends / HOUR
        words = (*words, f"from now on its days have ended {hours:g} h after midnight UTC")
    if newer.day_closes < known.day_closes:
        hours = -newer.day_closes / HOUR
        words = (*words, f"from now on its days see nothing of the {hours:g} h before midnight UTC")
    if not words:
        return Continued(bars=known, words=())
    bars = _merged(known.rows(slice(0, len(known) - last_is_other)), newer, added)
    _refuse_between(bars, known, newer, timeframe)
    return Continued(bars=bars, words=words)


def _common(known: Bars, newer: Bars) -> _Common:
    times, in_known, in_newer = np.intersect1d(
        known.times, newer.times, assume_unique=True, return_indices=True
    )
    differs = np.zeros(times.size, np.bool_)
    for name in VALUES:
        differs |= getattr(known, name)[in_known] != getattr(newer, name)[in_newer]
    return _Common(times=times, in_known=in_known, in_newer=in_newer, differs=differs)


def _merged(known: Bars, newer: Bars, added: NDArray[np.bool_]) -> Bars:
    columns: dict[str, Any] = {
        name: np.concatenate((getattr(known, name), getattr(newer, name)[added]))
        for name in COLUMNS
    }
    if not (np.diff(columns["times"]) > 0).all():
        order = np.argsort(columns["times"])
        columns = {name: column[order] for name, column in columns.items()}
    return Bars(**columns).with_days_of(known, newer)


def _words(known: Bars, added: Int64Array, *, last_is_other: bool) -> Iterator[str]:
    first, last = int(known.times[0]), int(known.times[-1])
    later, earlier = added[added > last], added[added < first]
    between = added.size - later.size - earlier.size
    if later.size:
        yield f"{_bars(later.size)} after {as_text(last)}, to {as_text(int(later[-1]))}"
        yield from _long_step(known, last, int(later[0]))
    if earlier.size:
        yield f"{_bars(earlier.size)} before {as_text(first)}, from {as_text(int(earlier[0]))}"
        yield from _long_step(known, int(earlier[-1]), first)
    if between:
        yield f"{_bars(between)} that were missing between stored ones"
    if last_is_other:
        yield f"the stored last bar, of {as_text(last)}, was another one and is replaced"


def _long_step(known: Bars, before: int, after: int) -> Iterator[str]:
    if len(known) > 1 and after - before > int(np.diff(known.times).max()):
        yield f"from {as_text(before)} to {as_text(after)} is a longer step than any before"


def _refuse_between(bars: Bars, known: Bars, newer: Bars, timeframe: Timeframe) -> None:
    """Bars of another grid, as of another zone, would stand between the stored ones."""
    steps = np.diff(bars.times)
    usual = [int(np.diff(one.times).min()) for one in (known, newer) if len(one) > 1]
    least = min(LEAST_STEP * seconds_of(timeframe), *usual, np.inf)
    row = int(steps.argmin()) if steps.size else 0
    if steps.size and steps[row] < least:
        before, after = (as_text(int(time)) for time in bars.times[row : row + 2])
        raise DoNotContinue(
            f"its bars would stand between stored ones: {after} would follow {before}"
        )


def _difference(known: Bars, newer: Bars, common: _Common) -> str:
    row = int(common.differs.argmax())
    stored, given = int(common.in_known[row]), int(common.in_newer[row])
    pairs = {name: (getattr(known, name)[stored], getattr(newer, name)[given]) for name in VALUES}
    name, (was, now) = next(item for item in pairs.items() if item[1][0] != item[1][1])
    return (
        f"of the {_bars(common.times.size)} that both have {int(common.differs.sum())} differ, "
        f"the first on {as_text(int(common.times[row]))} ({name} {_number(was)} stored, "
        f"{_number(now)} in the file)"
    )


def _number(value: Float64Array) -> str:
    return f"{float(value):.10g}"


def _bars(count: int) -> str:
    return f"{count} bar" if count == 1 else f"{count} bars"

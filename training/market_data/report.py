"""What was found in a file of market data, and what was repaired."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from training.market_data.bars import VALUES, Bars, Int64Array
from training.market_data.gaps import missing_bars
from training.market_data.reading.record import Reading
from training.market_data.reading.words import counted
from training.strategy.values import Timeframe

MAX_GAPS_LISTED = 20
REPEATED = 5
"""Bars in a row that repeat the one before: fewer may be chance."""
STRIKING_CHANGE = 0.5
"""From close to close, up; or back from there: a split, an error, or a wild market."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Bars that are missing between two that are there."""

    after: str
    """Open of the last bar before the gap, ISO 8601, UTC."""
    before: str
    """Open of the first bar after it."""
    num_missing: int
    """Bars between the two that are expected there: nights, lunch and weekends do not count."""


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """Rows, range, gaps and repairs of one symbol's file."""

    rows: int
    first: str
    """Open of the first bar, ISO 8601, UTC."""
    last: str
    num_gaps: int
    gaps: tuple[Gap, ...]
    """The longest ones, in time order."""
    duplicates_removed: int
    """Rows that repeated another row exactly."""
    rows_moved: int
    """Rows that stood after a later one and were sorted in."""
    day_ends: int = 0
    """`Bars.day_ends`, seconds after midnight UTC."""
    day_closes: int = 0
    """`Bars.day_closes`, seconds from midnight UTC, 0 or less."""
    notes: tuple[str, ...] = ()
    """Anything else worth knowing, as sentences."""
    first_written: str | None = None
    """What the file's clock showed at the first bar; None of a sample."""
    last_written: str | None = None
    reading: Reading | None = None
    """None of a sample; imports of 0.1.0 recorded none."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def describe(
    bars: Bars,
    timeframe: Timeframe,
    *,
    duplicates_removed: int = 0,
    rows_moved: int = 0,
    notes: tuple[str, ...] = (),
    written: tuple[str | None, str | None] = (None, None),
    reading: Reading | None = None,
) -> DataReport:
    """The report of some bars; at least one."""
    missing = missing_bars(bars.times, timeframe, reading.timezone if reading else None)
    rows = np.flatnonzero(missing)
    longest = rows[np.argsort(-missing[rows], kind="stable")[:MAX_GAPS_LISTED]]
    return DataReport(
        rows=len(bars),
        first=as_text(int(bars.times[0])),
        last=as_text(int(bars.times[-1])),
        num_gaps=rows.size,
        gaps=tuple(_gap(bars.times, missing, int(row)) for row in np.sort(longest)),
        duplicates_removed=duplicates_removed,
        rows_moved=rows_moved,
        day_ends=bars.day_ends,
        day_closes=bars.day_closes,
        notes=(*notes, *_oddities(bars)),
        first_written=written[0],
        last_written=written[1],
        reading=reading,
    )


def _gap(times: Int64Array, missing: Int64Array, row: int) -> Gap:
    return Gap(
        after=as_text(int(times[row])),
        before=as_text(int(times[row + 1])),
        num_missing=int(missing[row]),
    )


def as_text(seconds: int) -> str:
    """ISO 8601 with a Z; of midnight the date alone."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")


def _oddities(bars: Bars) -> tuple[str, ...]:
    notes = []
    outside = (np.maximum(bars.open, bars.close) > bars.high) | (
        np.minimum(bars.open, bars.close) < bars.low
    )
    if outside.any():
        notes.append(f"In {counted(outside.sum(), 'row')} open or close lies outside low to high.")
    if not bars.volume.any():
        notes.append("There is no volume: it counts as 0.")
    elif (idle := int((bars.volume == 0).sum())) > 0:
        notes.append(f"In {counted(idle, 'row')} the volume is 0.")
    return (*notes, *_repeated(bars), *_largest_change(bars))


def _repeated(bars: Bars) -> Iterator[str]:
    """Bars that were filled in, or a feed that stood still: none of their values moves."""
    same = np.ones(max(len(bars) - 1, 0), np.bool_)
    for name in VALUES:
        values = getattr(bars, name)
        same &= values[1:] == values[:-1]
    edges = np.diff(same.astype(np.int8), prepend=0, append=0)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if starts.size and (longest := int((ends - starts).max())) >= REPEATED:
        row = int(starts[(ends - starts).argmax()])
        first, last = (as_text(int(bars.times[at])) for at in (row, row + longest))
        yield (
            f"In {counted(same.sum(), 'row')} prices and volume are those of the bar before, the "
            f"longest time from {first} to {last}."
        )


def _largest_change(bars: Bars) -> Iterator[str]:
    """From close to close, where it is striking: of prices above 0."""
    before, after = bars.close[:-1], bars.close[1:]
    if not before.size or min(bars.close.min(), bars.low.min()) <= 0:
        return
    sizes = np.abs(np.log(after / before))
    row = int(sizes.argmax())
    if sizes[row] > np.log1p(STRIKING_CHANGE):
        change = after[row] / before[row] - 1
        when = as_text(int(bars.times[row + 1]))
        yield f"The largest change from close to close is {change:+.0%} on {when}."

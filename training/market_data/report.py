"""What was found in a file of market data, and what was repaired."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from training.market_data.bars import Bars, Int64Array
from training.market_data.calendar import month_of
from training.market_data.reading.record import Reading
from training.market_data.timeframes import DAY, HOUR, MONDAY, seconds_of
from training.strategy.values import Timeframe

MAX_GAPS_LISTED = 20
WEEKEND_SHARE = 0.15
"""Of bars on Saturdays and Sundays: 2/7 of a market that never closes, 1/60 of one that opens on
Sunday evening."""
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
    """Bars of the timeframe between the two; weekends do not count."""


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
    gaps = find_gaps(bars.times, timeframe)
    longest = sorted(gaps, key=lambda gap: -gap.num_missing)[:MAX_GAPS_LISTED]
    return DataReport(
        rows=len(bars),
        first=as_text(int(bars.times[0])),
        last=as_text(int(bars.times[-1])),
        num_gaps=len(gaps),
        gaps=tuple(sorted(longest, key=lambda gap: gap.after)),
        duplicates_removed=duplicates_removed,
        rows_moved=rows_moved,
        day_ends=bars.day_ends,
        day_closes=bars.day_closes,
        notes=(*notes, *_oddities(bars)),
        first_written=written[0],
        last_written=written[1],
        reading=reading,
    )


def find_gaps(times: Int64Array, timeframe: Timeframe) -> list[Gap]:
    """
    Missing bars, as far as they can be told without an exchange's calendar.

    Where bars stand on weekends as on other days, every bar that is missing is one. Elsewhere
    weekends are no gap, nor is one missing weekday (a holiday), nor the time between two days of an
    intraday timeframe (the exchange is closed).
    """
    length = seconds_of(timeframe)
    if timeframe == "1M":
        missing = np.diff(month_of(times + length // 2)) - 1
        found = missing > 0
    elif length > DAY or _never_closes(times):
        missing = (np.diff(times) + (HOUR if length >= DAY else 0)) // length - 1
        found = missing > 0
    else:
        missing = np.diff(_weekdays(times)) - 1
        found = missing > 1
        if length < DAY:
            within_a_day = (np.diff(times // DAY) == 0) & (np.diff(times) > length)
            missing = np.where(
                within_a_day, np.diff(times) // length - 1, missing * (DAY // length)
            )
            found = (found | within_a_day) & (missing > 0)
    return [
        Gap(
            after=as_text(int(times[row])),
            before=as_text(int(times[row + 1])),
            num_missing=int(missing[row]),
        )
        for row in np.flatnonzero(found)
    ]


def _never_closes(times: Int64Array) -> bool:
    on_weekend = (times - MONDAY) // DAY % 7 >= 5
    return bool(on_weekend.mean() > WEEKEND_SHARE)


def as_text(seconds: int) -> str:
    """ISO 8601 with a Z; of midnight the date alone."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")


def _weekdays(times: Int64Array) -> Int64Array:
    """Mondays to Fridays from the first Monday of 1970 to each time's day."""
    days = (times - MONDAY) // DAY
    return days // 7 * 5 + np.minimum(days % 7, 4)


def _oddities(bars: Bars) -> tuple[str, ...]:
    notes = []
    outside = (np.maximum(bars.open, bars.close) > bars.high) | (
        np.minimum(bars.open, bars.close) < bars.low
    )
    if outside.any():
        notes.append(f"In {outside.sum()} rows open or close lies outside low to high.")
    if not bars.volume.any():
        notes.append("There is no volume: it counts as 0.")
    elif (idle := int((bars.volume == 0).sum())) > 0:
        notes.append(f"In {idle} rows the volume is 0.")
    return (*notes, *_largest_change(bars))


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

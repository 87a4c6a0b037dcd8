"""Whether bars go on from others, so that both are one history."""

from dataclasses import dataclass

import numpy as np

from training.market_data.bars import VALUES, Bars, Int64Array
from training.market_data.report import as_text
from training.market_data.timeframes import seconds_of
from training.strategy.values import Timeframe


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Newer bars, after those that are known of the time before them."""

    bars: Bars
    apart: str | None
    """Why the two are not one history, so that `bars` are the newer ones alone; else None."""
    num_common: int
    """Bars that both have, all of them equal; 0 where they are apart."""


def join(known: Bars | None, newer: Bars, *, timeframe: Timeframe) -> Joined:
    """
    Put known bars before newer ones that continue them, or overlap them with equal bars.

    Bars continue others if they begin after their end, no later than the longest step among those:
    a weekend is no break, a missing month is one. What is known of the time after `newer` is left
    out. Days end as those of both do. `newer` has at least one bar.
    """
    apart = _apart(known, newer, timeframe)
    if known is None or apart is not None:
        bars = newer if known is None else newer.with_days_of(known, newer)
        return Joined(bars=bars, apart=apart, num_common=0)
    before = known.between(None, int(newer.times[0]) - 1)
    common = known.between(int(newer.times[0]), int(newer.times[-1]))
    return Joined(bars=before.followed_by(newer), apart=None, num_common=len(common))


def _apart(known: Bars | None, newer: Bars, timeframe: Timeframe) -> str | None:
    if known is None or not len(known):
        return "there is none"
    first, last = int(newer.times[0]), int(newer.times[-1])
    if last < known.times[0]:
        return f"that begins on {as_text(int(known.times[0]))}, after its last bar"
    if first > known.times[-1]:
        return _hole(known, first, timeframe)
    theirs = known.between(first, last)
    ours = newer.between(int(known.times[0]), int(known.times[-1]))
    return None if ours.has_rows_of(theirs) else _difference(theirs, ours)


def _hole(known: Bars, first: int, timeframe: Timeframe) -> str | None:
    longest = int(np.diff(known.times, prepend=known.times[0] - seconds_of(timeframe)).max())
    end = int(known.times[-1])
    if first - end <= longest:
        return None
    return f"that ends on {as_text(end)}, and its first bar is of {as_text(first)}"


def _difference(theirs: Bars, ours: Bars) -> str:
    """How many bars differ in the time that both cover, those that only one has included."""
    shared, in_theirs, in_ours = np.intersect1d(theirs.times, ours.times, return_indices=True)
    differs = np.zeros(shared.size, np.bool_)
    for name in VALUES:
        values, others = getattr(theirs, name), getattr(ours, name)
        differs |= values[in_theirs] != others[in_ours]
    of_one: Int64Array = np.setxor1d(theirs.times, ours.times)
    different = np.sort(np.concatenate([shared[differs], of_one]))
    return (
        f"of the {shared.size + of_one.size} bars in the time that both cover {different.size} "
        f"differ, the first on {as_text(int(different[0]))}"
    )

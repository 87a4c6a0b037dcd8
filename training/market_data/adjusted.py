"""Whether a history is another one adjusted again, as vendors do after splits and dividends."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.market_data.bars import Bars, Float64Array
from training.market_data.report import as_text

PRICES = ("open", "high", "low", "close")
DECIMALS = range(2, 9)
"""To which prices are rounded; those of a computation are not."""
_ERROR = 3e-7
"""Relative, of prices that were computed in 32 bits."""
_MOST_PLAY = 1.02
"""Between the ratios that a usual bar allows: cents of a few cents could be anything's."""
_LEAST_BARS = 3
"""Of one ratio, on average: months have three from dividend to dividend."""
_LEAST_IN_A_ROW = 2
"""Else each wrong bar would be an adjustment."""
_DIGITS = 10


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Bars of which every price is another's times one ratio."""

    first: int
    """Open of the first of them, Unix seconds."""
    last: int
    ratio: float
    """The shortest number that explains all of them: 1 where the prices are equal."""


def adjustment(known: Bars, newer: Bars) -> tuple[Stretch, ...] | None:
    """
    The ratios by which the prices of newer bars are those of known ones, as both round them.

    The last of the known bars is left out: it may have been running.

    Args:
        known: bars, at least one.
        newer: bars, at least one; those of the same times are compared.

    Returns:
        The stretches, in time order; None where ratios do not explain all the bars, or all is 1.
    """
    times, in_known, in_newer = np.intersect1d(
        known.times[:-1], newer.times, assume_unique=True, return_indices=True
    )
    before = [getattr(known, name)[in_known] for name in PRICES]
    after = [getattr(newer, name)[in_newer] for name in PRICES]
    if times.size < _LEAST_BARS or any((prices <= 0).any() for prices in (*before, *after)):
        return None
    lowest, highest = _bounds(before, after)
    if np.median(highest / lowest) > _MOST_PLAY:
        return None
    found = []
    for first, last, low, high in _stretches(lowest, highest):
        one = Stretch(first=int(times[first]), last=int(times[last]), ratio=_shortest(low, high))
        found.append(one)
        is_too_short = one.ratio != 1 and last - first + 1 < _LEAST_IN_A_ROW
        if low > high or is_too_short or len(found) * _LEAST_BARS > times.size:
            return None
    return tuple(found) if any(one.ratio != 1 for one in found) else None


def adjustment_told(known: Bars, newer: Bars, *, those: str = "the stored ones") -> str | None:
    """
    The adjustment in words, a sentence without its full stop; None where there is none.

    `those` are what the known bars are called.
    """
    found = adjustment(known, newer)
    if found is None:
        return None
    changed = [one for one in found if one.ratio != 1]
    last = changed[-1]
    if len(changed) == 1:
        ratios = f"{those} times {last.ratio:g} from {as_text(last.first)}"
    else:
        least, most = (pick(one.ratio for one in changed) for pick in (min, max))
        first = as_text(changed[0].first)
        ratios = f"{those} times {len(changed)} ratios ({least:g} to {most:g}) from {first}"
    return (
        f"its history was adjusted again, as after a split or dividend: open, high, low and close "
        f"are {ratios} to {as_text(last.last)}"
    )


def _bounds(
    before: list[Float64Array], after: list[Float64Array]
) -> tuple[Float64Array, Float64Array]:
    """By bar the least and the greatest ratio that its four prices allow, [bars] each."""
    of_known, of_newer = _unit(before) / 2, _unit(after) / 2
    pairs = list(zip(before, after, strict=True))
    low = [(new * (1 - _ERROR) - of_newer) / (old + of_known) for old, new in pairs]
    high = [(new * (1 + _ERROR) + of_newer) / (old - of_known) for old, new in pairs]
    return np.maximum.reduce(low), np.minimum.reduce(high)


def _unit(prices: list[Float64Array]) -> float:
    """What prices are rounded to, 0.01 at most; 0 where they are not."""
    units = (10.0**-decimals for decimals in DECIMALS)
    return next((unit for unit in units if all(_is_whole(one / unit) for one in prices)), 0.0)


def _is_whole(values: Float64Array) -> bool:
    return bool((np.abs(values - np.round(values)) <= _ERROR * values).all())


def _stretches(
    lowest: Float64Array, highest: Float64Array
) -> Iterator[tuple[int, int, float, float]]:
    """First and last bar of each, as long as one ratio goes, and the bounds of that."""
    start = 0
    while start < lowest.size:
        length, low, high = _longest(lowest, highest, start)
        yield start, start + length - 1, low, high
        start += length


def _longest(lowest: Float64Array, highest: Float64Array, start: int) -> tuple[int, float, float]:
    """Looks at twice as many bars each time, so that all stretches together cost one look."""
    looked = 64
    while True:
        low = np.maximum.accumulate(lowest[start : start + looked])
        high = np.minimum.accumulate(highest[start : start + looked])
        apart = np.flatnonzero(low > high)
        if apart.size or start + looked >= lowest.size:
            length = max(1, int(apart[0]) if apart.size else low.size)
            return length, float(low[length - 1]), float(high[length - 1])
        looked *= 2


def _shortest(low: float, high: float) -> float:
    """The number with the fewest digits between the two."""
    if low <= 1 <= high:
        return 1.0
    middle = (low + high) / 2
    rounded = (float(f"{middle:.{digits}g}") for digits in range(1, _DIGITS))
    return next((number for number in rounded if low <= number <= high), middle)

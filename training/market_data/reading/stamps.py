"""Whether a time is the open or the close of its bar."""

import numpy as np

from training.market_data.bars import Int64Array
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.record import About, By
from training.market_data.reading.times import Times
from training.market_data.reading.words import clock_face
from training.market_data.timeframes import DAY, MINUTE, MONDAY, seconds_of
from training.strategy.values import Timeframe

_LAST_SECOND = MINUTE - 1


def open_times(
    times: Int64Array, read: Times, ledger: Ledger, timeframe: Timeframe, *, is_close: bool
) -> Int64Array:
    """
    Opens of bars in time order.

    A close makes its bar begin one length before it, or where the bar before it closes. A week
    that is dated by its last day begins six days before that.

    Args:
        times: Unix seconds [rows], ascending.
        is_close: the column of the times says that they are closes.

    Raises:
        MarketDataInvalid: weeks are dated by another day than Monday, and nobody said which of
            their days that is.
    """
    ends_late = bool(times.size) and bool((times % MINUTE == _LAST_SECOND).all())
    if timeframe == "1w" and not ends_late and not is_close:
        return _weeks(times, ledger)
    proved = "close" if is_close or ends_late else None
    settled = ledger.settle(About.STAMPS, proved=proved, default="open")
    assert settled is not None  # there is a default
    stamps, by = settled
    ledger.decide(About.STAMPS, stamps, by, _words(stamps, by))
    if stamps == "open":
        return times
    return _opened(times, seconds_of(timeframe), has_clock=read.has_clock)


def _words(stamps: str, by: By) -> str:
    assumed = ": an assumption, which --stamps close replaces" if by == By.DEFAULT else ""
    return f"a time is the {stamps} of its bar{assumed}"


def _opened(times: Int64Array, length: int, *, has_clock: bool) -> Int64Array:
    closes = times + (times % MINUTE == _LAST_SECOND)  # 9:59:59 and 9:59:59.999 mean 10:00
    if length >= DAY and not has_clock:
        closes = closes + DAY  # a date closes with its day
    opens: Int64Array = closes - length
    opens[1:] = np.maximum(opens[1:], closes[:-1])
    return opens


def _weeks(times: Int64Array, ledger: Ledger) -> Int64Array:
    """A week keeps its own first day; only Monday needs no word."""
    is_monday = (times - MONDAY) // DAY % 7 == 0
    settled = ledger.settle(About.STAMPS, proved=None, default="open" if is_monday.all() else None)
    if settled is None:
        first = int(times[np.flatnonzero(~is_monday)[0]])
        dated = clock_face(first)[:10]
        after, before = clock_face(first + 6 * DAY)[:10], clock_face(first - 6 * DAY)[:10]
        return ledger.refuse(
            f"its weeks are not dated by their Monday: with --stamps open {dated} is the week from "
            f"that day to {after}, with --stamps close the one from {before} to that day"
        )
    stamps, by = settled
    day = "last" if stamps == "close" else "first"
    assumed = ": an assumption, which --stamps close replaces" if by == By.DEFAULT else ""
    ledger.decide(About.STAMPS, stamps, by, f"a week is dated by its {day} day{assumed}")
    return times - 6 * DAY if stamps == "close" else times

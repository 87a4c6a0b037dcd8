"""Whether a time is the open or the close of its bar."""

from typing import NoReturn

import numpy as np

from training.market_data.bars import Int64Array
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.record import About, By
from training.market_data.reading.times import Times
from training.market_data.reading.words import clock_face
from training.market_data.timeframes import DAY, MINUTE, later, period_start, seconds_of
from training.strategy.values import Timeframe

_LAST_SECOND = MINUTE - 1
HALF_HOUR = 30 * MINUTE
LEAST_LENGTH = 5 * MINUTE
"""Of bars that may be dated by their last minute."""
LEAST_BARS = 3


def open_times(
    times: Int64Array, read: Times, ledger: Ledger, timeframe: Timeframe, *, is_close: bool
) -> Int64Array:
    """
    Opens of bars in time order.

    A close makes its bar begin one length before it, or where the bar before it closes. A week
    that is dated by its last day begins six days before that, a month where the one before ends.

    Args:
        times: Unix seconds [rows], ascending.
        is_close: the column of the times says that they are closes.

    Raises:
        MarketDataInvalid: weeks are dated by another day than Monday, or months than the first,
            and nobody said which of their days that is.
    """
    ends_late = bool(times.size) and bool((times % MINUTE == _LAST_SECOND).all())
    if timeframe in ("1w", "1M") and not ends_late and not is_close:
        return _dated(times, ledger, timeframe)
    proved = "close" if is_close or ends_late else None
    asks = _is_last_minute(times, timeframe)
    settled = ledger.settle(About.STAMPS, proved=proved, default=None if asks else "open")
    if settled is None:
        ledger.refuse(
            f"its bars are dated by the minute before a full or half hour, or before the next one "
            f"({clock_face(int(times[0]))} UTC): with --stamps close they end with that minute, "
            "with --stamps open they begin there"
        )
    stamps, by = settled
    ledger.decide(About.STAMPS, stamps, by, _words(stamps, by))
    if stamps == "open":
        return times
    return _opened(times, timeframe, has_clock=read.has_clock)


def _is_last_minute(times: Int64Array, timeframe: Timeframe) -> bool:
    """Whether all times are one minute before a bar of the timeframe might begin."""
    length = min(seconds_of(timeframe), HALF_HOUR)
    is_long = seconds_of(timeframe) >= LEAST_LENGTH and times.size >= LEAST_BARS
    return is_long and bool(((times + MINUTE) % length == 0).all())


def _words(stamps: str, by: By) -> str:
    assumed = ": an assumption, which --stamps close replaces" if by == By.DEFAULT else ""
    return f"a time is the {stamps} of its bar{assumed}"


def _opened(times: Int64Array, timeframe: Timeframe, *, has_clock: bool) -> Int64Array:
    closes = times + (times % MINUTE == _LAST_SECOND)  # 9:59:59 and 9:59:59.999 mean 10:00
    if _is_last_minute(closes, timeframe):
        closes = closes + MINUTE  # and so does 9:59
    if seconds_of(timeframe) >= DAY and not has_clock:
        closes = closes + DAY  # a date closes with its day
    opens = later(closes, timeframe, -1)
    opens[1:] = np.maximum(opens[1:], closes[:-1])
    return opens


def _dated(times: Int64Array, ledger: Ledger, timeframe: Timeframe) -> Int64Array:
    """A week or a month keeps its own first day; only Monday, or the first, needs no word."""
    noun, first_day = ("week", "Monday") if timeframe == "1w" else ("month", "first day")
    is_first = period_start(times, timeframe) == times // DAY * DAY
    settled = ledger.settle(About.STAMPS, proved=None, default="open" if is_first.all() else None)
    if settled is None:
        return _ask(times[~is_first][:1], ledger, timeframe, noun, first_day)
    stamps, by = settled
    day = "last" if stamps == "close" else "first"
    assumed = ": an assumption, which --stamps close replaces" if by == By.DEFAULT else ""
    ledger.decide(About.STAMPS, stamps, by, f"a {noun} is dated by its {day} day{assumed}")
    if stamps == "open":
        return times
    if timeframe == "1w":
        return times - 6 * DAY
    return _opened(times // DAY * DAY, timeframe, has_clock=False)


def _ask(
    dated: Int64Array, ledger: Ledger, timeframe: Timeframe, noun: str, first_day: str
) -> NoReturn:
    """Refuse with both readings of the first that is dated otherwise."""
    after, before = later(dated, timeframe) - DAY, later(dated + DAY, timeframe, -1)
    day, last, first = (clock_face(int(time[0]))[:10] for time in (dated, after, before))
    ledger.refuse(
        f"its {noun}s are not dated by their {first_day}: with --stamps open {day} is the {noun} "
        f"from that day to {last}, with --stamps close the one from {first} to that day"
    )

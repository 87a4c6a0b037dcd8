"""What the tables of difficult files are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from tests.training.market_data.writing import (
    DAY,
    HEADER,
    HOUR,
    Row,
    csv,
    local,
    rows,
    shifted,
)
from training.strategy.values import Timeframe

NEW_YORK = "America/New_York"


@dataclass(frozen=True, kw_only=True)
class Difficult:
    """One file."""

    id: str
    content: bytes
    timeframe: Timeframe = "1d"
    options: str = ""
    file: str = "prices.csv"
    bars: Sequence[Row] | None = None
    """What has to be read; None of what is refused."""
    words: str = ""
    """What the report, or the refusal, has to say."""
    has_volume: bool = True


def refused(
    id: str, content: bytes, words: str, timeframe: Timeframe = "1d", options: str = ""
) -> Difficult:
    return Difficult(id=id, content=content, words=words, timeframe=timeframe, options=options)


def taken(
    id: str, content: bytes, bars: Sequence[Row], words: str = "", timeframe: Timeframe = "1d",
    options: str = "", **more: object,
) -> Difficult:  # fmt: skip
    return Difficult(
        id=id, content=content, bars=bars, words=words, timeframe=timeframe, options=options, **more
    )  # type: ignore[arg-type]


DAYS = rows()
HOURS = rows(step=HOUR, count=40)
JUNE = [row for row in rows("2024-06-03 09:00", step=HOUR, count=232) if 9 <= row.time.hour < 16]
MINUTES = rows("2024-06-03 09:00", step=timedelta(minutes=1), count=40)
FIVE = rows("2024-01-02 09:00", step=timedelta(minutes=5), count=40)
WEEKS = rows("2024-01-05", step=7 * DAY, count=30)
THREE = rows("2024-01-01", step=3 * HOUR, count=40, weekends=True)
AUTUMN = rows("2024-11-02 20:00", step=HOUR, count=14, zone=NEW_YORK)
DMY_CLOCK, ISO_CLOCK = "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S"


def lines(
    header: str,
    line: Callable[[Row], Sequence[object]],
    bars: Sequence[Row] = DAYS,
    mark: str = ",",
) -> bytes:
    return csv(header, line, bars, mark=mark)


def session(length: timedelta, *starts: str) -> list[Row]:
    """Bars of some mornings: a short first one at 14:30, then at every full hour."""
    made = []
    for start in starts:
        first, *rest = rows(start, step=HOUR, count=7)
        made += [first, *shifted(rest, timedelta(minutes=-30))]
    return made


STUBS = session(
    HOUR, "2014-01-02 14:30", "2014-01-03 14:30", "2014-01-06 14:30", "2014-01-07 14:30"
)
RUNNING = [*HOURS[:8], replace(HOURS[8], time=HOURS[7].time + timedelta(minutes=37, seconds=12))]
THOUSANDS = rows(price=18.0, places=3)
WHOLE = [
    replace(
        row,
        **{name: getattr(row, name).replace(".", "") for name in ("open", "high", "low", "close")},
    )
    for row in THOUSANDS
]
NULLED = csv(
    HEADER,
    lambda row: (
        local(row, "UTC", "%Y-%m-%d"),
        *(["null"] * 5 if row is DAYS[7] else [*row.prices, row.volume]),
    ),
    DAYS,
)
WITHOUT_7 = [row for row in DAYS if row is not DAYS[7]]
ZEROS = csv(
    HEADER,
    lambda row: (
        local(row, "UTC", "%Y-%m-%d"),
        *([0] * 5 if row is DAYS[7] else [*row.prices, row.volume]),
    ),
    DAYS,
)
CLOSES = shifted(FIVE, timedelta(minutes=5))
OIL = [*DAYS[:9], replace(DAYS[9], low="-40.32", close="-37.63"), *DAYS[10:]]

BEFORE_1970 = rows("1965-01-04")

"""One form of a vendor's files, and what the tables of them are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from tests.training.market_data.writing import (
    HOUR,
    Row,
    rows,
)
from training.strategy.values import Timeframe

NEW_YORK = "America/New_York"


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """One form of a vendor's files."""

    name: str
    file: str
    """Its name, as downloaded."""
    content: Callable[[Sequence[Row]], bytes]
    bars: Sequence[Row]
    """What has to be read of it."""
    timeframe: Timeframe = "1d"
    options: str = ""
    """Beside `--symbol` and `--timeframe`."""
    said: str = ""
    """Words that the report has to have."""
    has_volume: bool = True


def epoch(row: Row, factor: int = 1) -> int:
    return int(row.time.timestamp()) * factor


DAYS = rows()
HOURS = rows(step=HOUR, count=60)
NY_HOURS = rows("2024-01-02 09:00", step=HOUR, count=60, zone=NEW_YORK)
MINUTES = rows("2024-01-02 14:30", step=timedelta(minutes=1), count=60)
CENTS = rows(places=2, price=2900.0)


def german(value: str) -> str:
    return f"{float(value):,.2f}".translate(str.maketrans(",.", ".,"))


def server(row: Row, form: str) -> str:
    """Seven hours ahead of New York, all year."""
    clock = row.time.astimezone(ZoneInfo(NEW_YORK)).replace(tzinfo=None)
    return (clock + 7 * HOUR).strftime(form)

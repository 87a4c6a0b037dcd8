"""Look at stored bars while a page or a program waits.

A short series is read right here, as quick as a row of the database; a long one in the room for
bounded work, for its file has to be read and compared with its fingerprint whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.module_loading import import_string

from operations.bounded.errors import NoAnswer, OverLimit
from operations.bounded.visit import Visit
from operations.bounded.work import Work
from training.bounded_work import CANDLES, EXPORT, ROOM, ROWS
from training.market_data.catalog import CatalogEntry, list_market_data
from training.market_data.errors import SeriesNotFound, TooManyBars
from training.market_data.looking.candles import Candles
from training.market_data.looking.downloads import DOWNLOADS

User = AbstractBaseUser | AnonymousUser

SHORT = 100_000
"""Rows: 5 MB, read and compared within 20 ms."""
MOST_EXPORTED = 5_000_000
"""Rows of one file: 0.4 GB as CSV, on the disk until they are sent."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What somebody wants to see."""

    series: CatalogEntry
    user: User
    visit: Visit
    start: int | None = None
    """Of the first bar's open, Unix seconds; None where it is open, as `end`."""
    end: int | None = None


def find_series(symbol: str, timeframe: str) -> CatalogEntry:
    """Raises `SeriesNotFound`."""
    for entry in list_market_data(symbol):
        if entry.timeframe == timeframe:
            return entry
    raise SeriesNotFound(symbol=symbol, timeframe=timeframe)


def ask_candles(look: Look) -> Candles:
    """Raises `TooManyBars`, `TooBusy`, and as `load_bars`."""
    return Candles(**_done(CANDLES, look))


def ask_rows(look: Look, *, limit: int) -> Mapping[str, Any]:
    """As `process.rows`. Raises as `ask_candles`."""
    found: Mapping[str, Any] = _done(ROWS, look, limit=limit)
    return found


@dataclass(frozen=True, kw_only=True)
class Export:
    file: IO[bytes]
    """At its beginning; closing it deletes it."""
    size_bytes: int
    sha256: str


def ask_export(look: Look, *, format: str) -> Export:
    """Bars as a file. Raises `TooManyDownloads`, and as `ask_candles`."""
    with (
        DOWNLOADS.taken(look.user.pk) as keep,
        TemporaryDirectory(prefix="ktrdr-export-") as folder,
    ):
        path = Path(folder) / "bars"
        written = _done(EXPORT, look, path=str(path), format=format, limit=MOST_EXPORTED)
        return Export(file=keep(path), **written)


def _done(work: Work, look: Look, **more: Any) -> Any:
    asked = {
        "symbol": look.series.symbol,
        "timeframe": look.series.timeframe,
        "start": look.start,
        "end": look.end,
        **more,
    }
    if look.series.report["rows"] <= SHORT:
        return import_string(work.function)(asked, _nobody)
    try:
        return ROOM.run(work, asked, user=look.user.pk, visit=look.visit)
    except OverLimit as error:
        raise TooManyBars(reason=f"Here {error.reason}.") from error
    except NoAnswer as error:
        raise TooManyBars(reason="It ended in an error, which the site's log tells.") from error


def _nobody(step: str) -> None:
    """Nobody is told of steps."""

"""Which column of a file is which."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# Names as `_plain` leaves them; of several that a file has, the first one listed counts
TIME_NAMES = ("datetime", "timestamp", "open_time", "gmt_time", "date", "time", "index", "unix")
PRICE_NAMES: dict[str, tuple[str, ...]] = {
    "open": ("open", "open_price", "o"),
    "high": ("high", "high_price", "h"),
    "low": ("low", "low_price", "l"),
    "close": ("close", "close_last", "close_price", "last", "c"),
}
VOLUME_NAMES = ("volume", "vol", "v", "tick_volume", "tickvol")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A file's own names of the columns that are read."""

    time: str
    clock: str | None
    """The time of day, where a file keeps it apart from the date."""
    open: str
    high: str
    low: str
    close: str
    volume: str | None


def find_columns(names: Sequence[str]) -> Columns:
    """
    Recognise common names, whatever their case and punctuation.

    Adjusted closes are left aside: mixed with unadjusted opens they would invent gaps.

    Raises:
        ValueError: columns are missing, with all that are there.
    """
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(_plain(name), name)
    found = {key: _first(plain, known) for key, known in PRICE_NAMES.items()}
    time = _first(plain, TIME_NAMES)
    missing = [key for key, name in {"date": time, **found}.items() if name is None]
    if missing:
        raise ValueError(
            f"there is no column for {', '.join(missing)}; the columns are "
            f"{', '.join(name.strip() or '(unnamed)' for name in names[:20])}"
        )
    clock = plain.get("time") if time == plain.get("date") else None
    prices = {key: name for key, name in found.items() if name is not None}
    return Columns(time=time or "", clock=clock, volume=_first(plain, VOLUME_NAMES), **prices)


def _plain(name: str) -> str:
    """`<TICKVOL>` as tickvol, `Gmt time` as gmt_time, `1. open` as open."""
    words = re.sub(r"[^a-z0-9]+", " ", name.lower()).split()
    return "_".join(word for word in words if not word.isdecimal())


def _first(plain: dict[str, str], known: Collection[str]) -> str | None:
    return next((plain[name] for name in known if name in plain), None)

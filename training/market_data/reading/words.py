"""Numbers, times and lengths in words."""

from datetime import UTC, datetime

_UNITS = ((604_800, "weeks"), (86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))


def duration(seconds: int) -> str:
    """`3 h`, `37 min 12 s`, `1 day`."""
    parts = []
    for size, unit in _UNITS[1:]:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(
                f"{count} {unit.removesuffix('s') if unit == 'days' and count == 1 else unit}"
            )
    return " ".join(parts) or "0 s"


def day(seconds: int) -> str:
    """`3 June 2024`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%-d %B %Y}"


def clock_face(seconds: int) -> str:
    """`2024-06-03 09:00:00`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def counted(count: int, noun: str) -> str:
    """`1 row`, `3,000 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

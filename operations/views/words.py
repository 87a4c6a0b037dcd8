"""How the dashboard writes sizes, durations and other numbers."""

from datetime import timedelta

from operations.summaries import COUNT_AT_MOST

NOTHING = "—"  # where there is no value


def size(num_bytes: float | None) -> str:
    """`2.1 MB`, in powers of ten, as disks and file managers count."""
    if num_bytes is None:
        return NOTHING
    value = float(num_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def duration(length: timedelta | float | None) -> str:
    """`4.2 s`, `3 min 07 s`, `2 h 05 min`, `3 d 04 h`. Seconds, or a timedelta."""
    if length is None:
        return NOTHING
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if hours == 0:
        return f"{minutes} min {int(seconds % 60):02} s"
    if days == 0:
        return f"{hours} h {minutes % 60:02} min"
    return f"{days} d {hours % 24:02} h"


def capped(number: int) -> str:
    return f"{COUNT_AT_MOST:,}+" if number > COUNT_AT_MOST else f"{number:,}"


def epochs_done(epoch: int | None) -> int:
    """Of the last completed epoch, counted from 0."""
    return 0 if epoch is None else epoch + 1


def metric(value: object) -> str:
    """Four significant digits: more says nothing that a person can compare.

    What its worker never reported is no number: templates give a missing key as an empty string.
    """
    return f"{value:#.4g}" if isinstance(value, int | float) else NOTHING


def grouped(number: object) -> str:
    return f"{number:,.0f}" if isinstance(number, int | float) else NOTHING

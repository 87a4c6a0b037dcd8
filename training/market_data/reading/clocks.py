"""A time of day in a column of its own."""

import polars as pl

_SHAPE = r"^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: *[AaPp]\.?[Mm]\.?)?$"
_DIGITS = r"^\d{1,6}$"
_MIDNIGHT = r"[T ]+0?0:00(?::00(?:\.0+)?)?$"


def is_clock(sample: pl.Series) -> bool:
    """Whether texts are times of day, like 9:30, 09:30:00 or 930, and nothing else."""
    texts = sample.drop_nulls()
    if texts.is_empty():
        return False
    is_written = texts.str.contains(_SHAPE)
    if is_written.all():
        return True
    if not (is_written | texts.str.contains(_DIGITS)).all():
        return False
    padded = _padded(texts)
    hours, minutes, seconds = (
        padded.str.slice(at, 2).cast(pl.Int64, strict=False).fill_null(0) for at in (0, 2, 4)
    )
    return bool((hours <= 24).all() and (minutes < 60).all() and (seconds < 60).all())


def with_clock(dates: pl.Series, clocks: pl.Series) -> pl.Series:
    """One text of a date and a time of day; a date that says midnight beside it is a date."""
    has_marks = clocks.str.contains(":", literal=True).fill_null(value=False)
    clocks = clocks.zip_with(has_marks, _padded(clocks))
    frame = pl.DataFrame({"date": dates.str.replace(_MIDNIGHT, ""), "clock": clocks})
    return frame.select(pl.format("{} {}", "date", "clock")).to_series()


def _padded(clocks: pl.Series) -> pl.Series:
    """
    0 and 930 as 0000 and 0930; where seconds are written, 93000 as 093000.

    Where none has more than two digits they are hours: 9 as 0900.
    """
    digits = clocks.str.replace_all(r"\.0$", "")
    longest = digits.str.len_chars().max()
    if isinstance(longest, int) and longest <= 2:
        return digits.str.pad_start(2, "0") + "00"
    width = 6 if isinstance(longest, int) and longest > 4 else 4
    return digits.str.pad_start(width, "0")

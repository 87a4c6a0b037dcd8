"""Dates and times of files as Unix seconds, UTC."""

from typing import NamedTuple

import polars as pl

from training.market_data.timeframes import DAY

_CLOCK = (
    r"(?:[T ]+(?<hour>\d{1,2}):?(?<minute>\d{2})(?::?(?<second>\d{2})(?:\.\d+)?)?"
    r" *(?<half>[AaPp][Mm])? *(?<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = rf"^(?<year>\d{{4}})[-./](?<month>\d{{1,2}})[-./](?<day>\d{{1,2}}){_CLOCK}$"
_COMPACT = rf"^(?<year>\d{{4}})(?<month>\d{{2}})(?<day>\d{{2}}){_CLOCK}$"
_MONTH_FIRST = rf"^(?<month>\d{{1,2}})/(?<day>\d{{1,2}})/(?<year>\d{{4}}){_CLOCK}$"
_DAY_FIRST = rf"^(?<day>\d{{1,2}})[-./](?<month>\d{{1,2}})[-./](?<year>\d{{4}}){_CLOCK}$"
_FORMS = (_YEAR_FIRST, _COMPACT, _MONTH_FIRST, _DAY_FIRST)

SAMPLE_ROWS = 2000
"""Rows that decide which form a column has."""

_EPOCH = r"^\d{9,19}$"
_EPOCH_DIGITS = 11  # Unix seconds until the year 5138; more digits are finer units


class Times(NamedTuple):
    """A column of dates and times, read."""

    seconds: pl.Series
    """int64, null where a text is no time, or not exactly one in the zone."""
    needed_zone: bool
    """Whether some were read in the zone that was given; others say their own, or are dates."""


def unix_seconds(texts: pl.Series, *, timezone: str, whole_days: bool) -> Times:
    """
    Read dates and times in whichever common form fits most of them.

    ISO dates and times, 1/31/1999 (US; day first if a month above 12 shows it), 31.1.1999,
    19990131, each with or without a time of day, AM or PM and an offset; and Unix time in
    seconds to nanoseconds.

    Args:
        texts: the column as text.
        timezone: IANA name of the zone of times without an offset.
        whole_days: bars last a day or longer, so midnight anywhere means that date.
    """
    texts = texts.str.strip_chars()
    if len(texts) > texts.null_count() == 0 and texts.str.contains(_EPOCH).all():
        return Times(_from_epoch(texts), needed_zone=False)
    sample = texts.gather_every(len(texts) // SAMPLE_ROWS + 1)  # of all years, so of all days

    def unread(form: str) -> int:
        return _from_form(sample, form, timezone, whole_days).seconds.null_count()

    return _from_form(texts, min(_FORMS, key=unread), timezone, whole_days)


def _from_epoch(texts: pl.Series) -> pl.Series:
    longest = texts.str.len_chars().max()
    assert isinstance(longest, int)  # `contains` was true of every text
    thousands = -(-max(0, longest - _EPOCH_DIGITS) // 3)
    seconds: pl.Series = texts.cast(pl.Int64) // 1000**thousands
    return seconds


def _from_form(texts: pl.Series, form: str, timezone: str, whole_days: bool) -> Times:
    parts = texts.str.extract_groups(form).struct.unnest()
    written = parts.select(_moment().alias("moment")).to_series()
    zoned = written.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    moments = pl.DataFrame(
        {
            "written": written.dt.epoch("s"),
            "zoned": zoned.dt.epoch("s"),
            "offset": parts["offset"],
        }
    )
    is_date = (pl.col("written") % DAY == 0) & pl.lit(whole_days)
    is_local = pl.col("offset").is_null() & ~is_date
    seconds = (
        pl.when(is_date)
        .then(pl.col("written"))
        .when(is_local)
        .then(pl.col("zoned"))
        .otherwise(pl.col("written") - _offset_seconds())
    )
    read = moments.select(seconds=seconds, is_local=is_local)
    return Times(read["seconds"], needed_zone=bool(read["is_local"].any()))


def _moment() -> pl.Expr:
    """The local time of the parts, null where there is none such."""
    hour = pl.col("hour").cast(pl.Int64).fill_null(0)
    half = pl.col("half").str.to_lowercase()
    hour = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + 12 * (half == "pm"))
    date = [pl.col("year"), pl.col("month"), pl.col("day")]
    clock = [hour.cast(pl.String), *(pl.col(name).fill_null("0") for name in ("minute", "second"))]
    text = pl.format("{}-{}-{} {}:{}:{}", *date, *clock)
    return text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)


def _offset_seconds() -> pl.Expr:
    digits = pl.col("offset").str.replace(":", "").str.extract(r"[+-](\d{4})").cast(pl.Int64)
    seconds = (digits // 100 * 3600 + digits % 100 * 60).fill_null(0)
    return pl.when(pl.col("offset").str.starts_with("-")).then(-seconds).otherwise(seconds)

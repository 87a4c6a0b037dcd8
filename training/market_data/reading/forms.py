"""How dates and times are written, and what the clock showed."""

from dataclasses import dataclass

import polars as pl

from training.market_data.reading.zones import is_zone

_CLOCK = (
    r"(?:(?:T|,? +|SEP)(?<hour>\d{1,2})(?::?(?<minute>\d{2})(?::?(?<second>\d{2})"
    r"(?:[.,](?<fraction>\d+))?)?)?(?:[ -]*(?<half>[AaPp])\.?[Mm]\b\.?)?)?"
    r" *(?<offset>Z|z|(?:UTC|GMT|utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{3,4})?"
    r"(?: *(?<zone>[A-Za-z]+(?:/[A-Za-z_]+(?:[+-]\d+)?)+))?(?:\[[^\]]*\])?(?: *\([^)]*\))?$"
)
_WEEKDAY = r"^(?:(?:[A-Za-z]{2,9})\.?,? +)?"
_MONTH = r"(?<month>\p{L}{3,9})"


def _form(date: str, between: str = "-") -> str:
    return date + _CLOCK.replace("SEP", between)


YEAR_FIRST = "year first"
COMPACT = "digits without marks"
NUMERIC = "three numbers"
UNIX = "Unix time"

_PATTERNS = {
    YEAR_FIRST: _form(r"^(?<year>\d{4})[-./](?<month>\d{1,2})[-./](?<day>\d{1,2})"),
    COMPACT: _form(r"^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})", "-?"),
    NUMERIC: _form(r"^(?<a>\d{1,2})(?<mark>[-./])(?<b>\d{1,2})[-./](?<c>\d{4}|\d{2})"),
    "day, month in words": _form(
        _WEEKDAY
        + rf"(?<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[- /]*{_MONTH}\.?[- /,]*(?<year>\d{{4}}|\d{{2}})"
    ),
    "month in words, day": _form(
        _WEEKDAY + rf"{_MONTH}\.?[- /]*(?<day>\d{{1,2}})(?:st|nd|rd|th)?[- /,]+(?<year>\d{{4}})"
    ),
    "year, month in words": _form(rf"^(?<year>\d{{4}})[- /]{_MONTH}[- /](?<day>\d{{1,2}})"),
    "year and month": r"^(?<year>\d{4})[-./](?<month>\d{1,2})$",
    "month in words and year": rf"^{_MONTH}\.?[- /,]+(?<year>\d{{4}})$",
}
_PURE_DIGITS = (
    r"^(?:19|20|21)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"(?:(?:[01]\d|2[0-4])[0-5]\d(?:[0-5]\d)?)?$"
)
_NUMBER = r"^[+-]?\d+(?:\.\d+)?$"
_SHORTEST_UNIX = 8
"""Digits: 1970-04-26. Fewer are years, clocks, row numbers or the dates of spreadsheets."""

_MONTHS = {
    "jan": 1, "ene": 1, "gen": 1, "feb": 2, "fev": 2, "fév": 2, "mar": 3, "mär": 3, "mrz": 3,
    "mae": 3, "apr": 4, "abr": 4, "avr": 4, "may": 5, "mai": 5, "mag": 5, "jun": 6, "giu": 6,
    "jul": 7, "lug": 7, "aug": 8, "ago": 8, "aoû": 8, "aou": 8, "sep": 9, "set": 9, "oct": 10,
    "okt": 10, "ott": 10, "out": 10, "nov": 11, "dec": 12, "dez": 12, "dic": 12, "déc": 12,
    "jui": 7,
}  # fmt: skip
_HOURS = {
    "Z": 0, "z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "EST": -5, "EDT": -4, "CDT": -5, "MDT": -6,
    "PST": -8, "PDT": -7, "HKT": 8, "SGT": 8, "AEST": 10, "AEDT": 11,
}  # fmt: skip
"""Hours of abbreviations that mean one offset only: CST is Chicago's and China's."""
_PIVOT = 69
"""Two digits up to it are of the years 2000 to 2069."""


def form_of(sample: pl.Series) -> str | None:
    """The form that most texts of a sample have; None where none of them is a time."""
    texts = _with_plain_spaces(sample.drop_nulls())
    if texts.is_empty():
        return None
    if texts.str.contains(_PURE_DIGITS).all():
        return COMPACT
    numbers = texts.str.contains(_NUMBER)
    if numbers.mean() > 0.5:  # type: ignore[operator]  # of booleans it is a number
        return UNIX if _is_unix(texts.filter(numbers)) else None
    matches = {name: texts.str.contains(pattern).sum() for name, pattern in _PATTERNS.items()}
    best = max(matches, key=lambda name: matches[name])
    return best if 2 * matches[best] >= len(texts) else None


def _is_unix(numbers: pl.Series) -> bool:
    digits = numbers.str.strip_chars("+-").str.split(".").list.first()
    return bool(digits.str.len_chars().max() >= _SHORTEST_UNIX)  # type: ignore[operator]


@dataclass(frozen=True, kw_only=True)
class Written:
    """Dates and times as the clock showed them; polars columns of equal length."""

    milliseconds: pl.Series
    """Int64, as if the clock were UTC; null where a text is no time."""
    offset: pl.Series
    """Int64, seconds that the clock is ahead of UTC; null where the text does not say."""
    zone: pl.Series
    """String, an IANA name that the text has; of type Null where none has any."""
    has_clock: bool
    """Whether any has a time of day."""


def parts_of(texts: pl.Series, form: str) -> pl.DataFrame:
    """[rows], a column of text for each part of the form."""
    return _with_plain_spaces(texts).str.extract_groups(_PATTERNS[form]).struct.unnest()


def _with_plain_spaces(texts: pl.Series) -> pl.Series:
    """Browsers write a narrow space before AM and PM."""
    return texts.str.replace_all("[\u00a0\u202f\u2009]", " ")


def read_form(texts: pl.Series, form: str, order: str | None) -> Written:
    """
    Read texts in one form; `order` (dmy, mdy, ymd) says what three numbers are.

    24:00 is midnight at the end of the day.
    """
    parts = parts_of(texts, form)
    if order is not None:
        names = {"d": "day", "m": "month", "y": "year"}
        parts = parts.rename({old: names[new] for old, new in zip("abc", order, strict=True)})
    for missing in {"day", "hour", "minute", "second", "fraction", "half", "offset", "zone"} - set(
        parts.columns
    ):
        parts = parts.with_columns(
            pl.lit("1" if missing == "day" else None, pl.String).alias(missing)
        )
    read = parts.select(
        _milliseconds().alias("ms"),
        _offset().alias("offset"),
        pl.col("offset").alias("word"),
        "zone",
    )
    known = read["word"].is_null() | read["offset"].is_not_null()
    milliseconds = read["ms"].set(~known, None)
    zones = read["zone"]
    for name in zones.unique().drop_nulls():
        if not is_zone(name):
            is_it = zones == name
            milliseconds, zones = milliseconds.set(is_it, None), zones.set(is_it, None)
    has_clock = bool(parts["hour"].is_not_null().any())
    return Written(
        milliseconds=milliseconds, offset=read["offset"], zone=zones, has_clock=has_clock
    )


def _milliseconds() -> pl.Expr:
    hour, minute, second = (_number(name).fill_null(0) for name in ("hour", "minute", "second"))
    half = pl.col("half").str.to_lowercase()
    hour = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + 12 * (half == "p"))
    is_clock = (
        (minute < 60) & (second < 60) & ((hour < 24) | ((hour == 24) & (minute + second == 0)))
    )
    is_half = half.is_null() | (_number("hour").is_between(1, 12))
    fraction = pl.col("fraction").str.pad_end(3, "0").str.slice(0, 3).cast(pl.Int64).fill_null(0)
    clock = ((hour * 60 + minute) * 60 + second) * 1000 + fraction
    return pl.when(is_clock & is_half).then(_days() * 86_400_000 + clock)


def _days() -> pl.Expr:
    """Days since 1970-01-01, null where there is no such day. Hinnant, "chrono-Compatible Low-Level
    Date Algorithms", days_from_civil."""
    year, month, day = _year(), _month(), _number("day")
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    february = pl.when(month == 2).then(28 + leap.cast(pl.Int64))
    length = february.when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    is_day = month.is_between(1, 12) & (day >= 1) & (day <= length)
    shifted = year - (month <= 2).cast(pl.Int64)
    of_era = shifted % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = shifted // 400 * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return pl.when(is_day).then(days)


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64, strict=False)


def _year() -> pl.Expr:
    year = _number("year")
    century = pl.when(year > _PIVOT).then(1900).otherwise(2000)
    return pl.when(pl.col("year").str.len_chars() == 2).then(year + century).otherwise(year)


def _month() -> pl.Expr:
    word = pl.col("month").str.to_lowercase()
    prefix = word.str.slice(0, 3).replace_strict(_MONTHS, default=None, return_dtype=pl.Int64)
    named = pl.when(word.str.starts_with("juin")).then(6).otherwise(prefix)
    return pl.coalesce(_number("month"), named)


def _offset() -> pl.Expr:
    text = pl.col("offset")
    digits = text.str.replace_all("[^0-9]", "")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False)
    hours = (
        pl.when(digits.str.len_chars() == 3)
        .then(digits.str.slice(0, 1).cast(pl.Int64, strict=False))
        .otherwise(hours)
    )
    minutes = (
        pl.when(digits.str.len_chars() >= 3)
        .then(digits.str.slice(-2).cast(pl.Int64, strict=False))
        .otherwise(0)
    )
    seconds = hours * 3600 + minutes * 60
    signed = pl.when(text.str.contains("-", literal=True)).then(-seconds).otherwise(seconds)
    named = text.replace_strict(_HOURS, default=None, return_dtype=pl.Int64) * 3600
    return pl.coalesce(named, signed)

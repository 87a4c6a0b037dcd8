"""A column of dates and times as Unix seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.market_data.bars import Int64Array
from training.market_data.reading import forms, unix
from training.market_data.reading.dates import date_order
from training.market_data.reading.day_ends import local_midnights
from training.market_data.reading.forms import Written
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.record import About, By
from training.market_data.reading.stated_zones import StatedZone
from training.market_data.reading.table import as_text
from training.market_data.reading.zones import NO_TIME, Zone, instants, parse_zone
from training.market_data.timeframes import DAY, HOUR

_NOON = 12
_YEAR_1600, _YEAR_2200 = -11_676_096_000, 7_258_118_400
_BATCH = 250_000
"""Rows whose parts are in memory at once."""


@dataclass(frozen=True, kw_only=True)
class Times:
    """Times of rows; int64 [rows] each."""

    seconds: Int64Array
    """Unix seconds; `NO_TIME` where a text is no time, or not exactly one in its zone."""
    faces: Int64Array
    """What the file's clock showed, as if it were UTC, seconds."""
    has_clock: bool
    """Whether any has a time of day."""
    day_ends: int
    """Of dates: seconds after midnight UTC of their latest local midnight."""
    day_closes: int
    """Of dates: seconds from midnight UTC to their earliest local midnight, 0 or less."""


def time_form(times: pl.Series) -> str | None:
    """How a column of times is written, for the shape of its file; None of what is no time."""
    sample = as_text(times.gather_every(len(times) // 500 + 1))
    form = forms.form_of(sample)
    if form in (None, forms.UNIX):
        return form
    order = "dmy" if form == forms.NUMERIC else None
    written = forms.read_form(sample, str(form), order)
    marks = [
        ("clock", written.has_clock),
        ("offset", bool(written.offset.is_not_null().any())),
        ("zone", bool(written.zone.is_not_null().any())),
    ]
    return ", ".join([str(form), *(name for name, there in marks if there)])


def read_times(
    columns: Sequence[pl.Series], ledger: Ledger, *, whole_days: bool, is_utc: bool, rounded: bool
) -> Times:
    """
    Read the times of several files as one.

    Args:
        columns: one column for each file, of text or of what a typed container has.
        whole_days: bars last a day or longer, so midnight anywhere means that date.
        is_utc: the columns' name says that they are UTC.
        rounded: to whole seconds, as the fractions of a day in a spreadsheet have to be.
    """
    written = _written(columns, ledger)
    milliseconds = written.milliseconds + 500 if rounded else written.milliseconds
    faces = (milliseconds // 1000).fill_null(NO_TIME).to_numpy().copy()
    _refuse_other_years(faces, ledger)
    _refuse_half_days(faces, ledger)
    is_date = (faces % DAY == 0) & whole_days
    is_clock = ~is_date & (faces != NO_TIME)
    has_offset = written.offset.is_not_null().to_numpy()
    is_local = is_clock & ~has_offset
    placed = np.flatnonzero(is_clock & has_offset)
    seconds = faces.copy()
    seconds[placed] -= written.offset[placed].to_numpy()
    zone = _place(seconds, faces, is_local, is_date, written, ledger, is_utc=is_utc)
    earliest, latest = local_midnights(faces, is_date, written, zone)
    return Times(
        seconds=seconds,
        faces=faces,
        has_clock=written.has_clock,
        day_ends=latest,
        day_closes=earliest,
    )


def _place(
    seconds: Int64Array,
    faces: Int64Array,
    is_local: NDArray[np.bool_],
    is_date: NDArray[np.bool_],
    written: Written,
    ledger: Ledger,
    *,
    is_utc: bool,
) -> Zone | None:
    """
    Turn local times into instants, in place: by the zone that they name, or that is decided.

    Returns:
        The zone that was decided; dates need none, and have one where it was said.
    """
    named = written.zone.is_not_null().to_numpy()
    for name in written.zone.unique().drop_nulls():
        rows = np.flatnonzero(is_local & (written.zone == name).fill_null(value=False).to_numpy())
        seconds[rows] = instants(faces[rows], parse_zone(name))
    rows = is_local & ~named
    has_dates = bool((is_date & ~named & written.offset.is_null().to_numpy()).any())
    if not rows.any() and not (has_dates and _is_zone_said(ledger)):
        words = "; ".join([_says(written, is_local), *_unused(ledger)])
        ledger.decide(About.TIMEZONE, None, By.PROOF, words)
        return None
    zone = _decide(ledger, is_utc=is_utc, is_date=not rows.any())
    local = faces if rows.all() else faces[rows]  # no copy of the usual file's
    seconds[rows] = placed = instants(local, zone)
    _refuse_untold(placed, local, zone, ledger)
    return zone


def _is_zone_said(ledger: Ledger) -> bool:
    known = (ledger.options.timezone, ledger.recalled(About.TIMEZONE))
    return any(zone is not None for zone in (*known, *(one.zone for one in ledger.stated_zones)))


def _unused(ledger: Ledger) -> Iterator[str]:
    for one in ledger.stated_zones:
        yield f"{one.place} ({one.text[:80]}) is not used"


def _says(written: Written, is_local: NDArray[np.bool_]) -> str:
    names = written.zone.unique().drop_nulls().to_list()
    if names:
        return f"times say their own zone, {', '.join(names)}"
    return (
        "times say their own offset from UTC"
        if written.offset.is_not_null().any()
        else "dates need no zone"
    )


def _decide(ledger: Ledger, *, is_utc: bool, is_date: bool) -> Zone:
    stated = _stated(ledger, is_utc=is_utc)
    proved = stated.zone if stated else "UTC" if is_utc else None
    settled = ledger.settle(About.TIMEZONE, proved=proved, default="UTC")
    assert settled is not None  # there is a default
    zone, by = settled
    more = {
        By.DEFAULT: ": an assumption, which --timezone ZONE replaces",
        By.PROOF: f", as {stated.place if stated else 'the name of their column'} says",
        By.MEMORY: ", as those of the file before",
    }
    what = "days are those of" if is_date else "times without an offset were read in"
    words = f"{what} {zone}{more.get(by, '')}"
    ledger.decide(About.TIMEZONE, zone, by, words)
    return parse_zone(zone)


def _stated(ledger: Ledger, *, is_utc: bool) -> StatedZone | None:
    """
    What the lines beside the table say of the zone.

    Raises:
        MarketDataInvalid: that may be several clocks, and nobody has said which.
    """
    if ledger.options.timezone is not None:
        return None
    stated = ledger.stated_zones
    zones = {one.zone for one in stated} | ({"UTC"} if is_utc else set())
    if len(zones) > 1 or (None in zones and ledger.recalled(About.TIMEZONE) is None):
        told = "; ".join(f"{one.place}: {one.text[:80]}" for one in stated)
        ledger.refuse(
            f"it says on whose clock its times are ({told}), and that may be several: say "
            "--timezone ZONE, like America/New_York or -05:00"
        )
    return next((one for one in stated if one.zone is not None), None)


def _refuse_untold(seconds: Int64Array, faces: Int64Array, zone: Zone, ledger: Ledger) -> None:
    """Leave a note for whoever reads the refusal of such rows: why they have no time."""
    if (seconds[faces != NO_TIME] == NO_TIME).any():
        ledger.untold = (
            f"there is no such time in {zone.text}, or there are two and the file does not tell "
            "which (where clocks change): say another --timezone, or --skip-bad-rows"
        )


def _refuse_other_years(faces: Int64Array, ledger: Ledger) -> None:
    """Times of other calendars, in place: 2024 is 2567 in Thailand and 1402 in Iran."""
    known = faces != NO_TIME
    other = known & ((faces < _YEAR_1600) | (faces >= _YEAR_2200))
    if other.any():
        faces[other] = NO_TIME
        ledger.untold = "years from 1600 to 2199 are read, of no other calendar"


def _refuse_half_days(faces: Int64Array, ledger: Ledger) -> None:
    """A clock of 12 hours that says neither AM nor PM goes back from 12:59 to 1:00."""
    known = faces[faces != NO_TIME]
    hours, steps = known % DAY // HOUR, np.diff(known)
    if not steps.size or hours.min() < 1 or hours.max() != _NOON:
        return
    is_falling = np.sign(steps).sum() < 0
    earlier, later = (hours[1:], hours[:-1]) if is_falling else (hours[:-1], hours[1:])
    of_one_day = np.diff(known // DAY) == 0
    if (of_one_day & (earlier == _NOON) & (later < _NOON)).any():
        ledger.refuse(
            "its clock goes from 12 to 1 within a day, and nothing says whether it is morning or "
            "afternoon: write times with AM and PM, or of 24 hours"
        )


def _written(columns: Sequence[pl.Series], ledger: Ledger) -> Written:
    """The files' clocks; three numbers are in one order in all of them."""
    samples = [column.gather_every(len(column) // 2000 + 1) for column in columns]
    names = [forms.form_of(as_text(sample)) for sample in samples]
    numeric = [column for column, form in zip(columns, names, strict=True) if form == forms.NUMERIC]
    order = date_order(pl.concat(numeric), ledger) if numeric else None
    read = [_of_form(*it, order, ledger) for it in zip(columns, names, strict=True)]
    return _joined(read)


def _joined(read: Sequence[Written]) -> Written:
    return Written(
        milliseconds=pl.concat([one.milliseconds for one in read]),
        offset=pl.concat([one.offset for one in read]),
        zone=_zones([one.zone for one in read]),
        has_clock=any(one.has_clock for one in read),
    )


def _zones(parts: Sequence[pl.Series]) -> pl.Series:
    """Of several parts; where none names any, without 16 bytes a row."""
    if all(part.null_count() == len(part) for part in parts):
        return _no_zone(sum(map(len, parts)))
    return pl.concat([part.cast(pl.String) for part in parts])


def _no_zone(rows: int) -> pl.Series:
    return pl.Series([None], dtype=pl.Null).new_from_index(0, rows)


def _of_form(texts: pl.Series, form: str | None, order: str | None, ledger: Ledger) -> Written:
    if isinstance(texts.dtype, pl.Datetime):
        return _of_typed(texts)
    if form is None:
        return _nothing(len(texts))
    if form == forms.UNIX:
        return _of_unix(texts, ledger)
    starts = range(0, max(len(texts), 1), _BATCH)
    order = order if form == forms.NUMERIC else None
    return _joined([forms.read_form(texts[at : at + _BATCH], form, order) for at in starts])


def _of_typed(times: pl.Series) -> Written:
    """As their texts would be read, which have a clock, and an offset where they have a zone."""
    faces = times.dt.replace_time_zone(None)
    offset = pl.Series([None], dtype=pl.Int64).new_from_index(0, len(times))
    if getattr(times.dtype, "time_zone", None) is not None:
        utc = times.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        offset = (faces - utc).dt.total_seconds()
    return Written(
        milliseconds=faces.dt.epoch("ms"),
        offset=offset,
        zone=_no_zone(len(times)),
        has_clock=True,
    )


def _nothing(rows: int) -> Written:
    return Written(
        milliseconds=pl.Series([None] * rows, dtype=pl.Int64),
        offset=pl.Series([None] * rows, dtype=pl.Int64),
        zone=_no_zone(rows),
        has_clock=False,
    )


def _of_unix(texts: pl.Series, ledger: Ledger) -> Written:
    milliseconds, units = unix.milliseconds(texts)
    known = milliseconds.drop_nulls()
    if len(units) > 1 and not (known.is_sorted() or known.is_sorted(descending=True)):
        ledger.refuse(
            f"its Unix times are of several units by their size ({', '.join(units)}), and do not "
            "ascend if they are read so"
        )
    return Written(
        milliseconds=milliseconds,
        offset=pl.zeros(len(texts), pl.Int64, eager=True),
        zone=_no_zone(len(texts)),
        has_clock=True,
    )

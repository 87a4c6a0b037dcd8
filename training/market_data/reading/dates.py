"""The order of day, month and year where a date is three numbers."""

import polars as pl

from training.market_data.reading import forms
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.record import About, By
from training.market_data.reading.words import day

_SPOKEN = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}


def date_order(texts: pl.Series, ledger: Ledger) -> str:
    """
    Which of dmy, mdy and ymd dates like 03/06/2024 are in.

    Proved by a part that no month or no day can be; dates with dots are day.month.year.

    Raises:
        MarketDataInvalid: both orders fit, or the file's order is not the remembered one.
    """
    parts = forms.parts_of(texts, forms.NUMERIC)
    fits = {order: _num_valid(parts, order) for order in _orders(texts, parts)}
    most = max(fits.values(), default=0)
    proved = [order for order, count in fits.items() if count == most]
    has_dots = (parts["mark"] == ".").any()
    default = "dmy" if has_dots and "dmy" in proved else None
    settled = ledger.settle(
        About.DATES, proved=proved[0] if len(proved) == 1 else None, default=default
    )
    if settled is None:
        return _ask(texts, proved, ledger)
    order, by = settled
    ledger.decide(About.DATES, order, by, f"dates are {_SPOKEN[order]}{_why(by)}")
    return str(order)


def _why(by: By) -> str:
    return ", as dates with dots are" if by == By.DEFAULT else ""


def _orders(texts: pl.Series, parts: pl.DataFrame) -> list[str]:
    """Orders that there can be: a year of two digits stands first only if the file then ascends."""
    if (parts["c"].str.len_chars() == 4).any():
        return ["dmy", "mdy"]
    seconds = forms.read_form(texts, forms.NUMERIC, "ymd").milliseconds
    known = seconds.drop_nulls()
    is_ordered = known.is_sorted() or known.is_sorted(descending=True)
    return ["dmy", "mdy", "ymd"] if is_ordered else ["dmy", "mdy"]


def _num_valid(parts: pl.DataFrame, order: str) -> int:
    largest = {"d": 31, "m": 12, "y": 9999}
    fits = [
        pl.col(part).cast(pl.Int64, strict=False).is_between(name != "y", largest[name])
        for part, name in zip("abc", order, strict=True)
    ]
    return int(parts.select(pl.all_horizontal(fits).sum()).item())


def _ask(texts: pl.Series, orders: list[str], ledger: Ledger) -> str:
    first = texts.drop_nulls()[0]
    readings = []
    for order in orders:
        seconds = forms.read_form(texts, forms.NUMERIC, order).milliseconds // 1000
        known = seconds.drop_nulls()
        span = f"the file then runs from {day(known.sort()[0])} to {day(known.sort()[-1])}"
        readings.append(f"--dates {order} makes it {day(int(known[0]))} ({span})")
    return ledger.refuse(
        f"the first date, {first}, can be read in {len(orders)} ways, and no date of the file has "
        f"a part above 12 that would tell: {', '.join(readings)}"
    )

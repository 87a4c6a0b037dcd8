"""Prices and volumes in every notation as float64."""

from collections.abc import Mapping, Sequence

import polars as pl

from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import PRICES
from training.market_data.reading.record import About, By

NOTHING = ("", "null", "nan", "n/a", "na", "none", "nil", "-", "--", "#n/a", ".")
"""Words for a value that is not there, in small letters."""
_SCALES = {"K": "e3", "M": "e6", "B": "e9", "T": "e12"}
_BESIDE = r"[\s\u00a0\u202f\u2009$€£¥₹'\u2019]"
"""What may stand in a number: spaces and apostrophes between thousands, signs of currencies."""
_WHOLE = r"(?:[1-9]\d{0,2}(?:THOUSANDS\d{2,3})*THOUSANDS\d{3}|\d+|)"
_NUMBER = rf"^[+-]?{_WHOLE}(?:DECIMAL\d*)?(?:[eE][+-]?\d+)?[KMBTkmb]?$"
_VALID = {
    ".": _NUMBER.replace("THOUSANDS", ",").replace("DECIMAL", r"\."),
    ",": _NUMBER.replace("THOUSANDS", r"\.").replace("DECIMAL", ","),
}
"""By decimal mark: numbers, with the other mark between thousands or not at all."""
_PARTED = r"\d[\s\u00a0\u202f\u2009'\u2019]+(?:\d{1,2}|\d{4,})(?:\D|$)"
"""What parts no thousands: 104'16 and 104 16 are fractions of a bond's price."""
_IN_32NDS = r"^\d{2,3}'(?:[0-2]\d|3[01])[0257]$"
"""110'025 is 110 and 2.5/32, or 110025."""
HEAD = 10_000


def is_nothing(texts: pl.Expr) -> pl.Expr:
    """Whether there is no value: empty, or a word for it."""
    return texts.is_null() | texts.str.to_lowercase().is_in(NOTHING)


def plain_columns(texts: Mapping[str, pl.Series], ledger: Ledger) -> list[str]:
    """
    Roles of the columns whose texts need no more than a look to be numbers: those take half of it.

    Those are written without any mark but a point, which the first of the prices prove to be the
    decimal mark; they have a value, and none is a word for nothing. Otherwise there are none.
    """
    prices = [column.head(HEAD) for role, column in texts.items() if role in PRICES]
    if ledger.options.decimal == "," or len(prices) < len(PRICES):
        return []
    points, _, _ = _count_some(pl.concat(prices))
    if not points:
        return []
    plain = [role for role, text in texts.items() if _is_plain(text)]
    return plain if PRICES.keys() <= set(plain) else []


def _is_plain(texts: pl.Series) -> bool:
    numbers = texts.cast(pl.Float64, strict=False)
    return not numbers.null_count() and not numbers.is_nan().any()


def read_numbers(
    columns: Mapping[str, pl.Series],
    ledger: Ledger,
    *,
    asks: bool,
    heads: Mapping[str, pl.Series] | None = None,
) -> dict[str, pl.Series]:
    """
    Numbers by role, float64, null where a text is none.

    Args:
        columns: text as it is written, or the numbers of a typed container.
        heads: first texts of columns that were numbers at a look (`plain_columns`).
        asks: whether 18.123 might be 18123: such a file is refused if it has no other number.
            18,123 might be 18.123 anywhere: between commas, numbers of either kind are quoted.

    Raises:
        MarketDataInvalid: the decimal mark cannot be told.
    """
    texts = {role: column for role, column in columns.items() if column.dtype == pl.String}
    told = {**texts, **(heads or {})}
    _refuse_32nds([column for role, column in texts.items() if role in PRICES], ledger)
    mark = _decimal_mark(told, ledger, asks=asks) if told else "."
    return {
        role: _from_text(column, mark) if role in texts else column.cast(pl.Float64)
        for role, column in columns.items()
    }


def _refuse_32nds(prices: Sequence[pl.Series], ledger: Ledger) -> None:
    if ledger.options.decimal is not None or not prices:
        return
    there = [column.drop_nulls() for column in prices]
    if all(len(column) and column.str.contains(_IN_32NDS).all() for column in there):
        ledger.refuse(
            f"{there[0][0]} seems to be a bond's price in 32nds, which are not read: write "
            "decimals; or, if the mark parts thousands, say --decimal ."
        )


def _decimal_mark(texts: Mapping[str, pl.Series], ledger: Ledger, *, asks: bool) -> str:
    prices = [column for role, column in texts.items() if role in PRICES]
    points, commas, unclear = _count(prices)
    if not points and not commas and "volume" in texts:
        points, commas, of_volume = _count([texts["volume"]])
        unclear = unclear or of_volume
    proved = None if points == commas else "." if points > commas else ","
    is_clear = not unclear or not (asks or "," in unclear)
    settled = ledger.settle(About.DECIMAL, proved=proved, default="." if is_clear else None)
    if settled is None:
        return _ask(unclear or "", ledger)
    mark, by = settled
    if by != By.DEFAULT or unclear:
        other = "points" if mark == "," else "commas"
        words = f"the decimal mark is {mark}, {other} part thousands"
        ledger.decide(About.DECIMAL, mark, by, words)
    return str(mark)


def _ask(example: str, ledger: Ledger) -> str:
    plain, grouped = example.replace(",", "."), example.replace(",", "").replace(".", "")
    mark, other = (",", ".") if "," in example else (".", ",")
    return ledger.refuse(
        f"{example} is {plain} with --decimal {mark} and {grouped} with --decimal {other}, and no "
        "price of the file has other than three places: say which"
    )


def _count(columns: Sequence[pl.Series]) -> tuple[int, int, str | None]:
    """How many numbers prove a point and a comma, and one with a mark that proves neither."""
    found = _count_some(pl.concat([_telling(column) for column in columns]))
    if found[0] or found[1] or not columns:
        return found
    return _count_some(pl.concat(columns))


def _telling(column: pl.Series) -> pl.Series:
    """The first rows, and all that are no plain number."""
    is_plain = column.cast(pl.Float64, strict=False).is_not_null()
    return pl.concat([column.head(HEAD), column.filter(~is_plain)])


def _count_some(texts: pl.Series) -> tuple[int, int, str | None]:
    texts = texts.drop_nulls()
    texts = texts.filter(~texts.str.contains(_PARTED)).str.replace_all(_BESIDE, "")
    point, comma = (texts.str.contains(_VALID[mark]) for mark in (".", ","))
    unclear = texts.filter(point & comma & texts.str.contains("[.,]"))
    example = unclear[0] if len(unclear) else None
    return int((point & ~comma).sum()), int((comma & ~point).sum()), example


def _from_text(texts: pl.Series, mark: str) -> pl.Series:
    plain = texts.cast(pl.Float64, strict=False)
    if mark == "." and plain.null_count() == texts.null_count():
        return plain
    cleaned = texts.str.replace_all(_BESIDE, "")
    is_valid = cleaned.str.contains(_VALID[mark]) & ~texts.str.contains(_PARTED)
    written = cleaned.str.replace_all("." if mark == "," else ",", "", literal=True)
    written = written.str.replace(",", ".", literal=True).str.to_uppercase()
    for letter, exponent in _SCALES.items():
        written = written.str.replace(letter, exponent, literal=True)
    return written.cast(pl.Float64, strict=False).set(~is_valid, None)

"""Which rows are bars: what is left out, and what is refused with its line."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import PRICES
from training.market_data.reading.numbers import is_nothing
from training.market_data.reading.record import About, By
from training.market_data.reading.table import as_text
from training.market_data.reading.words import counted

VALUES = (*PRICES, "volume")
EXAMPLES = 3
"""Places named for each kind of problem."""
SKIP = "--skip-bad-rows leaves such rows out"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where rows are from."""

    sources: tuple[str, ...]
    """Of each file, its name and what a row's place is called: `prices.csv line`."""
    frame: pl.DataFrame
    """Columns file, number, time, open, high, low, close and volume, as they are written."""

    def place(self, row: int) -> str:
        """`prices.csv line 17`."""
        file, number = self.frame[row, "file"], self.frame[row, "number"]
        return f"{self.sources[file]} {number}"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Rows that cannot be bars."""

    rows: pl.Series
    """Numbers of rows of their origin."""
    problem: str
    column: str
    """Whose text is shown."""
    answer: str
    """The option that takes them, or leaves them out."""


def keep_bars(rows: pl.DataFrame, origin: Origin, ledger: Ledger) -> pl.DataFrame:
    """
    The rows that are bars, in the order of the file.

    Blank rows are no rows. Rows without any price (footers, holidays) are left out and counted.

    Args:
        rows: columns row (of the origin), time (Unix seconds, null if unread), prices, volume.

    Raises:
        MarketDataInvalid: a row cannot be read, or no bar is so; with its line and value.
    """
    rows = _with_prices(rows, origin, ledger)
    if rows.is_empty():
        ledger.refuse("it has no rows")
    for find in (_unreadable, _impossible):
        rows = _without_faults(rows, list(find(rows, ledger)), origin, ledger)
    return rows


def _with_prices(rows: pl.DataFrame, origin: Origin, ledger: Ledger) -> pl.DataFrame:
    found = origin.frame.select(
        nothing=pl.all_horizontal(_is_nothing(origin.frame, name) for name in PRICES),
        blank=pl.col("time").is_null(),
    )
    zero = pl.all_horizontal(pl.col(name) == 0 for name in VALUES).fill_null(value=False)
    is_zero = rows.select(zero.alias("zero"))["zero"]
    is_footer = (found["nothing"] & ~found["blank"]) | _says_nothing(rows)
    for reason, left_out in (("without any price", is_footer), ("with 0 for every price", is_zero)):
        count = int(left_out.sum())
        if count:
            first = origin.place(int(left_out.arg_max() or 0))
            words = f"{counted(count, 'row')} {reason} left out, the first is {first}"
            ledger.decide(About.ROWS, count, By.PROOF, words)
    return rows.filter(~found["nothing"] & ~is_footer & ~is_zero)


def _is_nothing(frame: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    if frame.schema[name].is_float():
        return column.is_null() | column.is_nan()
    return is_nothing(column.cast(pl.String, strict=False))


def _says_nothing(rows: pl.DataFrame) -> pl.Series:
    """Rows of which neither the time nor any price can be read: the header again, a remark."""
    nothing = pl.all_horizontal(pl.col("time", *PRICES).is_null())
    found = rows.select(nothing.alias("nothing"))["nothing"]
    return found & (found.sum() * 2 < len(rows))  # of many it would be the reading that is wrong


def _unreadable(rows: pl.DataFrame, ledger: Ledger) -> Iterator[Fault]:
    no_time = rows.filter(pl.col("time").is_null())["row"]
    yield Fault(
        rows=no_time, problem="the date cannot be read", column="time", answer=ledger.untold or SKIP
    )
    for name in VALUES:
        is_number = pl.col(name).is_finite().fill_null(value=False)
        bad = rows.filter(~is_number)["row"]
        yield Fault(rows=bad, problem=f"{name} is not a finite number", column=name, answer=SKIP)


def _impossible(rows: pl.DataFrame, ledger: Ledger) -> Iterator[Fault]:
    if not ledger.options.allow_negative:
        for name in PRICES:
            bad = rows.filter(pl.col(name) <= 0)["row"]
            answer = f"--allow-negative takes it, {SKIP}"
            yield Fault(rows=bad, problem=f"{name} is not above 0", column=name, answer=answer)
    for condition, problem, column in (
        (pl.col("volume") < 0, "volume is negative", "volume"),
        (pl.col("high") < pl.col("low"), "high is below low", "high"),
    ):
        bad = rows.filter(condition)["row"]
        yield Fault(rows=bad, problem=problem, column=column, answer=SKIP)


def _without_faults(
    rows: pl.DataFrame, faults: list[Fault], origin: Origin, ledger: Ledger
) -> pl.DataFrame:
    faults = [fault for fault in faults if len(fault.rows)]
    if not faults:
        return rows
    if not ledger.options.skip_bad_rows:
        ledger.refuse(*(described(fault, origin) for fault in faults))
    for fault in faults:
        words = f"left out by --skip-bad-rows: {described(fault, origin, answered=True)}"
        ledger.decide(About.ROWS, len(fault.rows), By.OPTION, words)
    bad = pl.concat([fault.rows for fault in faults]).unique()
    kept = rows.filter(~pl.col("row").is_in(bad.implode()))
    if kept.is_empty():
        ledger.refuse("it has no rows that can be read")
    return kept


def described(fault: Fault, origin: Origin, *, answered: bool = False) -> str:
    """One message for all rows of a fault, with the first few of them."""
    shown = [
        f"{origin.place(row)} ({_value(origin, row, fault.column)})"
        for row in fault.rows.head(EXAMPLES)
    ]
    more = f" and {len(fault.rows) - EXAMPLES} more" if len(fault.rows) > EXAMPLES else ""
    answer = "" if answered or not fault.answer else f"; {fault.answer}"
    return f"{fault.problem}: {', '.join(shown)}{more}{answer}"


def _value(origin: Origin, row: int, column: str) -> str:
    value = as_text(origin.frame[column][row : row + 1])[0]
    return "empty" if value is None else str(value)

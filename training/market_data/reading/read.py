"""From files of prices to bars, their report and the record of how they were read."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from training.market_data.bars import Bars, Float64Array, Int64Array
from training.market_data.reading.clocks import with_clock
from training.market_data.reading.columns import Columns, find_columns
from training.market_data.reading.containers import open_table
from training.market_data.reading.day_ends import tell_day_closes, tell_day_ends
from training.market_data.reading.instrument import (
    as_symbol,
    base_of,
    instruments_of,
    one_instrument,
)
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.lengths import check_length
from training.market_data.reading.names import PRICES
from training.market_data.reading.numbers import HEAD, is_nothing, plain_columns, read_numbers
from training.market_data.reading.options import NOTHING_SAID, Options
from training.market_data.reading.record import About, By, Reading, Shape
from training.market_data.reading.rows import VALUES, Fault, Origin, described, keep_bars
from training.market_data.reading.stamps import open_times
from training.market_data.reading.table import Table, as_text
from training.market_data.reading.times import Times, read_times, time_form
from training.market_data.reading.words import clock_face
from training.market_data.reading.zones import NO_TIME
from training.market_data.report import DataReport, describe
from training.market_data.timeframes import DAY, seconds_of
from training.strategy.values import Timeframe

Paths = Path | Sequence[Path]


def read_bars(
    path: Paths,
    *,
    timeframe: Timeframe,
    symbol: str | None = None,
    options: Options = NOTHING_SAID,
    remembered: Sequence[Reading] = (),
) -> tuple[Bars, DataReport]:
    """
    Read one symbol's bars from a file, or from several that continue each other.

    The same files, options and memory give the same bars and the same record. Rows out of order are
    sorted and exact repetitions dropped; what would need a guess is refused.

    Args:
        path: the file, or the files.
        timeframe: length of a bar.
        symbol: the name under which the bars will be stored: chooses among the file's instruments.
        options: what is said about the file.
        remembered: how earlier files of the symbol and timeframe were read, the newest first.

    Returns:
        Bars, and their report with the `Reading`.

    Raises:
        MarketDataInvalid: with every kind of problem, the first lines that have it, and the option
            that decides it.
        TimeframeMismatch: the only problem is that bars are not as long as said.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    ledger = Ledger(", ".join(one.name for one in paths), options, remembered)
    whole_days = seconds_of(timeframe) >= DAY
    sheets = [_Sheet(one, ledger, symbol, whole_days=whole_days) for one in paths]
    if len(sheets) == 1:
        sheets[0].turn_plain_numbers(ledger)
    origin = _origin(sheets)
    times = read_times(
        [sheet.frame["time"] for sheet in sheets],
        ledger,
        whole_days=whole_days,
        is_utc=all(sheet.columns.is_utc for sheet in sheets),
        rounded=any(sheet.table.container == "xlsx" for sheet in sheets),
    )
    rows = keep_bars(_rows(origin, sheets, times, ledger), origin, ledger)
    is_close = sheets[0].columns.is_close_time
    bars, found = _bars(rows, origin, times, ledger, timeframe, is_close=is_close)
    del rows, times, origin, sheets  # 0.6 GB of 5,000,000 rows
    return bars, describe(bars, timeframe, reading=ledger.reading(), **found)


def instruments(path: Path, options: Options = NOTHING_SAID) -> list[str]:
    """
    The instruments that a file names, as symbols of ours.

    Raises:
        MarketDataInvalid: the file cannot be read as a table.
    """
    table = open_table(path, Ledger(path.name, options))
    return [as_symbol(name) for name in instruments_of(table)]


class _Sheet:
    """One file, its columns chosen."""

    def __init__(self, path: Path, ledger: Ledger, symbol: str | None, *, whole_days: bool) -> None:
        table, instrument = one_instrument(open_table(path, ledger), ledger, symbol)
        base = base_of(instrument or symbol)
        if table.names and table.frame.is_empty():
            ledger.refuse("it has no rows")
        self.columns: Columns = find_columns(table, ledger, whole_days=whole_days, base=base)
        self.frame: pl.DataFrame = _as_written(table, self.columns)
        self.heads: dict[str, pl.Series] = {}
        """First texts of columns that are numbers already."""
        unadjusted = self.columns.unadjusted
        self.closes = None if unadjusted is None else table.texts(unadjusted)
        self.table: Table = replace(table, frame=pl.DataFrame())  # what is not used is let go
        ledger.remember(
            Shape(
                container=table.container,
                delimiter=table.delimiter,
                names=table.names,
                time_form=time_form(self.frame["time"]) or "none",
            )
        )

    def turn_plain_numbers(self, ledger: Ledger) -> None:
        """One column after the other: all numbers beside all texts would be the most there is."""
        is_text = [name for name in VALUES if self.frame.schema[name] == pl.String]
        for name in plain_columns({name: self.frame[name] for name in is_text}, ledger):
            texts = self.frame[name]
            self.heads[name] = pl.Series(texts.head(HEAD).to_list())  # no view of them all
            numbers = texts.cast(pl.Float64).rechunk()  # or NumPy's would be a copy
            self.frame = self.frame.with_columns(numbers)


def _as_written(table: Table, columns: Columns) -> pl.DataFrame:
    """Column number, time, prices and volume; exact numbers of a typed container as they are."""
    rows = len(table.frame)
    values = {name: _value(table, getattr(columns, name)) for name in VALUES}
    number = pl.int_range(table.first, table.first + rows, dtype=pl.UInt32, eager=True)
    return pl.DataFrame({"number": number, "time": _times(table, columns), **values})


def _times(table: Table, columns: Columns) -> pl.Series:
    if columns.clock is None and columns.zone is None:
        return table.times(columns.time)
    times = table.texts(columns.time)
    if columns.clock is not None:
        times = with_clock(times, table.texts(columns.clock))
    if columns.zone is not None:
        times = pl.select(pl.format("{} {}", times, table.texts(columns.zone))).to_series()
    return times


def _value(table: Table, index: int | None) -> pl.Series:
    if index is None:
        return pl.zeros(len(table.frame), eager=True)
    column = table.column(index)
    is_exact = column.dtype == pl.Float64 or column.dtype.is_integer()
    return column.cast(pl.Float64) if is_exact else table.texts(index)


def _origin(sheets: Sequence[_Sheet]) -> Origin:
    is_typed = len({sheet.frame.schema["time"] for sheet in sheets}) == 1
    frames = [
        sheet.frame.with_columns(
            pl.lit(number, pl.UInt16).alias("file"),
            sheet.frame["time"] if is_typed else as_text(sheet.frame["time"]),
        )
        for number, sheet in enumerate(sheets)
    ]
    sources = tuple(f"{sheet.table.source} {sheet.table.word}" for sheet in sheets)
    return Origin(sources=sources, frame=pl.concat(frames, how="vertical_relaxed"))


def _rows(origin: Origin, sheets: Sequence[_Sheet], times: Times, ledger: Ledger) -> pl.DataFrame:
    """Columns row, time, prices and volume, as numbers; null where a text is none."""
    asks = any(_may_group_by_points(sheet.table.delimiter, origin) for sheet in sheets)
    columns = {name: origin.frame[name] for name in VALUES}
    if columns["volume"].dtype == pl.String and _is_empty(columns["volume"]):
        columns["volume"] = pl.zeros(len(origin.frame), eager=True)
    heads = sheets[0].heads if len(sheets) == 1 else None
    numbers = read_numbers(columns, ledger, asks=asks, heads=heads)
    _adjust(numbers, sheets)
    seconds = pl.Series(times.seconds)
    return pl.DataFrame(
        {
            "row": pl.int_range(len(seconds), eager=True),
            "time": seconds.set(seconds == NO_TIME, None),
            **numbers,
        }
    )


def _may_group_by_points(delimiter: str | None, origin: Origin) -> bool:
    """Whether 18.123 might be 18123: not between commas, nor as MetaTrader writes, 2024.01.02."""
    dates = as_text(origin.frame["time"].head(1000))
    if dates.str.contains(r"^\d{4}\.\d").any():
        return delimiter in (";", "|")
    is_german = bool(dates.str.contains(r"^\d{1,2}\.\d{1,2}\.\d").any())
    return is_german or delimiter in (";", "|", "\t")


def _is_empty(texts: pl.Series) -> bool:
    return bool(pl.DataFrame({"v": texts}).select(is_nothing(pl.col("v")).all()).item())


def _adjust(numbers: dict[str, pl.Series], sheets: Sequence[_Sheet]) -> None:
    """Where an adjusted close was asked for: the other prices by its ratio to the close."""
    closes = [sheet.closes for sheet in sheets if sheet.closes is not None]
    if len(closes) < len(sheets):
        return
    plain = pl.concat(closes).cast(pl.Float64, strict=False)
    for name in PRICES.keys() - {"close"}:
        numbers[name] = numbers[name] * (numbers["close"] / plain)


def _bars(
    rows: pl.DataFrame,
    origin: Origin,
    times: Times,
    ledger: Ledger,
    timeframe: Timeframe,
    *,
    is_close: bool,
) -> tuple[Bars, dict[str, Any]]:
    """The bars, and what their report says of the file."""
    rows_moved = int((np.diff(rows["time"].to_numpy()) < 0).sum())
    unique = _unique(rows.sort("time", maintain_order=True) if rows_moved else rows)
    duplicates = len(rows) - len(unique)
    if ledger.options.skip_last:
        ledger.decide(
            About.ROWS,
            1,
            By.OPTION,
            f"the newest bar is left out: {origin.place(unique[-1, 'row'])}",
        )
        unique = unique[:-1]
    _refuse_contradictions(unique, origin, ledger)
    if unique.is_empty():
        ledger.refuse("it has no rows")
    from_rows = unique["row"].to_numpy()
    faces = times.faces[from_rows]
    opens = open_times(
        unique["time"].to_numpy().copy(), times, ledger, timeframe, is_close=is_close
    )
    if seconds_of(timeframe) >= DAY:
        tell_day_ends(opens, times.day_ends, ledger)
        tell_day_closes(times.day_closes, ledger)
    check_length(opens, faces, timeframe, lambda row: origin.place(int(from_rows[row])), ledger)
    bars = _as_bars(unique, opens, times)
    return bars, {
        "duplicates_removed": duplicates,
        "rows_moved": rows_moved,
        "written": (clock_face(int(faces[0])), clock_face(int(faces[-1]))),
    }


def _unique(ordered: pl.DataFrame) -> pl.DataFrame:
    """Without rows that repeat another one exactly; only rows of equal times are compared."""
    times = ordered["time"].to_numpy()
    same = np.diff(times) == 0
    again = np.append(same, False) | np.insert(same, 0, False)
    if not again.any():
        return ordered
    doubtful = ordered.filter(again)
    kept = doubtful.unique(["time", *VALUES], keep="first", maintain_order=True)["row"]
    return ordered.filter(pl.Series(~again) | pl.col("row").is_in(kept.implode()))


def _refuse_contradictions(unique: pl.DataFrame, origin: Origin, ledger: Ledger) -> None:
    times = unique["time"].to_numpy()
    same = np.diff(times) == 0
    again = unique["row"].filter(np.append(same, False) | np.insert(same, 0, False))
    if len(again):
        fault = Fault(
            rows=again,
            problem="the same time has different values",
            column="time",
            answer="an hour that comes twice when clocks change is told apart by --timezone ZONE",
        )
        ledger.refuse(described(fault, origin))


def _as_bars(rows: pl.DataFrame, opens: Int64Array, read: Times) -> Bars:
    numbers = {name: _without_minus_zero(rows[name].to_numpy()) for name in VALUES}
    return Bars(times=opens, **numbers, day_ends=read.day_ends, day_closes=read.day_closes)


def _without_minus_zero(values: Float64Array) -> Float64Array:
    return values + 0.0 if np.signbit(values[values == 0]).any() else values

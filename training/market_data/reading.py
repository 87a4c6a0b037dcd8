"""Files of prices as bars, repaired where that is safe and refused where it is not."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from training.market_data.bars import Bars
from training.market_data.clock import unix_seconds
from training.market_data.errors import MarketDataInvalid, TimeframeMismatch
from training.market_data.report import DataReport, Reading, describe
from training.market_data.tables import PLACE, read_table
from training.market_data.timeframes import DAY, HOUR, seconds_of
from training.strategy.values import Timeframe

PRICES = ("open", "high", "low", "close")
MIN_STEPS = 5  # that show how far apart the bars of a file usually are
EXAMPLES = 3  # places named for each kind of problem
TIME = pl.from_epoch("time").dt.to_string("iso")


def read_bars(
    path: Path | Sequence[Path], *, timeframe: Timeframe, timezone: str = "UTC"
) -> tuple[Bars, DataReport]:
    """
    Read one symbol's bars from a CSV or Parquet file, or from several that continue each other.

    Rows out of order are sorted and exact repetitions dropped, with a note in the report.
    Anything that would need a guess is refused.

    Args:
        path: the file, or the files.
        timeframe: length of a bar.
        timezone: IANA name of the zone of times without an offset.

    Raises:
        MarketDataInvalid: with every kind of problem and the first lines that have it.
        TimeframeMismatch: the only problem is that bars are not as long as said.
        ZoneInfoNotFoundError: there is no such time zone.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    source = ", ".join(one.name for one in paths)
    ZoneInfo(timezone)  # a wrong name is the caller's mistake, not the file's
    table = pl.concat([read_table(one) for one in paths])
    rows, needed_zone = _parse(table, timezone, seconds_of(timeframe) >= DAY)
    _refuse(source, _unreadable(table, rows))
    _refuse(source, _impossible(rows))
    rows_moved = int((np.diff(rows["time"].to_numpy()) < 0).sum())
    unique = rows.sort("time", maintain_order=True).unique(
        ["time", *PRICES, "volume"], keep="first", maintain_order=True
    )
    _refuse(source, _contradictory(unique))
    if problems := list(_of_another_timeframe(unique, timeframe)):
        raise TimeframeMismatch(source, problems)
    bars = _as_bars(unique)
    report = describe(
        bars,
        timeframe,
        duplicates_removed=len(rows) - len(unique),
        rows_moved=rows_moved,
        reading=Reading(timezone=timezone if needed_zone else None),
    )
    return bars, report


def _parse(table: pl.DataFrame, timezone: str, whole_days: bool) -> tuple[pl.DataFrame, bool]:
    """The rows as numbers, and whether their times needed the zone."""
    times = unix_seconds(table["time"], timezone=timezone, whole_days=whole_days)
    numbers = [
        pl.col(name).cast(pl.Float64, strict=False).alias(name) for name in (*PRICES, "volume")
    ]
    if (table["volume"].fill_null("") == "").all():  # a column without a single value
        numbers[-1] = pl.lit(0.0).alias("volume")
    rows = table.select(times.seconds.alias("time"), *numbers, pl.col(PLACE))
    return rows, times.needed_zone


def _unreadable(table: pl.DataFrame, rows: pl.DataFrame) -> Iterator[str]:
    if rows.is_empty():
        yield "it has no rows"
        return
    yield from _at(rows, pl.col("time").is_null(), "the date cannot be read", table["time"])
    for name in (*PRICES, "volume"):
        is_number = pl.col(name).is_finite().fill_null(value=False)
        yield from _at(rows, ~is_number, f"{name} is not a finite number", table[name])


def _impossible(rows: pl.DataFrame) -> Iterator[str]:
    for name in PRICES:
        yield from _at(rows, pl.col(name) <= 0, f"{name} is not above 0", rows[name])
    yield from _at(rows, pl.col("volume") < 0, "volume is negative", rows["volume"])
    yield from _at(rows, pl.col("high") < pl.col("low"), "high is below low", rows["high"])


def _contradictory(unique: pl.DataFrame) -> Iterator[str]:
    again = pl.col("time").is_duplicated()
    yield from _at(unique, again, "the same time has different values", TIME)


def _of_another_timeframe(unique: pl.DataFrame, timeframe: Timeframe) -> Iterator[str]:
    times = unique["time"].to_numpy()
    length = seconds_of(timeframe)
    if timeframe == "1w":
        is_monday = pl.Series(times // DAY % 7 == 4)
        yield from _at(unique, ~is_monday, "a week must be dated by its Monday", TIME)
    steps = np.diff(times)
    if steps.size == 0:
        return
    shift = HOUR if length >= DAY else 0  # of local midnights, when clocks change
    usual = int(np.quantile(steps, 0.25, method="lower"))  # gaps may be many
    if steps.min() < length - shift:
        place = unique[PLACE][int(steps.argmin()) + 1]
        problem = f"only {steps.min()} s after the bar before it"
        yield f"{place} is {problem}, so these are not {timeframe} bars"
    elif usual >= 2 * length and steps.size >= MIN_STEPS:
        yield f"most bars are {usual} s apart or more, so these are not {timeframe} bars"


def _at(
    rows: pl.DataFrame, condition: pl.Expr | pl.Series, problem: str, values: pl.Expr | pl.Series
) -> Iterator[str]:
    """One message for all rows that meet a condition, with the first few of them."""
    found = rows.with_columns(value=values).filter(condition)
    if found.is_empty():
        return
    shown = [f"{place} ({value})" for place, value in found[PLACE, "value"].head(EXAMPLES).rows()]
    more = f" and {len(found) - EXAMPLES} more" if len(found) > EXAMPLES else ""
    yield f"{problem}: {', '.join(shown)}{more}"


def _refuse(source: str, problems: Iterator[str]) -> None:
    if found := list(problems):
        raise MarketDataInvalid(source, found)


def _as_bars(rows: pl.DataFrame) -> Bars:
    numbers = {name: rows[name].to_numpy() + 0.0 for name in (*PRICES, "volume")}  # no minus zero
    return Bars(times=rows["time"].cast(pl.Int64).to_numpy(), **numbers)

"""CSV and Parquet files as tables of text, each row with its place in the file."""

from pathlib import Path

import polars as pl

from training.market_data.columns import Columns, find_columns
from training.market_data.errors import MarketDataInvalid

PLACE = "place"
"""Column of `read_table` that says where a row is from: `prices.csv line 17`."""

_PARQUET_MAGIC = b"PAR1"
_SEPARATORS = ",;\t|"


def read_table(path: Path) -> pl.DataFrame:
    """
    A file's rows as text, in columns named as in `Columns`.

    Raises:
        MarketDataInvalid: the file cannot be read, or lacks a column.
    """
    try:
        frame, word, first = _read(path)
        columns = find_columns(frame.columns)
    except OSError as error:
        raise MarketDataInvalid(path.name, [f"it cannot be read: {error.strerror}"]) from error
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise MarketDataInvalid(path.name, [f"it cannot be read: {reason}"]) from error
    except ValueError as error:
        raise MarketDataInvalid(path.name, [str(error)]) from error
    place = pl.format("{} {} {}", pl.lit(path.name), pl.lit(word), pl.int_range(pl.len()) + first)
    table = frame.select(*_selected(columns), place.alias(PLACE))
    is_blank = pl.all_horizontal(pl.exclude(PLACE, "volume").is_null())
    return table.filter(~is_blank)


def _read(path: Path) -> tuple[pl.DataFrame, str, int]:
    """The rows, what a row's place is called there, and the first one's number."""
    with path.open("rb") as file:
        beginning = file.read(65_536)
    if beginning.startswith(_PARQUET_MAGIC):
        return pl.read_parquet(path), "row", 1
    if b"\0" in beginning:
        raise ValueError("it is neither a CSV nor a Parquet file")
    header = beginning.partition(b"\n")[0].decode("utf-8-sig", "replace")
    separator = max(_SEPARATORS, key=header.count)
    try:
        # every column as text: a number that cannot be read is reported with its line
        frame = pl.read_csv(path, separator=separator, infer_schema=False, encoding="utf8-lossy")
    except pl.exceptions.ComputeError:
        _refuse_long_line(path, separator, header.count(separator))
        raise
    return frame, "line", 2


def _refuse_long_line(path: Path, separator: str, expected: int) -> None:
    """A line with more fields than the header has shifted columns: 1,234 for 1234."""
    mark = separator.encode()
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.count(mark) > expected and b'"' not in line:
                raise ValueError(f"line {number} has more fields than the header")


def _selected(columns: Columns) -> list[pl.Expr]:
    time = _text(columns.time)
    if columns.clock is not None:
        time = pl.format("{} {}", time, _text(columns.clock))
    prices = {"open": columns.open, "high": columns.high, "low": columns.low}
    volume = pl.lit("0") if columns.volume is None else _text(columns.volume)
    return [
        time.alias("time"),
        *(_text(name).alias(key) for key, name in (prices | {"close": columns.close}).items()),
        volume.alias("volume"),
    ]


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.strip_chars()

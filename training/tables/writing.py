"""A table as a file, or as rows of an answer: the same numbers in each."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

SECOND, MICROSECOND = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%.6fZ"
FORMULA = r"^[=+\-@\t\r]"
"""How a text begins that a spreadsheet would compute: OWASP, "CSV Injection"."""


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """With a header; moments are ISO 8601 in UTC, each number is written in full.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    _in_csv(table).sink_csv(path)


def as_csv(table: pl.DataFrame) -> str:
    """The same, of a small one."""
    return _in_csv(table).collect().write_csv()


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    """The same columns; moments are timestamps in UTC."""
    table.write_parquet(path, compression="zstd")


WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
}
"""By the name of the format."""


def written(table: pl.DataFrame, path: Path, *, format: str) -> dict[str, Any]:
    """Write it; size and SHA-256 of what was written."""
    WRITERS[format](table, path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"size_bytes": file.tell(), "sha256": digest}


def as_rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """As JSON has them; moments are ISO 8601, UTC."""
    return _with_moments(table.lazy()).collect().to_dicts()


def moments(seconds: Any) -> pl.Series:
    """Unix seconds, whole, as a column `time`."""
    times = pl.Series("time", seconds, dtype=pl.Int64) * 1_000
    return times.cast(pl.Datetime("ms", "UTC"))


def _in_csv(table: pl.DataFrame) -> pl.LazyFrame:
    texts = cs.string()
    harmless = pl.when(texts.str.contains(FORMULA)).then("'" + texts).otherwise(texts)
    return _with_moments(table.lazy().with_columns(harmless.name.keep()))


def _with_moments(table: pl.LazyFrame) -> pl.LazyFrame:
    return table.with_columns(
        cs.datetime("ms", "*").dt.to_string(SECOND),
        cs.datetime("us", "*").dt.to_string(MICROSECOND),
    )

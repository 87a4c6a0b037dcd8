"""Unix time in any unit: seconds to nanoseconds, each value by its size."""

import polars as pl

_YEAR_2200 = 7_258_118_400
"""Seconds. A number that is larger counts a finer unit."""
UNITS = ("s", "ms", "µs", "ns")


def milliseconds(texts: pl.Series) -> tuple[pl.Series, list[str]]:
    """
    Int64 milliseconds of numbers, null where a text is none, and the units that were found.

    Fractions of a second count, those of a finer unit do not.
    """
    parts = texts.str.extract_groups(
        r"^(?<sign>[+-]?)(?<whole>\d+)(?:\.(?<part>\d+))?$"
    ).struct.unnest()
    whole = parts["whole"].cast(pl.Int64, strict=False)
    part = (
        parts["part"].str.pad_end(3, "0").str.slice(0, 3).cast(pl.Int64, strict=False).fill_null(0)
    )
    found = pl.DataFrame({"whole": whole, "part": part, "minus": parts["sign"] == "-"})
    unit = sum((pl.col("whole") >= _YEAR_2200 * 1000**power).cast(pl.Int64) for power in range(3))
    assert isinstance(unit, pl.Expr)
    sizes = found.select(unit.alias("unit"))["unit"]
    value = (
        pl.when(unit == 0)
        .then(pl.col("whole") * 1000 + pl.col("part"))
        .when(unit == 1)
        .then(pl.col("whole"))
        .when(unit == 2)
        .then(pl.col("whole") // 1000)
        .otherwise(pl.col("whole") // 1_000_000)
    )
    signed = pl.when(pl.col("minus")).then(-value).otherwise(value)
    ms = found.select(signed.alias("ms"))["ms"]
    return ms, [UNITS[size] for size in sizes.unique().drop_nulls().sort()]

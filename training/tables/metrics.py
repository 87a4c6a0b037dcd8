"""What an operation reported, as a table: one row a step, however often it was resumed."""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from operations import selectors
from operations.models import Metric

OWN: dict[str, pl.DataType | type[pl.DataType]] = {
    "epoch": pl.Int64,
    "attempt": pl.Int64,
    "created_at": pl.Datetime("us", "UTC"),
}


def metrics(operation_id: str, *, after_step: int = -1) -> pl.DataFrame:
    """Each step after one, as the latest attempt that reached it reported it.

    Columns epoch, attempt, created_at, and one for each value that any step has.
    """
    rows: list[tuple[int, int, Any]] = []
    values: dict[str, list[Any]] = {}
    for row in all_metrics(operation_id, after_step=after_step):
        for name in row.values.keys() - values.keys():
            values[name] = [None] * len(rows)
        rows.append((row.step, row.attempt, row.created_at))
        for name, column in values.items():
            column.append(row.values.get(name))
    own = [
        pl.Series(name, [row[place] for row in rows], dtype=dtype)
        for place, (name, dtype) in enumerate(OWN.items())
    ]
    return pl.DataFrame(
        [*own, *(_column(name, values[name]) for name in sorted(values, key=_place))]
    )


def all_metrics(operation_id: str, *, after_step: int = -1) -> Iterator[Metric]:
    """In the order of steps, a page of them in memory at a time."""
    while page := selectors.metrics(operation_id, after_step=after_step):
        yield from page
        after_step = page[-1].step


def _place(name: str) -> tuple[bool, str]:
    """Losses first."""
    return not name.endswith("_loss"), name


def _column(name: str, values: list[Any]) -> pl.Series:
    """Of one type: truths, whole numbers, numbers or texts; anything else as JSON."""
    title = f"value_{name}" if name in OWN else name
    known = [value for value in values if value is not None]
    for kind, dtype in ((bool, pl.Boolean), (int, pl.Int64), (str, pl.String)):
        if known and all(type(value) is kind for value in known):
            return pl.Series(title, values, dtype=dtype)
    if all(type(value) in (int, float) for value in known):
        numbers = [value if value is None else float(value) for value in values]
        return pl.Series(title, numbers, dtype=pl.Float64)
    texts = [value if value is None else json.dumps(value) for value in values]
    return pl.Series(title, texts, dtype=pl.String)

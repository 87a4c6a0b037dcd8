"""What a network sees of each bar, and what that is made of, as tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from operations.errors import InvalidInput
from training.features.arrays import Int64Array
from training.features.plan import Feature, network_inputs
from training.tables.writing import moments
from training.trained.bundle_reader import TrainedNetwork
from training.trained.inputs import Inputs, read_inputs

MOST_CELLS = 30_000_000
"""Of one file, where somebody waits: 0.6 GB as CSV, on the disk until it is sent."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Which bars of which symbol."""

    symbol: str | None = None
    """May be left out of a model that was trained on one only."""
    any_symbol: bool = False
    start: int | None = None
    """Of the first bar's open, Unix seconds; None where it is open, as `end`."""
    end: int | None = None
    after: int = 0
    """Of what has no symbol and no span: rows to leave out."""
    limit: int | None = None
    """Rows at most."""
    most_cells: int | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    table: pl.DataFrame
    next: int | None
    """Where the rows go on that the limit left out: a time, or how many to leave out."""


class TooManyCells(Exception):
    """The argument says how many there are, in words."""


def features(network: TrainedNetwork, span: Span) -> Part:
    """By bar: the values that its inputs are made of, named `INDICATOR@TIMEFRAME`, and the inputs
    themselves, named by their feature ids: memberships, and raw values as they were scaled.

    Raises `TooManyCells`, and as `read_inputs`.
    """
    return _table(network, span, fuzzy_alone=False)


def memberships(network: TrainedNetwork, span: Span) -> Part:
    """The same of the fuzzy inputs alone. Raises `InvalidInput` where there are none."""
    return _table(network, span, fuzzy_alone=True)


def source_of(feature: Feature) -> str:
    """The name of what a feature is made of: no feature's id has an `@`."""
    output = f".{feature.output}" if feature.output else ""
    return f"{feature.indicator}{output}@{feature.timeframe}"


def sources(features: Sequence[Feature]) -> dict[str, Feature]:
    """One feature that is made of each of them, in their order, by `source_of`."""
    first: dict[str, Feature] = {}
    for feature in features:
        first.setdefault(source_of(feature), feature)
    return first


def _table(network: TrainedNetwork, span: Span, *, fuzzy_alone: bool) -> Part:
    inputs = read_inputs(network, symbol=span.symbol, any_symbol=span.any_symbol)
    seen = network_inputs(inputs.features)
    shown = [it for it in seen if it.membership is not None or not fuzzy_alone]
    if not shown:
        raise InvalidInput(
            reason="None of the model's inputs is a fuzzy set: `features` has all of them."
        )
    rows, next_row = _rows(inputs, span)
    num_columns = len(shown) + len(sources(shown)) + 2
    if span.most_cells is not None and rows.size * num_columns > span.most_cells:
        raise TooManyCells(f"{rows.size:,} bars of {num_columns} columns")
    columns = list(_columns(network, inputs, shown, rows))
    then = None if next_row is None else int(inputs.history.times[next_row])
    return Part(table=pl.DataFrame(columns), next=then)


def _rows(
    inputs: Inputs, span: Span
) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", int | None]:
    """Those asked for that lack no bar, and the first that the limit left out."""
    times = inputs.history.times
    first = 0 if span.start is None else int(np.searchsorted(times, span.start))
    stop = times.size if span.end is None else int(np.searchsorted(times, span.end, side="right"))
    whole = np.flatnonzero(inputs.history.whole_windows(1)[first:stop]) + first
    if span.limit is None or whole.size <= span.limit:
        return whole, None
    return whole[: span.limit], int(whole[span.limit])


def _columns(
    network: TrainedNetwork, inputs: Inputs, shown: Sequence[Feature], rows: Int64Array
) -> Iterator[pl.Series]:
    seen = slice(int(rows[0]), int(rows[-1]) + 1) if rows.size else slice(0, 0)
    kept, num_rows = rows - seen.start, seen.stop - seen.start
    columns = inputs.columns(seen)
    matrix = network.inputs(inputs.matrix(columns, num_rows))
    yield moments(inputs.history.times[rows])
    yield pl.Series("symbol", [inputs.symbol] * rows.size, dtype=pl.String)
    for name, feature in sources(shown).items():
        yield pl.Series(name, columns.values(feature, slice(0, num_rows))[kept])
    for number, feature in enumerate(network_inputs(inputs.features)):
        if feature in shown:
            yield pl.Series(feature.id, matrix[kept, number].astype(np.float64))

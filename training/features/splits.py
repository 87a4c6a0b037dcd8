"""Training, validation and test part: cut at dates that all symbols have in common.

The times here are those of base-timeframe periods: a bar belongs to the one that its midpoint lies
in (`History.periods`). A bar that opens up to half its length before a cut belongs to the later
part, then, as the bars of the same day of other symbols do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np

from training.features.arrays import Int64Array
from training.features.errors import EmptyPart
from training.features.labels.outcome import Labels
from training.strategy.data_split import DataSplit, DateSplit, FractionSplit, RangeSplit

PARTS = ("train", "validation", "test")
_END_OF_TIME = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Run:
    """A piece of the time axis, in Unix seconds."""

    first: int
    """Time of the first row that belongs to it, after the embargo."""

    end: int
    """Rows at or after it do not belong to this one."""

    def rows(self, times: Int64Array) -> slice:
        """Return the rows of one symbol that lie in it; `times` ascend."""
        first, end = np.searchsorted(times, (self.first, self.end))
        return slice(int(first), max(int(first), int(end)))


@dataclass(frozen=True)
class Part:
    """One part of the time axis: one run, or several where the split says them."""

    runs: tuple[Run, ...]
    """At least one, ascending."""

    @property
    def end(self) -> int:
        """Time at which its last run ends."""
        return self.runs[-1].end

    def rows(self, times: Int64Array) -> Int64Array:
        """Return the rows of one symbol that lie in this part, ascending, as `times` are."""
        slices = [run.rows(times) for run in self.runs]
        return np.concatenate([np.arange(rows.start, rows.stop) for rows in slices])


def cut(times: Sequence[Int64Array], split: DataSplit) -> dict[str, Part]:
    """Return the three parts for the row times of all symbols, each ascending.

    Fractions count the union of the times, to the nearest one (half goes to the even). An embargo
    drops that many of them at the start of validation and test; of runs see `purging`.
    """
    if isinstance(split, RangeSplit):
        return {name: _of_runs(split.seconds(name)) for name in PARTS}
    union = union_of(times)
    if isinstance(split, DateSplit):
        bounds = [split.validation_start_seconds, split.test_start_seconds]
        starts = np.searchsorted(union, bounds).tolist()
    else:
        starts = [round(share * union.size) for share in _shares_before(split)]
        bounds = [_time_at(union, start) for start in starts]
    begun = [_time_at(union, start + split.embargo) for start in starts]
    return {
        "train": _of_runs([(_time_at(union, 0), bounds[0])]),
        "validation": _of_runs([(max(bounds[0], begun[0]), bounds[1])]),
        "test": _of_runs([(max(bounds[1], begun[1]), _END_OF_TIME)]),
    }


def _of_runs(bounds: Sequence[tuple[int, int]]) -> Part:
    return Part(tuple(Run(first=first, end=end) for first, end in bounds))


def _shares_before(split: FractionSplit) -> tuple[Fraction, Fraction]:
    """Return how much lies before validation and before test, as written: 0.7 + 0.15 is 0.85."""
    train, validation = Fraction(repr(split.train)), Fraction(repr(split.validation))
    return train, train + validation


def union_of(times: Sequence[Int64Array]) -> Int64Array:
    """Return all times once, ascending.

    Sorts what is sorted in runs: forty times faster here than `np.unique`, which hashes.
    """
    merged = np.sort(np.concatenate(times), kind="stable")
    is_new = np.ones(merged.size, np.bool_)
    is_new[1:] = merged[1:] != merged[:-1]
    return merged[is_new]


def _time_at(union: Int64Array, position: int) -> int:
    return int(union[position]) if position < union.size else _END_OF_TIME


def samples(
    times: Int64Array,
    labels: Labels,
    run: Run,
    *,
    purge_bars: int | None,
    sequence_length: int,
) -> Int64Array:
    """Return the rows of one symbol that a part is trained or scored on, ascending.

    A row counts if it has a label, if `sequence_length` consecutive rows up to it lie in the run,
    and if its label ends before the run does (with `purge_bars`: also if that many bars
    after it do). `labels` are of the rows at `times`.
    """
    candidates = labelled(labels, run.rows(times), sequence_length)
    return candidates[times[reaching(labels, purge_bars)[candidates]] < run.end]


def labelled(labels: Labels, rows: slice, sequence_length: int) -> Int64Array:
    """Return which of some rows have a label, and a window within these rows."""
    candidates = np.arange(rows.start + sequence_length - 1, rows.stop)
    return candidates[labels.end_rows[candidates] >= 0]


def reaching(labels: Labels, purge_bars: int | None) -> Int64Array:
    """Return the last row that each row's label is taken to look at: with `purge_bars` at least
    that many rows later."""
    if purge_bars is None:
        return labels.end_rows
    rows = np.arange(labels.end_rows.size)
    return np.maximum(labels.end_rows, np.minimum(rows + purge_bars, rows.size - 1))


def refuse_empty_parts(
    num_rows: Mapping[str, int], times: Sequence[Int64Array], *, sequence_length: int
) -> None:
    """Raise `EmptyPart` for the first part without a row; `times` are of all symbols' rows."""
    window = f" and {sequence_length} rows up to it lie in it" if sequence_length > 1 else ""
    for name, count in num_rows.items():
        if count == 0:
            raise EmptyPart(
                part=name,
                num_rows=sum(own.size for own in times),
                first=_day(min(int(own[0]) for own in times)),
                last=_day(max(int(own[-1]) for own in times)),
                needs=window,
            )


def _day(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"

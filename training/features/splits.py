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
from training.strategy.data_split import DataSplit, DateSplit, FractionSplit

PARTS = ("train", "validation", "test")
_END_OF_TIME = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the time axis, in Unix seconds."""

    first: int
    """Time of the first row that belongs to it, after the embargo."""

    end: int
    """Time at which the next part begins; rows at or after it do not belong to this one."""

    def rows(self, times: Int64Array) -> slice:
        """Return the rows of one symbol that lie in this part; `times` ascend."""
        first, end = np.searchsorted(times, (self.first, self.end))
        return slice(int(first), max(int(first), int(end)))


def cut(times: Sequence[Int64Array], split: DataSplit) -> dict[str, Part]:
    """Return the three parts for the row times of all symbols, each ascending.

    Fractions count the union of the times, to the nearest one (half goes to the even). An embargo
    drops that many of them at the start of validation and test.
    """
    union = _union(times)
    if isinstance(split, DateSplit):
        bounds = [split.validation_start_seconds, split.test_start_seconds]
        starts = np.searchsorted(union, bounds).tolist()
    else:
        starts = [round(share * union.size) for share in _shares_before(split)]
        bounds = [_time_at(union, start) for start in starts]
    begun = [_time_at(union, start + split.embargo) for start in starts]
    return {
        "train": Part(first=_time_at(union, 0), end=bounds[0]),
        "validation": Part(first=max(bounds[0], begun[0]), end=bounds[1]),
        "test": Part(first=max(bounds[1], begun[1]), end=_END_OF_TIME),
    }


def _shares_before(split: FractionSplit) -> tuple[Fraction, Fraction]:
    """Return how much lies before validation and before test, as written: 0.7 + 0.15 is 0.85."""
    train, validation = Fraction(repr(split.train)), Fraction(repr(split.validation))
    return train, train + validation


def _union(times: Sequence[Int64Array]) -> Int64Array:
    """Sort what is sorted in runs: forty times faster here than `np.unique`, which hashes."""
    merged = np.sort(np.concatenate(times), kind="stable")
    is_new = np.ones(merged.size, np.bool_)
    is_new[1:] = merged[1:] != merged[:-1]
    return merged[is_new]


def _time_at(union: Int64Array, position: int) -> int:
    return int(union[position]) if position < union.size else _END_OF_TIME


def samples(
    times: Int64Array,
    labels: Labels,
    part: Part,
    *,
    purge_bars: int | None,
    sequence_length: int,
) -> Int64Array:
    """Return the rows of one symbol that a part is trained or scored on, ascending.

    A row counts if it has a label, if `sequence_length` consecutive rows up to it lie in the part,
    and if its label ends before the next part begins (with `purge_bars`: also if that many bars
    after it do). `labels` are of the rows at `times`.
    """
    rows = part.rows(times)
    candidates = np.arange(rows.start + sequence_length - 1, rows.stop)
    candidates = candidates[labels.end_rows[candidates] >= 0]
    end_rows = labels.end_rows[candidates]
    if purge_bars is not None:
        end_rows = np.maximum(end_rows, np.minimum(candidates + purge_bars, times.size - 1))
    return candidates[times[end_rows] < part.end]


def refuse_empty_parts(
    num_rows: Mapping[str, int], times: Sequence[Int64Array], *, sequence_length: int
) -> None:
    """Raise `EmptyPart` for the first part without a row; `times` are of all symbols' rows."""
    for name, count in num_rows.items():
        if count == 0:
            raise EmptyPart(
                part=name,
                num_rows=sum(own.size for own in times),
                first=_day(min(int(own[0]) for own in times)),
                last=_day(max(int(own[-1]) for own in times)),
                sequence_length=sequence_length,
            )


def _day(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"

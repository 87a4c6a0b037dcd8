"""Random symbols, label spans and runs, the same for a seed wherever they are drawn.

Of NumPy and `random` alone, so that `purged_oracle` draws them beside another library.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

DAY = 86_400
NUM_CASES = 1000
PARTS = ("train", "validation", "test")
LEFT_OUT = "left out"
NO_LABEL = -1

Bounds = tuple[int, int]
"""From the first second to the second, not included."""


@dataclass(frozen=True)
class Series:
    """One symbol's rows."""

    times: npt.NDArray[np.int64]
    """[rows], ascending, Unix seconds."""
    end_rows: npt.NDArray[np.int64]
    """[rows]: the last row that each label looks at; -1 for none."""


@dataclass(frozen=True, kw_only=True)
class Case:
    symbols: Sequence[Series]
    runs: Mapping[str, Sequence[Bounds]]
    """By part, ascending; at least one of each."""
    purge_bars: int | None
    embargo: int
    """In times of all symbols."""
    sequence_length: int


def random_case(seed: int) -> Case:
    """Two symbols of three begin later; days are missing, of one symbol or of all."""
    draw = Random(seed)
    num_days, longest = draw.randrange(40, 90), draw.choice([1, 3, 8, 20])
    closed = {day for day in range(num_days) if draw.random() < 0.1}
    days = [day for day in range(num_days) if day not in closed]
    symbols = [_series(draw, days, longest) for _ in range(draw.choice([1, 1, 2, 3]))]
    return Case(
        symbols=symbols,
        runs=_runs(draw, num_days),
        purge_bars=draw.choice([None, None, longest, longest + 4]),
        embargo=draw.choice([0, 0, 1, 2, 7]),
        sequence_length=draw.choice([1, 1, 2, 6]),
    )


def _series(draw: Random, days: Sequence[int], longest: int) -> Series:
    begins = draw.choice([0, 0, draw.randrange(len(days) // 2)])
    own = [day for day in days[begins:] if draw.random() < 0.9] or [days[-1]]
    share = draw.choice([1.0, 1.0, 0.4])  # of rows with a label, as of a CUSUM filter's events
    ends = [row + draw.randrange(1, longest + 1) for row in range(len(own))]
    return Series(
        times=np.array(own, np.int64) * DAY,
        end_rows=np.array(
            [end if end < len(own) and draw.random() < share else NO_LABEL for end in ends],
            np.int64,
        ),
    )


def _runs(draw: Random, num_days: int) -> dict[str, list[Bounds]]:
    """Every part has one at least, in any order; some days belong to none."""
    names = [*PARTS, *(draw.choice([*PARTS, LEFT_OUT]) for _ in range(draw.randrange(6)))]
    draw.shuffle(names)
    edges = [0, *sorted(draw.sample(range(1, num_days), len(names) - 1)), num_days]
    runs: dict[str, list[Bounds]] = {name: [] for name in (*PARTS, LEFT_OUT)}
    for name, first, end in zip(names, edges, edges[1:], strict=False):
        runs[name].append((first * DAY, end * DAY))
    return {name: runs[name] for name in PARTS}


def rows_within(series: Series, bounds: Bounds) -> list[int]:
    """Looked up row by row, as a reader would."""
    first, end = bounds
    return [row for row, time in enumerate(series.times.tolist()) if first <= time < end]


def label_end(case: Case, series: Series, row: int) -> int:
    """The last row that a row's label is taken to look at.

    Without a label the next one: a position decided on a row is filled at the open after it.
    """
    last, end = len(series.times) - 1, int(series.end_rows[row])
    if end == NO_LABEL:
        return min(row + 1, last)
    return max(end, min(row + (case.purge_bars or 0), last))


def has_a_window(case: Case, series: Series, row: int, bounds: Bounds) -> bool:
    """Whether a window that ends on the row lies within the run."""
    begins = row - case.sequence_length + 1
    return begins >= 0 and bool(series.times[begins] >= bounds[0])


def labelled_windows(case: Case, series: Series, part: str) -> Iterator[int]:
    """Rows of training or validation, before anything is purged."""
    for bounds in case.runs[part]:
        for row in rows_within(series, bounds):
            if series.end_rows[row] != NO_LABEL and has_a_window(case, series, row, bounds):
                yield row

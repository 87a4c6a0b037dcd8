"""Which bars of a symbol belong to which part, as runs: for pictures."""

from collections.abc import Iterator, Sequence

import numpy as np

from training.features.arrays import Int64Array
from training.features.history import History
from training.features.splits import PARTS, cut
from training.strategy import Strategy


def part_rows(
    strategy: Strategy, histories: Sequence[History], number: int
) -> Iterator[tuple[str, Int64Array]]:
    """Each part's name, and the rows of the symbol of this number."""
    parts = cut([own.periods for own in histories], strategy.training.data_split)
    for name in PARTS:
        yield name, parts[name].rows(histories[number].periods)


def part_runs(
    strategy: Strategy, histories: Sequence[History], number: int
) -> Iterator[tuple[str, int, int]]:
    """Runs of each part: its name, and the opens of the first and the last bar, Unix seconds."""
    times = histories[number].times
    for name, rows in part_rows(strategy, histories, number):
        for run in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
            if run.size:
                yield name, int(times[run[0]]), int(times[run[-1]])

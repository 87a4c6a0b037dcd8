"""Which bars the parts of a strategy stand on, by bar times alone. Free of torch, and of labels."""

from collections.abc import Iterator, Mapping, Sequence

from training.features.history import History
from training.features.splits import Part, Run
from training.launch.request import Ranges
from training.strategy import Strategy
from training.strategy.data_split import RangeSplit

LATER = {"train": ("validation", "test"), "validation": ("test",), "test": ()}
"""By part, those that its labels keep apart from."""


def reached(
    strategy: Strategy, histories: Sequence[History], parts: Mapping[str, Part]
) -> dict[str, tuple[Ranges, ...]]:
    """By part, for each of its runs: from the first bar to the last that its labels may look at.

    Labels of fractions and of dates end within their part; those of a run may look beyond its end,
    up to the first row of a later part. Runs, and symbols, without a row are left out.
    """
    reach = strategy.training.label_reach
    if not isinstance(strategy.training.data_split, RangeSplit):
        reach = 0
    begun = {name: sorted(_first_rows(part, histories)) for name, part in parts.items()}
    found = {}
    for name, part in parts.items():
        later = [first for other in LATER[name] for first in begun[other]]
        runs = (_of_run(run, histories, reach, later) for run in part.runs)
        found[name] = tuple(ranges for ranges in runs if ranges)
    return found


def _first_rows(part: Part, histories: Sequence[History]) -> Iterator[int]:
    """The period in which each run of a part that has a row begins."""
    for run in part.runs:
        rows = [(run.rows(history.periods), history.periods) for history in histories]
        firsts = [int(periods[own.start]) for own, periods in rows if own.stop > own.start]
        if firsts:
            yield min(firsts)


def _of_run(run: Run, histories: Sequence[History], reach: int, later: Sequence[int]) -> Ranges:
    kept_from = min((first for first in later if first >= run.end), default=None)
    found: Ranges = {}
    for history in histories:
        rows, times = run.rows(history.periods), history.times
        if rows.stop == rows.start:
            continue
        end = times.size if kept_from is None else int(history.periods.searchsorted(kept_from))
        last = min(rows.stop - 1 + reach, end - 1)
        found[history.symbol] = (int(times[rows.start]), int(times[last]))
    return found

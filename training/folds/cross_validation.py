"""Combinatorial purged cross-validation: every choice of some groups as the test part.

López de Prado, Advances in Financial Machine Learning (2018), chapter 12. Free of torch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from math import comb
from typing import Any

import numpy as np

from training.features.arrays import Int64Array
from training.folds.request import Fold, as_runs
from training.folds.walk_forward import MOST_FOLDS, VALIDATION_ONE_IN

MOST_GROUPS = 50


@dataclass(frozen=True, kw_only=True)
class CrossValidation:
    groups: int = 6
    test_groups: int = 2

    @property
    def paths(self) -> int:
        """How often each group is tested: so many accounts run through all of them."""
        return comb(self.groups - 1, self.test_groups - 1)

    def settings(self) -> dict[str, Any]:
        """What was given, for people."""
        return {"groups": self.groups, "test_groups": self.test_groups}


def faults(spec: CrossValidation) -> Iterator[tuple[str, str]]:
    """Every one at once, as name and words."""
    if not 2 <= spec.groups <= MOST_GROUPS:
        yield ("groups", f"must be 2 to {MOST_GROUPS}")
    elif not 1 <= spec.test_groups < spec.groups:
        yield ("test_groups", "must be 1 or more, and fewer than there are groups")
    elif (splits := comb(spec.groups, spec.test_groups)) > MOST_FOLDS:
        yield ("groups", f"would be {splits:,} trainings, and {MOST_FOLDS} are the most")


def tested_groups(spec: CrossValidation) -> list[tuple[int, ...]]:
    """Of each fold, the groups that it is tested on, from 0."""
    return list(combinations(range(spec.groups), spec.test_groups))


def paths(spec: CrossValidation) -> list[list[int]]:
    """[paths][groups]: the number of the fold, from 1, that decides on a group in a path."""
    testing: list[list[int]] = [[] for _ in range(spec.groups)]
    for number, chosen in enumerate(tested_groups(spec), start=1):
        for group in chosen:
            testing[group].append(number)
    return [[folds[path] for folds in testing] for path in range(spec.paths)]


def bounds(spec: CrossValidation, times: Int64Array, until: int) -> list[int]:
    """Where each group begins, and where the last one ends: as many times in each, to one."""
    starts = [int(own[0]) for own in np.array_split(times, spec.groups)]
    return [*starts, until]


def splits(spec: CrossValidation, times: Int64Array, until: int) -> list[Fold]:
    """
    Args:
        spec: without faults.
        times: of all symbols' rows, ascending, Unix seconds.
        until: when the last of them has ended.

    Raises:
        ValueError: there are more groups than rows allow.
    """
    if times.size < spec.groups * VALIDATION_ONE_IN:
        raise ValueError(f"there are {times.size:,} bars for {spec.groups} groups")
    edges = bounds(spec, times, until)
    return [
        _fold(number, chosen, edges, times)
        for number, chosen in enumerate(tested_groups(spec), start=1)
    ]


def _fold(number: int, tested: Sequence[int], edges: Sequence[int], times: Int64Array) -> Fold:
    """The last fifth of each run between tests validates."""
    runs = {True: [], False: []}  # type: dict[bool, list[tuple[int, int]]]
    for is_tested, group in groupby(range(len(edges) - 1), key=lambda it: it in tested):
        members = list(group)
        runs[is_tested].append((edges[members[0]], edges[members[-1] + 1]))
    cuts = [_cut(run, times) for run in runs[False]]
    return Fold(
        number=number,
        train=as_runs(*((run[0], at) for run, at in zip(runs[False], cuts, strict=True))),
        validation=as_runs(*((at, run[1]) for run, at in zip(runs[False], cuts, strict=True))),
        test=as_runs(*runs[True]),
    )


def _cut(run: tuple[int, int], times: Int64Array) -> int:
    first, end = np.searchsorted(times, run)
    return int(times[end - max(1, (end - first) // VALIDATION_ONE_IN)])

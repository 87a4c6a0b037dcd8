"""Splits and paths: every choice of groups is tested once, and every path runs through all."""

from itertools import pairwise
from math import comb

import numpy as np
import pytest

from training.features.arrays import Int64Array
from training.folds.cross_validation import (
    CrossValidation,
    bounds,
    faults,
    paths,
    splits,
)
from training.folds.cross_validation import tested_groups as groups_of_folds
from training.folds.request import Fold
from training.strategy.values import first_second

DAY = 86_400
SPECS = [(2, 1), (5, 1), (5, 4), (6, 2), (6, 3), (7, 2), (10, 2), (10, 3)]


@pytest.fixture(params=SPECS, ids=str)
def spec(request: pytest.FixtureRequest) -> CrossValidation:
    groups, test_groups = request.param
    return CrossValidation(groups=groups, test_groups=test_groups)


def times_of(spec: CrossValidation) -> Int64Array:
    """Weekdays, so many that groups are not of one size."""
    days = np.arange(spec.groups * 20 + 13)
    return days[(days + 3) % 7 < 5] * DAY


def folds_of(spec: CrossValidation) -> list[Fold]:
    times = times_of(spec)
    return splits(spec, times, int(times[-1]) + DAY)


def seconds(runs: tuple[tuple[str, str], ...]) -> list[tuple[int, int]]:
    return [(first_second(start), first_second(end)) for start, end in runs]


def rows_in(runs: tuple[tuple[str, str], ...], times: Int64Array) -> set[int]:
    return {
        row
        for start, end in seconds(runs)
        for row in np.flatnonzero((times >= start) & (times < end)).tolist()
    }


def test_there_are_as_many_paths_as_lopez_de_prado_counts(spec: CrossValidation) -> None:
    groups, chosen = spec.groups, spec.test_groups
    assert len(groups_of_folds(spec)) == comb(groups, chosen)
    assert len(paths(spec)) == spec.paths == chosen * comb(groups, chosen) // groups


def test_a_path_runs_through_all_groups_by_folds_that_were_tested_on_them(
    spec: CrossValidation,
) -> None:
    tested = groups_of_folds(spec)
    for path in paths(spec):
        assert len(path) == spec.groups
        assert all(group in tested[number - 1] for group, number in enumerate(path))


def test_each_fold_decides_on_each_of_its_groups_in_one_path(spec: CrossValidation) -> None:
    """So no two paths are the same, and nothing that was tested is left out."""
    used = [(number, group) for path in paths(spec) for group, number in enumerate(path)]
    tested = groups_of_folds(spec)
    assert sorted(used) == [
        (number, group) for number, chosen in enumerate(tested, start=1) for group in chosen
    ]
    assert len({tuple(path) for path in paths(spec)}) == spec.paths


def test_each_bar_is_in_one_part_of_every_fold(spec: CrossValidation) -> None:
    times = times_of(spec)
    for fold in folds_of(spec):
        parts = [rows_in(runs, times) for runs in (fold.train, fold.validation, fold.test)]
        assert sorted(row for part in parts for row in part) == list(range(times.size))
        assert all(parts)


def test_what_a_fold_is_tested_on_are_its_groups(spec: CrossValidation) -> None:
    times = times_of(spec)
    edges = bounds(spec, times, int(times[-1]) + DAY)
    sizes = [int(((times >= first) & (times < end)).sum()) for first, end in pairwise(edges)]
    assert max(sizes) - min(sizes) <= 1
    assert sum(sizes) == times.size
    for fold, chosen in zip(folds_of(spec), groups_of_folds(spec), strict=True):
        groups = np.searchsorted(edges, times[sorted(rows_in(fold.test, times))], side="right") - 1
        assert set(groups.tolist()) == set(chosen)
        assert len(groups) == sum(sizes[group] for group in chosen)


def test_the_last_fifth_of_each_run_that_is_not_tested_validates() -> None:
    spec = CrossValidation(groups=6, test_groups=2)
    times = np.arange(600) * DAY
    fold = splits(spec, times, 600 * DAY)[groups_of_folds(spec).index((1, 4))]
    train, validation, test = (
        [(start // DAY, end // DAY) for start, end in seconds(runs)]
        for runs in (fold.train, fold.validation, fold.test)
    )
    assert test == [(100, 200), (400, 500)]
    assert train == [(0, 80), (200, 360), (500, 580)]
    assert validation == [(80, 100), (360, 400), (580, 600)]


def test_groups_that_follow_each_other_are_one_run() -> None:
    spec = CrossValidation(groups=6, test_groups=2)
    fold = splits(spec, np.arange(600) * DAY, 600 * DAY)[groups_of_folds(spec).index((2, 3))]
    assert seconds(fold.test) == [(200 * DAY, 400 * DAY)]


@pytest.mark.parametrize(
    ("groups", "test_groups", "told"),
    [
        (1, 1, "groups must be 2 to 50"),
        (51, 2, "groups must be 2 to 50"),
        (6, 0, "test_groups must be 1 or more, and fewer than there are groups"),
        (6, 6, "test_groups must be 1 or more, and fewer than there are groups"),
        (20, 10, "groups would be 184,756 trainings, and 500 are the most"),
    ],
)
def test_numbers_that_make_no_sense_are_told(groups: int, test_groups: int, told: str) -> None:
    spec = CrossValidation(groups=groups, test_groups=test_groups)
    assert [f"{name} {words}" for name, words in faults(spec)] == [told]


def test_more_groups_than_bars_allow_are_refused() -> None:
    with pytest.raises(ValueError, match="29 bars for 6 groups"):
        splits(CrossValidation(groups=6), np.arange(29) * DAY, 29 * DAY)

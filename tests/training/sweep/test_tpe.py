"""Suggestions that learn: a pure function of the seed, the number and the trials before."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from training.canonical import json_digest
from training.sweep import tpe
from training.sweep.samplers import random_point
from training.sweep.space import Choice, FloatRange, IntRange, LogRange, Space
from training.sweep.tried import Tried

SPACE = Space(
    {
        "rate": LogRange(1e-4, 1e-2),
        "layers": Choice(([8], [16, 8], None, True, 1.5)),
        "dropout": FloatRange(0.0, 0.5),
        "period": IntRange(7, 28),
    }
)


def cost_of(point: dict[str, Any]) -> float:
    """Least at dropout 0.4, period 10, layers [16, 8]."""
    far = (point["dropout"] - 0.4) ** 2 * 10 + ((point["period"] - 10) / 21) ** 2
    return float(far) + (point["layers"] != [16, 8])


def tried(count: int, space: Space = SPACE) -> list[Tried]:
    points = [random_point(space, 7, number, 0) for number in range(1, count + 1)]
    return [
        Tried(number=number, point=point, cost=cost_of(point))
        for number, point in enumerate(points, start=1)
    ]


def suggested(before: Sequence[Tried], count: int = 5, *, seed: int = 3) -> list[dict[str, Any]]:
    numbers = range(len(before) + 1, len(before) + count + 1)
    return list(tpe.suggestions(SPACE, seed=seed, numbers=numbers, tried=before))


def test_the_same_results_suggest_the_same_and_others_others() -> None:
    known = tried(30)
    assert suggested(known) == suggested(known) == suggested(known, 9)[:5]
    assert suggested(known) != suggested(known, seed=4)
    worst = max(known, key=lambda trial: trial.cost or 0)
    turned = [replace(trial, cost=-1.0) if trial is worst else trial for trial in known]
    assert suggested(turned) != suggested(known)


def test_what_was_suggested_before_stays_so() -> None:
    """To six digits: the last bits are the machine's."""
    points = [[_rounded(value) for value in point.values()] for point in suggested(tried(30), 20)]
    assert json_digest(points)[:8] == "1c724661"


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def test_the_order_in_which_trials_ended_is_of_no_matter() -> None:
    known = tried(300)
    assert suggested(known) == suggested(known[::-1])


def test_of_few_trials_nothing_is_learned_and_points_are_those_of_random() -> None:
    known = tried(tpe.LEARNS_FROM - 1)
    assert suggested(known, 3) == [random_point(SPACE, 3, 10 + number, 0) for number in range(3)]


def test_what_it_suggests_is_better_than_what_it_has_seen() -> None:
    known = tried(60)
    seen = sorted(trial.cost for trial in known if trial.cost is not None)
    found = sorted(cost_of(point) for point in suggested(known, 20))
    assert found[10] < seen[15]


def test_trials_without_a_value_are_kept_away_from() -> None:
    """Those with [16, 8] diverged, though nothing else was worse."""
    known = [
        replace(trial, cost=None) if trial.point["layers"] == [16, 8] else trial
        for trial in tried(60)
    ]
    points = suggested(known, 20)
    assert sum(point["layers"] == [16, 8] for point in points) <= 4


def test_where_no_trial_has_a_value_points_are_those_of_random() -> None:
    known = [replace(trial, cost=None) for trial in tried(20)]
    assert suggested(known, 1) == [random_point(SPACE, 3, 21, 0)]


def test_a_point_that_was_suggested_moves_the_next_ones() -> None:
    known = tried(40)
    later = [
        list(tpe.suggestions(SPACE, seed=3, numbers=numbers, tried=known))[-1]
        for numbers in (range(60, 61), range(41, 61))
    ]
    assert later[0] != later[1]


def test_no_point_comes_again_while_there_are_others() -> None:
    small = Space({"a": Choice(("x", "y", "z")), "b": IntRange(1, 9)})
    known = [
        Tried(number=number, point=random_point(small, 1, number, 0), cost=float(number))
        for number in range(1, 13)
    ]
    points = list(tpe.suggestions(small, seed=0, numbers=range(13, 18), tried=known))
    before = {json_digest(trial.point) for trial in known}
    fresh = {json_digest(point) for point in points}
    assert len(fresh) == 5
    assert not before & fresh


def test_values_are_those_of_the_space() -> None:
    for point in suggested(tried(200), 40):
        assert 1e-4 <= point["rate"] <= 1e-2
        assert point["layers"] in ([8], [16, 8], None, True, 1.5)
        assert 0 <= point["dropout"] <= 0.5
        assert isinstance(point["period"], int)
        assert 7 <= point["period"] <= 28


def test_the_setting_that_decides_is_the_most_important() -> None:
    known = [replace(trial, cost=(trial.point["dropout"] - 0.4) ** 2) for trial in tried(200)]
    found = tpe.importance(SPACE, known)
    assert found == tpe.importance(SPACE, known)
    assert found[0][0] == "dropout"
    assert found[0][1] > 0.6
    assert {path for path, _ in found} == set(SPACE.settings)
    assert sum(share for _, share in found) == pytest.approx(1)


def test_of_few_trials_or_equal_ones_no_importance_is_told() -> None:
    assert tpe.importance(SPACE, tried(9)) == []
    assert tpe.importance(SPACE, [replace(trial, cost=None) for trial in tried(50)]) == []
    assert tpe.importance(SPACE, [replace(trial, cost=1.0) for trial in tried(50)]) == []


@pytest.mark.parametrize("count", [500, 2000])
def test_it_remembers_the_best_and_the_newest_by_number(count: int) -> None:
    known = tried(count)
    kept = [trial.number for trial, _ in tpe.remembered(known)]
    best = sorted(known, key=lambda trial: trial.cost or 0)[: tpe.REMEMBERED]
    newest = range(count + 1 - tpe.REMEMBERED, count + 1)
    assert kept == sorted({*(trial.number for trial in best), *newest})

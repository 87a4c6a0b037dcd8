"""The n-th point is a pure function of the seed and n, and the points fill the space."""

import itertools
import math
from typing import Any

import pytest

from training.canonical import json_digest
from training.sweep.samplers import SAMPLERS, suggestions
from training.sweep.space import Choice, FloatRange, IntRange, LogRange, Space

SPACE = Space(
    {
        "training.learning_rate": LogRange(1e-4, 1e-2),
        "training.batch_size": Choice((16, 32, 64)),
        "model.architecture.dropout": FloatRange(0.0, 0.5),
        "indicators.rsi_14.period": IntRange(7, 28),
    }
)
SMALL = Space({"a": Choice(("x", "y", "z")), "b": IntRange(1, 7), "c": Choice((None, [1], [1, 2]))})


def first(sampler: str, number: int, *, space: Space = SPACE, seed: int = 0) -> list[Any]:
    return list(itertools.islice(suggestions(sampler, space, seed=seed), number))


@pytest.mark.parametrize("sampler", [*SAMPLERS, "grid"])
def test_the_same_seed_suggests_the_same_and_more_are_those_and_others(sampler: str) -> None:
    space = SMALL if sampler == "grid" else SPACE
    assert first(sampler, 50, space=space)[:20] == first(sampler, 20, space=space)
    assert first(sampler, 20, space=space) != first(sampler, 20, space=space, seed=1)


@pytest.mark.parametrize(
    ("sampler", "digest"),
    [
        ("random", "1ea21908"),
        ("qmc", "8b70776a"),
        ("grid", "dbacd7e8"),
    ],
)
def test_what_was_suggested_before_stays_so(sampler: str, digest: str) -> None:
    """A search that a new version goes on with must go on with the same points."""
    space = Space({**SMALL.settings, "d": FloatRange(0.0, 1.0)}) if sampler != "grid" else SMALL
    assert json_digest(first(sampler, 30, space=space, seed=5))[:8] == digest


@pytest.mark.parametrize("seed", range(5))
def test_a_grid_visits_every_point_once(seed: int) -> None:
    points = first("grid", 100, space=SMALL, seed=seed)
    assert len(points) == SMALL.size == 63
    assert len({json_digest(point) for point in points}) == 63
    assert [list(point) for point in points] == [["a", "b", "c"]] * 63


def test_a_grid_of_many_settings_is_not_made_to_be_drawn_from() -> None:
    vast = Space({f"s{number}": IntRange(0, 999) for number in range(20)})
    assert len({json_digest(point) for point in first("grid", 200, space=vast)}) == 200


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_point_comes_twice_while_there_are_others(sampler: str) -> None:
    digests = [json_digest(point) for point in first(sampler, 40, space=SMALL)]
    assert len(set(digests)) >= 38  # ten redraws of a point that is two thirds known find another


def test_a_space_that_is_used_up_suggests_what_was_there() -> None:
    two = Space({"a": Choice((1, 2))})
    assert len(first("random", 10, space=two)) == 10


@pytest.mark.parametrize("seed", range(3))
def test_a_quasi_random_sequence_leaves_nothing_out(seed: int) -> None:
    """Of any 3^4 points in a row each 81st of the second setting has one: base 3."""
    unit = Space({"a": FloatRange(0.0, 1.0), "b": FloatRange(0.0, 1.0)})
    points = first("qmc", 161, space=unit, seed=seed)[-81:]
    assert sorted(math.floor(point["b"] * 81) for point in points) == list(range(81))


def test_values_are_those_of_the_space() -> None:
    for sampler, point in ((name, point) for name in SAMPLERS for point in first(name, 500)):
        assert 1e-4 <= point["training.learning_rate"] <= 1e-2, sampler
        assert point["training.batch_size"] in (16, 32, 64)
        assert 0 <= point["model.architecture.dropout"] <= 0.5
        assert 7 <= point["indicators.rsi_14.period"] <= 28

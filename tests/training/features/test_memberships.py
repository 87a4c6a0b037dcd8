"""Memberships are 0 outside, 1 at the peak, straight or bell-shaped in between."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.features.arrays import Float32Array
from training.features.memberships import fill_membership
from training.strategy.fuzzy_sets import Gaussian, Membership, Trapezoidal, Triangular

NUMBERS = st.floats(-1e6, 1e6)


def memberships(shape: Membership, *values: float) -> Float32Array:
    matrix = np.full((len(values), 3), -1.0, np.float32)
    fill_membership(np.array(values), shape, matrix[:, 1])
    assert (matrix[:, [0, 2]] == -1.0).all()  # nothing is written beside the column
    return matrix[:, 1]


def triangular(*parameters: float) -> Triangular:
    return Triangular(type="triangular", parameters=parameters)


def trapezoidal(*parameters: float) -> Trapezoidal:
    return Trapezoidal(type="trapezoidal", parameters=parameters)


def gaussian(*parameters: float) -> Gaussian:
    return Gaussian(type="gaussian", parameters=parameters)


def test_a_triangle_rises_to_its_peak_and_falls() -> None:
    values = memberships(triangular(0.0, 30.0, 50.0), -1, 0, 15, 30, 40, 50, 51)
    assert values.tolist() == [0, 0, 0.5, 1, 0.5, 0, 0]


def test_a_triangle_without_a_rising_side_begins_at_its_peak() -> None:
    values = memberships(triangular(0.0, 0.0, 50.0), -1e-9, 0, 25, 50)
    assert values.tolist() == [0, 1, 0.5, 0]


def test_a_triangle_without_a_falling_side_ends_at_its_peak() -> None:
    values = memberships(triangular(50.0, 100.0, 100.0), 50, 75, 100, 100.001)
    assert values.tolist() == [0, 0.5, 1, 0]


def test_a_trapezoid_is_one_on_its_plateau() -> None:
    values = memberships(trapezoidal(0.0, 10.0, 20.0, 40.0), -1, 5, 10, 15, 20, 30, 40, 41)
    assert values.tolist() == [0, 0.5, 1, 1, 1, 0.5, 0, 0]


def test_a_rectangle_is_one_from_edge_to_edge() -> None:
    values = memberships(trapezoidal(1.0, 1.0, 2.0, 2.0), 0.999, 1, 1.5, 2, 2.001)
    assert values.tolist() == [0, 1, 1, 1, 0]


def test_a_gaussian_is_one_at_its_centre_and_falls_with_sigma() -> None:
    values = memberships(gaussian(70.0, 12.0), 70, 58, 82, 94)
    expected = [1, math.exp(-0.5), math.exp(-0.5), math.exp(-2)]
    assert values == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    "shape",
    [triangular(0.0, 1.0, 2.0), trapezoidal(0.0, 0.0, 1.0, 2.0), gaussian(0.0, 1.0)],
    ids=lambda shape: shape.type,
)
def test_nan_stays_nan_and_infinity_is_far_away(shape: Membership) -> None:
    values = memberships(shape, math.nan, math.inf, -math.inf)
    assert math.isnan(values[0])
    assert values[1:].tolist() == [0, 0]


@settings(deadline=None)  # the first call compiles
@given(corners=st.lists(NUMBERS, min_size=4, max_size=4).map(sorted), value=NUMBERS)
def test_a_trapezoid_follows_its_definition(corners: list[float], value: float) -> None:
    a, b, c, d = corners
    if a == d:
        return
    expected = float(b <= value <= c)
    if a < value < b:
        expected = (value - a) / (b - a)
    elif c < value < d:
        expected = (d - value) / (d - c)
    assert memberships(trapezoidal(a, b, c, d), value)[0] == np.float32(expected)

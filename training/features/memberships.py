"""Fuzzy memberships: how much a value belongs to a set, 0 to 1.

Each writes float32 [rows] into a given (strided) column of the feature matrix; it is computed in
float64, so another processor's last bit in an exponential hardly ever survives the rounding.
NaN in, NaN out.
"""

import numpy as np

from training.compilation import compiled
from training.features.arrays import Float32Array, Float64Array
from training.strategy.fuzzy_sets import Gaussian, Membership, Triangular


@compiled
def fill_trapezoidal(
    values: Float64Array, a: float, b: float, c: float, d: float, out: Float32Array
) -> None:
    """0 outside [a, d], 1 on the plateau [b, c], straight in between; a ≤ b ≤ c ≤ d, a < d."""
    for row in range(values.size):
        value = values[row]
        # Where a = b (c = d) the quotient is minus infinity: the edge falls at once.
        if value < b:
            membership = max((value - a) / (b - a), 0.0)
        elif value > c:
            membership = max((d - value) / (d - c), 0.0)
        else:
            membership = 1.0 if value == value else np.nan
        out[row] = membership


@compiled
def fill_gaussian(values: Float64Array, centre: float, sigma: float, out: Float32Array) -> None:
    """exp(-((value - centre) / sigma)² / 2); sigma > 0."""
    for row in range(values.size):
        distance = (values[row] - centre) / sigma
        out[row] = np.exp(-0.5 * distance * distance)


def fill_membership(values: Float64Array, membership: Membership, out: Float32Array) -> None:
    """Write the membership of each value; a triangle is a trapezoid with a plateau of no width."""
    if isinstance(membership, Gaussian):
        fill_gaussian(values, *membership.parameters, out)
    elif isinstance(membership, Triangular):
        a, b, c = membership.parameters
        fill_trapezoidal(values, a, b, b, c, out)
    else:
        fill_trapezoidal(values, *membership.parameters, out)

"""Statistics over the last `period` rows.

Every window is computed from its own values alone. A running sum would be faster for long windows,
but it carries rounding errors of everything that came before: after a spike, flat prices would no
longer have a deviation of zero. Differences are taken from the window's first value, so the mean of
equal values is that value exactly. Rows with less than `period` values before them, or with a NaN
in their window, are NaN.
"""

import numpy as np

from training.features.arrays import Float64Array
from training.features.compilation import compiled


@compiled
def rolling_mean(values: Float64Array, period: int) -> Float64Array:
    means = np.full(values.size, np.nan)
    for row in range(period - 1, values.size):
        first = values[row - period + 1]
        total = 0.0
        for k in range(row - period + 2, row + 1):
            total += values[k] - first
        means[row] = first + total / period
    return means


@compiled
def rolling_deviation(values: Float64Array, period: int) -> tuple[Float64Array, Float64Array]:
    """Return the means and the population standard deviations."""
    means = np.full(values.size, np.nan)
    deviations = np.full(values.size, np.nan)
    for row in range(period - 1, values.size):
        first = values[row - period + 1]
        total = 0.0
        for k in range(row - period + 2, row + 1):
            total += values[k] - first
        mean = first + total / period
        squares = 0.0
        for k in range(row - period + 1, row + 1):
            squares += (values[k] - mean) ** 2
        means[row] = mean
        deviations[row] = np.sqrt(squares / period)
    return means, deviations


@compiled
def rolling_absolute_deviation(
    values: Float64Array, period: int
) -> tuple[Float64Array, Float64Array]:
    """Return the means and the mean absolute deviations from them."""
    means = np.full(values.size, np.nan)
    deviations = np.full(values.size, np.nan)
    for row in range(period - 1, values.size):
        first = values[row - period + 1]
        total = 0.0
        for k in range(row - period + 2, row + 1):
            total += values[k] - first
        mean = first + total / period
        distances = 0.0
        for k in range(row - period + 1, row + 1):
            distances += abs(values[k] - mean)
        means[row] = mean
        deviations[row] = distances / period
    return means, deviations


@compiled
def weighted_mean(values: Float64Array, weights: Float64Array) -> Float64Array:
    """Return the means of the last `weights.size` values; the last weight is the newest row's."""
    period = weights.size
    total_weight = weights.sum()
    means = np.full(values.size, np.nan)
    for row in range(period - 1, values.size):
        first = values[row - period + 1]
        total = 0.0
        for k in range(1, period):
            total += weights[k] * (values[row - period + 1 + k] - first)
        means[row] = first + total / total_weight
    return means


def linear_weights(period: int) -> Float64Array:
    """1, 2, … period: the weighted moving average's."""
    return np.arange(1.0, period + 1.0)


def triangular_weights(period: int) -> Float64Array:
    """1, 2, 2, 1 for four rows: symmetrical, rising to the middle."""
    rising = np.arange(1.0, period + 1.0)
    weights: Float64Array = np.minimum(rising, rising[::-1])
    return weights

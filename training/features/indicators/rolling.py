"""Statistics over the last `period` rows.

Every window is computed from its own values alone. A running sum would be faster for long windows,
but it carries the rounding errors of everything that came before: after a spike, flat prices would
no longer have a deviation of zero. Differences are taken from the window's first value, so the mean
of equal values is that value exactly. Rows with less than `period` values before them, or with a
NaN in their window, are NaN.

The loops run over a block of windows within, and over the window without: neighbouring windows are
independent, so the processor works on several at once, in the same order of additions for each.
"""

import numpy as np

from training.compilation import compiled
from training.features.arrays import Float64Array

BLOCK = 512  # rows: three such columns stay in the first-level cache


def rolling_mean(values: Float64Array, period: int) -> Float64Array:
    return weighted_mean(values, np.ones(period))


def rolling_deviation(values: Float64Array, period: int) -> tuple[Float64Array, Float64Array]:
    """Return the means and the population standard deviations."""
    means = rolling_mean(values, period)
    variances = _mean_square_distance(values, means, period)
    return means, np.sqrt(variances, out=variances)


def rolling_absolute_deviation(
    values: Float64Array, period: int
) -> tuple[Float64Array, Float64Array]:
    """Return the means and the mean absolute deviations from them."""
    means = rolling_mean(values, period)
    return means, _mean_absolute_distance(values, means, period)


def linear_weights(period: int) -> Float64Array:
    """1, 2, … period: the weighted moving average's."""
    return np.arange(1.0, period + 1.0)


def triangular_weights(period: int) -> Float64Array:
    """1, 2, 2, 1 for four rows: symmetrical, rising to the middle."""
    rising = np.arange(1.0, period + 1.0)
    weights: Float64Array = np.minimum(rising, rising[::-1])
    return weights


@compiled
def weighted_mean(values: Float64Array, weights: Float64Array) -> Float64Array:
    """Return the means of the last `weights.size` values; the last weight is the newest row's."""
    period, total_weight = weights.size, weights.sum()
    means = np.full(values.size, np.nan)
    totals = np.empty(BLOCK)
    for start in range(0, values.size - period + 1, BLOCK):
        oldest = values[start : min(start + BLOCK, values.size - period + 1)]
        totals[:] = 0.0
        for k in range(1, period):
            later, weight = values[start + k : start + k + oldest.size], weights[k]
            for row in range(oldest.size):
                totals[row] += weight * (later[row] - oldest[row])
        out = means[start + period - 1 :]
        for row in range(oldest.size):
            out[row] = oldest[row] + totals[row] / total_weight
    return means


@compiled
def _mean_square_distance(values: Float64Array, centres: Float64Array, period: int) -> Float64Array:
    distances = np.full(values.size, np.nan)
    for start in range(0, values.size - period + 1, BLOCK):
        end = min(start + BLOCK, values.size - period + 1)
        centre = centres[start + period - 1 : end + period - 1]
        out = distances[start + period - 1 : end + period - 1]
        out[:] = 0.0
        for k in range(period):
            later = values[start + k : end + k]
            for row in range(out.size):
                out[row] += (later[row] - centre[row]) ** 2
        out /= period
    return distances


@compiled
def _mean_absolute_distance(
    values: Float64Array, centres: Float64Array, period: int
) -> Float64Array:
    """As above except for one expression: a choice of it would stand in the innermost loop."""
    distances = np.full(values.size, np.nan)
    for start in range(0, values.size - period + 1, BLOCK):
        end = min(start + BLOCK, values.size - period + 1)
        centre = centres[start + period - 1 : end + period - 1]
        out = distances[start + period - 1 : end + period - 1]
        out[:] = 0.0
        for k in range(period):
            later = values[start + k : end + k]
            for row in range(out.size):
                out[row] += abs(later[row] - centre[row])
        out /= period
    return distances

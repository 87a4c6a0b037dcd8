"""Means, deviations and extremes of the last `period` bars, and smoothings that go on.

The additions are those of the training, in its order. Bars with too little before them are NaN.
"""

from collections.abc import Callable

import numpy as np

from training.trained.bundle_reader import Array


def rolling_mean(values: Array, period: int) -> Array:
    return weighted_mean(values, np.ones(period))


def weighted_mean(values: Array, weights: Array) -> Array:
    """The last weight is the newest bar's. Differences to the oldest bar are added up: the mean of
    equal values is that value exactly."""
    period = weights.size
    means, num_windows = np.full(values.size, np.nan), values.size - period + 1
    if num_windows > 0:
        oldest = values[:num_windows]
        totals = np.zeros(num_windows)
        for k in range(1, period):
            totals += weights[k] * (values[k : k + num_windows] - oldest)
        means[period - 1 :] = oldest + totals / weights.sum()
    return means


def triangular_weights(period: int) -> Array:
    """1, 2, 2, 1 for four bars."""
    rising = np.arange(1.0, period + 1.0)
    weights: Array = np.minimum(rising, rising[::-1])
    return weights


def rolling_deviation(values: Array, period: int) -> tuple[Array, Array]:
    """Means, and population standard deviations."""
    means = rolling_mean(values, period)
    return means, np.sqrt(_mean_distance(values, means, period, np.square))


def rolling_absolute_deviation(values: Array, period: int) -> tuple[Array, Array]:
    """Means, and mean absolute deviations from them."""
    means = rolling_mean(values, period)
    return means, _mean_distance(values, means, period, np.abs)


def _mean_distance(
    values: Array, centres: Array, period: int, of: Callable[[Array], Array]
) -> Array:
    """Each window's distances are from its own centre."""
    distances, num_windows = np.full(values.size, np.nan), values.size - period + 1
    if num_windows > 0:
        own = centres[period - 1 :]
        total = np.zeros(num_windows)
        for k in range(period):
            total += of(values[k : k + num_windows] - own)
        distances[period - 1 :] = total / period
    return distances


def highest(values: Array, period: int) -> Array:
    found = np.full(values.size, np.nan)
    if values.size >= period:
        found[period - 1 :] = _windows(values, period).max(axis=1)
    return found


def lowest(values: Array, period: int) -> Array:
    return -highest(-values, period)


def bars_since_highest(values: Array, period: int) -> Array:
    """Of equal ones the newest counts."""
    found = np.full(values.size, np.nan)
    if values.size >= period:
        found[period - 1 :] = _windows(values, period)[:, ::-1].argmax(axis=1)
    return found


def _windows(values: Array, period: int) -> Array:
    return np.lib.stride_tricks.sliding_window_view(values, period)


def shifted(values: Array, bars: int) -> Array:
    """Each value that many bars later."""
    later = np.full(values.size, np.nan)
    later[bars:] = values[: max(0, values.size - bars)]
    return later


def ema(values: Array, *, period: int) -> Array:
    """alpha = 2 / (period + 1)."""
    return smoothed(values, period, alpha=2.0 / (period + 1.0))


def wilder(values: Array, period: int) -> Array:
    """alpha = 1 / period."""
    return smoothed(values, period, alpha=1.0 / period)


def smoothed(values: Array, period: int, *, alpha: float) -> Array:
    """Begun with the mean of the first `period` values that are not NaN."""
    means = np.full(values.size, np.nan)
    first = int(np.isfinite(values).argmax()) if values.size else 0
    if values.size - first >= period:
        mean = sum(values[first : first + period].tolist()) / period
        found = [mean]
        for value in values[first + period :].tolist():
            mean += alpha * (value - mean)
            found.append(mean)
        means[first + period - 1 :] = found
    return means

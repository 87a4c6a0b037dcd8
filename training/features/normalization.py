"""Scaling of raw inputs, fitted on a symbol's training rows and stored with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.compilation import compiled
from training.features.arrays import Float32Array, Float64Array, Int64Array
from training.strategy.nn_inputs import Normalization

ROUNDING = 1e-12  # of the largest value: what varies less is constant, and the rest is rounding


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """(value - offset) / scale, never clipped."""

    method: Normalization
    offset: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A scaling and how well it fits what comes later."""

    scaling: Scaling
    fitted_range: tuple[float, float]
    """The smallest and the largest value of the training rows."""
    outside: Mapping[str, float]
    """Share of a later part's rows outside that range: by part, of those that have rows."""


def fit_scaling(
    method: Normalization,
    values: Float64Array,
    training_rows: Int64Array,
    *,
    later: Mapping[str, Int64Array],
) -> Fit:
    """Fit a method to the training rows, at least one, of one symbol's values, [rows].

    A constant, up to rounding, is moved to 0 and not divided. `later` are the rows of other parts.
    """
    known = values[training_rows]
    if known.size == 0:
        raise ValueError("there are no training rows to fit a scaling to")
    lowest, highest = float(known.min()), float(known.max())
    is_constant = highest - lowest <= ROUNDING * max(abs(lowest), abs(highest))
    if method == "minmax":
        scale = 1.0 if is_constant else highest - lowest
        scaling = Scaling(method=method, offset=lowest, scale=scale)
    elif method == "zscore":
        mean, deviation = _moments(known)
        scaling = Scaling(method=method, offset=mean, scale=1.0 if is_constant else deviation)
    else:
        scaling = Scaling(method=method)
    outside = {
        part: share_outside(values[rows], (lowest, highest))
        for part, rows in later.items()
        if rows.size
    }
    return Fit(scaling=scaling, fitted_range=(lowest, highest), outside=outside)


def share_outside(values: Float64Array, fitted_range: Sequence[float]) -> float:
    """Return the share of some values, at least one, that lie outside [lowest, highest]."""
    lowest, highest = fitted_range
    margin = ROUNDING * max(abs(lowest), abs(highest))
    outside = (values < lowest - margin) | (values > highest + margin)
    return int(np.count_nonzero(outside)) / values.size


@compiled
def _moments(values: Float64Array) -> tuple[float, float]:
    """Return mean and population deviation; of equal values, that value and exactly 0."""
    total = squares = 0.0
    for value in values:
        total += value - values[0]
    mean = values[0] + total / values.size
    for value in values:
        squares += (value - mean) ** 2
    return mean, np.sqrt(squares / values.size)


@compiled
def fill_scaled(values: Float64Array, offset: float, scale: float, out: Float32Array) -> None:
    """Write (value - offset) / scale into a (strided) column of the feature matrix."""
    for row in range(values.size):
        out[row] = (values[row] - offset) / scale

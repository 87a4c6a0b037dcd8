"""Whether two Sharpe ratios of the same bars differ: the paired test of Ledoit and Wolf (2008).

O. Ledoit, M. Wolf: Robust performance hypothesis testing with the Sharpe ratio, Journal of
Empirical Finance 15 (2008), section 3.1. Free of torch.

Of T pairs of returns r, s with means m, n and mean squares g, h, the difference of the ratios per
bar is

    d(m, n, g, h) = m / √(g - m²) - n / √(h - n²)

and by the delta method its standard error √(∇' Ψ ∇ / T), with the gradient

    ∇ = (g / (g - m²)^1.5, -h / (h - n²)^1.5, -m / 2(g - m²)^1.5, n / 2(h - n²)^1.5)

and Ψ the long-run covariance of y = (r - m, s - n, r² - g, s² - h): returns are neither normal nor
independent. Newey and West (1987), with lag L = ⌊4 (T/100)^(2/9)⌋:

    Ψ = C₀ + Σ (1 - l/(L + 1)) (Cₗ + Cₗ'),  l = 1 … L,    Cₗ = 1/T Σ y_t y'_(t-l)

What both series have in common, above all the market, cancels: two models of the same bars can be
told apart by far less than their single errors say.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.residue import returns_vary

Floats = NDArray[np.float64]

FEWEST = 30
"""Pairs of returns below which a test that holds for many of them says nothing."""


@dataclass(frozen=True, kw_only=True)
class PairedTest:
    """The difference of two Sharpe ratios, the first less the second, per year."""

    difference: float
    standard_error: float
    p_value: float
    """Probability of a difference as far from 0, either way, if the true ratios were equal."""
    observations: int
    lag: int
    """Bars over which returns were allowed to depend on each other."""


def paired_test(first: Floats, second: Floats, *, per_year: float) -> PairedTest | None:
    """The test of net returns [T] of the same T bars; `per_year` is how many of them a year has.

    None where there is nothing to test: fewer than `FEWEST` pairs, returns that never vary, or the
    same returns twice.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} returns cannot be paired with {len(second)}")
    if len(first) < FEWEST or not (returns_vary(first) and returns_vary(second)):
        return None
    lag = newey_west_lag(len(first))
    gradient = _gradient(first, second)
    variance = float(gradient @ long_run_covariance(_centred(first, second), lag) @ gradient)
    if np.array_equal(first, second) or variance <= 0.0:
        return None
    error = math.sqrt(variance / len(first))
    difference = _ratio(first) - _ratio(second)
    return PairedTest(
        difference=difference * math.sqrt(per_year),
        standard_error=error * math.sqrt(per_year),
        p_value=math.erfc(abs(difference) / error / math.sqrt(2.0)),
        observations=len(first),
        lag=lag,
    )


def newey_west_lag(observations: int) -> int:
    """⌊4 (T/100)^(2/9)⌋, and less than T."""
    return min(math.floor(4.0 * math.pow(observations / 100.0, 2.0 / 9.0)), observations - 1)


def long_run_covariance(centred: Floats, lag: int) -> Floats:
    """Ψ [k, k] of series [T, k] whose means are 0."""
    count = len(centred)
    total = centred.T @ centred / count
    for back in range(1, lag + 1):
        shifted = centred[back:].T @ centred[:-back] / count
        total += (1.0 - back / (lag + 1.0)) * (shifted + shifted.T)
    return total


def _centred(first: Floats, second: Floats) -> Floats:
    moments = np.column_stack([first, second, first**2, second**2])
    centred: Floats = moments - moments.mean(axis=0)
    return centred


def _gradient(first: Floats, second: Floats) -> Floats:
    by_mean, by_square = zip(_slopes(first), _slopes(second), strict=True)
    signs = np.array([1.0, -1.0])
    return np.concatenate([signs * by_mean, signs * by_square])


def _slopes(returns: Floats) -> tuple[float, float]:
    """The gradient of a ratio, by the mean and by the mean square."""
    mean, square = float(returns.mean()), float((returns**2).mean())
    scale = float(returns.var()) ** 1.5
    return square / scale, -mean / (2.0 * scale)


def _ratio(returns: Floats) -> float:
    return float(returns.mean()) / float(returns.std())

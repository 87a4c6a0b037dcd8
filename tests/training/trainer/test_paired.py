"""The paired test of two Sharpe ratios, against a reference by hand and against simulation."""

import math

import numpy as np
import pytest

from training.evaluation.paired import FEWEST, newey_west_lag, paired_test
from training.evaluation.returns import from_bytes, to_bytes

ROUNDS = 2000
BARS = 500


def by_hand(first: list[float], second: list[float]) -> tuple[float, float]:
    """Difference and its error per bar: Ledoit and Wolf (2008), sums written out, no NumPy."""
    count = len(first)
    m, n = sum(first) / count, sum(second) / count
    g, h = sum(r * r for r in first) / count, sum(s * s for s in second) / count
    rows = [(r - m, s - n, r * r - g, s * s - h) for r, s in zip(first, second, strict=True)]
    a, b = (g - m * m) ** 1.5, (h - n * n) ** 1.5
    gradient = (g / a, -h / b, -m / (2 * a), n / (2 * b))
    lag = int(4 * (count / 100) ** (2 / 9))

    def covariance(i: int, j: int, back: int) -> float:
        return sum(rows[t][i] * rows[t - back][j] for t in range(back, count)) / count

    variance = 0.0
    for i in range(4):
        for j in range(4):
            psi = covariance(i, j, 0)
            for back in range(1, lag + 1):
                share = 1 - back / (lag + 1)
                psi += share * (covariance(i, j, back) + covariance(j, i, back))
            variance += gradient[i] * psi * gradient[j]
    difference = m / math.sqrt(g - m * m) - n / math.sqrt(h - n * n)
    return difference, math.sqrt(variance / count)


def pair(rng: np.random.Generator, correlation: float, bars: int = BARS) -> np.ndarray:
    shared, own = rng.standard_normal(bars), rng.standard_normal((2, bars))
    noise = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own
    return 0.0005 + 0.01 * noise


def test_difference_and_error_are_those_worked_out_by_hand() -> None:
    first, second = pair(np.random.default_rng(1), 0.6, bars=120)
    found = paired_test(first, second, per_year=252)
    assert found is not None
    difference, error = by_hand(first.tolist(), second.tolist())
    assert found.difference == pytest.approx(difference * math.sqrt(252), rel=1e-9)
    assert found.standard_error == pytest.approx(error * math.sqrt(252), rel=1e-9)
    assert found.p_value == pytest.approx(math.erfc(abs(difference) / error / math.sqrt(2)))
    assert (found.observations, found.lag) == (120, 4)


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_equal_strategies_are_told_apart_in_one_of_twenty_simulations(correlation: float) -> None:
    """The single errors would say it of 15 % of independent pairs, and of none that share 0.9."""
    rng = np.random.default_rng(7)
    found = [paired_test(*pair(rng, correlation), per_year=252) for _ in range(ROUNDS)]
    assert 0.035 < np.mean([test.p_value < 0.05 for test in found if test]) < 0.07
    told = np.mean([test.standard_error for test in found if test])
    spread = np.std([test.difference for test in found if test])
    assert told == pytest.approx(spread, rel=0.05)


def test_of_independent_pairs_the_error_is_that_of_one_times_root_two() -> None:
    rng = np.random.default_rng(3)
    errors = [paired_test(*pair(rng, 0.0, bars=2000), per_year=1) for _ in range(50)]
    told = np.mean([test.standard_error for test in errors if test])
    assert told == pytest.approx(math.sqrt(2 / 2000), rel=0.03)


def test_returns_that_depend_on_each_other_widen_the_error() -> None:
    rng = np.random.default_rng(5)
    first, second = (np.convolve(series, np.ones(4), "valid") for series in pair(rng, 0.0, 4000))
    found = paired_test(first, second, per_year=1)
    assert found is not None
    assert found.standard_error > 1.5 * math.sqrt(2 / 4000)


def test_the_lag_grows_with_the_two_ninths_of_the_length() -> None:
    assert [newey_west_lag(count) for count in (2, 100, 750, 10_000)] == [1, 4, 6, 11]


def test_there_is_nothing_to_test_of_few_of_constant_or_of_equal_returns() -> None:
    first, second = pair(np.random.default_rng(2), 0.0)
    assert paired_test(first[: FEWEST - 1], second[: FEWEST - 1], per_year=1) is None
    for constant in (np.zeros(BARS), np.full(BARS, 0.01)):
        assert paired_test(first, constant, per_year=1) is None
    assert paired_test(first, first.copy(), per_year=1) is None
    with pytest.raises(ValueError, match="500 returns cannot be paired with 499"):
        paired_test(first, second[1:], per_year=1)


def test_returns_are_read_back_as_they_were_written_and_nothing_else_is() -> None:
    times, returns = np.array([1, 5], np.int64), np.array([0.1, -0.2])
    again = from_bytes(to_bytes(times, returns))
    assert [array.tolist() for array in again] == [[1, 5], [0.1, -0.2]]
    for other in (b"", b"\x93NUMPY", to_bytes(times, returns)[:-3]):
        with pytest.raises(ValueError):
            from_bytes(other)

"""What luck a Sharpe ratio may be, by published figures and by simulation."""

import math
from dataclasses import replace

import numpy as np
import pytest

from training.evaluation.overfitting import (
    deflated_sharpe,
    expected_maximum,
    minimum_backtest_length,
    minimum_track_record,
    probabilistic_sharpe,
)
from training.evaluation.sharpe import Moments, moments

YEARLY = Moments(sharpe=2.5 / math.sqrt(250), count=1250, skewness=-3, kurtosis=10)


def test_the_published_probabilistic_ratios() -> None:
    """Bailey and López de Prado 2012: 24 months, normal or as they were."""
    assert probabilistic_sharpe(Moments(sharpe=0.458, count=24)) == pytest.approx(0.98167, abs=5e-6)
    skewed = Moments(sharpe=0.458, count=24, skewness=-2.448, kurtosis=10.164)
    assert probabilistic_sharpe(skewed) == pytest.approx(0.91336, abs=5e-6)


def test_the_published_deflated_ratios() -> None:
    """Bailey and López de Prado 2014: of 100 and of 46 trials that vary by ½ a year."""
    assert math.sqrt(0.5 / 250) * expected_maximum(100) == pytest.approx(0.113172, abs=5e-7)
    assert deflated_sharpe(YEARLY, 100, variance=0.5 / 250) == pytest.approx(0.900397, abs=5e-7)
    assert deflated_sharpe(YEARLY, 46, variance=0.5 / 250) == pytest.approx(0.9505, abs=5e-5)


def test_the_best_of_one_look_is_that_look() -> None:
    assert expected_maximum(10) == pytest.approx(1.5746, abs=5e-5)
    assert expected_maximum(1) == 0.0
    assert deflated_sharpe(YEARLY, 1) == probabilistic_sharpe(YEARLY)


@pytest.mark.parametrize(
    ("per_year", "shape", "years"),
    [
        (252, {}, 2.7310),  # daily, normal
        (12, {"skewness": -0.72, "kurtosis": 5.78}, 4.9913),  # monthly, of hedge funds
    ],
)
def test_the_published_track_records(per_year: int, shape: dict[str, float], years: float) -> None:
    """Bailey and López de Prado 2012: an annual ratio of 2 told from one of 1 at 95 %."""
    of = Moments(sharpe=2 / math.sqrt(per_year), count=2, **shape)
    needed = minimum_track_record(of, 1 / math.sqrt(per_year))
    assert needed is not None
    assert needed / per_year == pytest.approx(years, abs=5e-5)


def test_the_published_length_of_a_backtest() -> None:
    """Bailey, Borwein, López de Prado and Zhu 2014: five years allow 45 variants at most."""
    assert minimum_backtest_length(45) == pytest.approx(4.998, abs=5e-4)
    assert minimum_backtest_length(45, 2.0) == pytest.approx(4.998 / 4, abs=5e-4)
    assert minimum_backtest_length(1) == 0.0


@pytest.mark.parametrize("looks", [1, 2, 45, 10_000])
def test_a_track_record_is_long_enough_where_its_deflated_ratio_is_sure(looks: int) -> None:
    needed = minimum_track_record(YEARLY, looks=looks)
    assert needed is not None
    counts = [math.floor(needed), math.ceil(needed)]
    sure = [deflated_sharpe(replace(YEARLY, count=count), looks) for count in counts]
    assert sure[0] < 0.95 <= sure[1]  # type: ignore[operator]


def test_no_track_record_tells_a_ratio_from_a_higher_one() -> None:
    assert minimum_track_record(YEARLY, YEARLY.sharpe) is None
    assert minimum_track_record(replace(YEARLY, sharpe=-0.1)) is None
    assert minimum_track_record(Moments(sharpe=1.0, count=9, skewness=2.0, kurtosis=5.0)) is None


def test_the_mean_of_the_largest_is_nearly_that_of_draws() -> None:
    """The formula is one of the limit: 2 % above it of 30."""
    draws = np.random.default_rng(1).standard_normal((20_000, 30)).max(axis=1)
    assert expected_maximum(30) == pytest.approx(draws.mean(), rel=0.03)


def test_moments_are_those_of_the_returns_whatever_their_size() -> None:
    returns = np.random.default_rng(2).gamma(2.0, 0.01, 100_000) - 0.015
    found, larger = moments(returns), moments(1e100 * returns)
    assert found and larger
    assert found.skewness == pytest.approx(math.sqrt(2), abs=0.05)
    assert found.kurtosis == pytest.approx(6, abs=0.3)
    assert (larger.sharpe, larger.skewness) == pytest.approx((found.sharpe, found.skewness))


def test_returns_without_a_ratio_have_no_moments() -> None:
    assert moments(np.zeros(10)) is None
    assert moments(np.array([0.01])) is None


def test_two_values_leave_no_error_and_no_probability() -> None:
    """Always 3, or never -1: an error of 0 would be certainty from one return."""
    certain = Moments(sharpe=1.0, count=9, skewness=2.0, kurtosis=5.0)
    assert probabilistic_sharpe(certain) is None


def test_walks_without_skill_deflate_to_nothing() -> None:
    """The best of 50 looks: nearly always sure by itself, and hardly ever among the 50."""
    rng, sure, deflated = np.random.default_rng(3), 0, 0
    for _ in range(100):
        found = [moments(rng.normal(0, 0.01, 500)) for _ in range(50)]
        best = max((one for one in found if one), key=lambda one: one.sharpe)
        sure += (probabilistic_sharpe(best) or 0) > 0.95
        deflated += (deflated_sharpe(best, 50) or 0) > 0.95
    assert sure > 80
    assert deflated < 5

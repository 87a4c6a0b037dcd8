"""What a bundle's reader computes of bars is what a training computes, bar by bar."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from tests.training.features.indicator_cases import TYPES, all_sections, name_of
from tests.training.features.price_series import flat_bars, joined, random_bars
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.features.memberships import fill_membership
from training.market_data.bars import Bars
from training.strategy.fuzzy_sets import Gaussian, Trapezoidal, Triangular
from training.trained.from_bars import bar_file
from training.trained.from_bars.indicators import INDICATORS
from training.trained.from_bars.inputs import membership

LACKING = {"parabolic_sar", "obv", "ad_line", "zigzag"}
SERIES = {
    "random": random_bars(700, seed=5),
    "cheap": random_bars(300, seed=6, price=1e-5, volatility=0.2),
    "a spike, then flat": joined(random_bars(90), flat_bars(1, price=1e6), flat_bars(150)),
    "no volume": joined(random_bars(120), flat_bars(100, volume=0.0), random_bars(120, seed=3)),
    "few": random_bars(7),
    "one": random_bars(1),
}


def as_read(bars: Bars) -> bar_file.Bars:
    return bar_file.Bars(*(getattr(bars, field.name) for field in fields(bar_file.Bars)))


def test_it_has_every_indicator_but_a_few() -> None:
    assert INDICATORS.keys() == set(TYPES) - LACKING


@pytest.mark.parametrize(
    "section", [own for own in all_sections() if own.type not in LACKING], ids=name_of
)
def test_an_indicator_is_the_trainings(section: Any) -> None:
    for name, bars in SERIES.items():
        expected = compute_indicator(section, Prices(bars))
        found = INDICATORS[section.type].compute(
            as_read(bars).column, section.model_dump(mode="json")
        )
        assert found.keys() == expected.keys()
        for output, values in expected.items():
            scale = np.abs(values[np.isfinite(values)]).max(initial=1e-300)
            np.testing.assert_allclose(
                found[output], values, rtol=1e-9, atol=1e-12 * scale, err_msg=f"{name} {output}"
            )


SETS: list[tuple[Any, list[float]]] = [
    (Triangular, [0.0, 1.0, 3.0]),
    (Triangular, [0.0, 0.0, 3.0]),
    (Triangular, [0.0, 3.0, 3.0]),
    (Trapezoidal, [0.0, 1.0, 2.0, 3.0]),
    (Trapezoidal, [0.0, 0.0, 3.0, 3.0]),
    (Gaussian, [1.0, 0.7]),
]


@pytest.mark.parametrize(("shape", "parameters"), SETS)
def test_a_membership_is_the_trainings(shape: Any, parameters: list[float]) -> None:
    given = shape(type=shape.__name__.lower(), parameters=tuple(parameters))
    values = np.concatenate([np.linspace(-2.0, 5.0, 701), [0.0, 3.0, 1e9]])
    expected = np.empty(values.size, np.float32)
    fill_membership(values, given, expected)
    found = membership(values, **given.model_dump(mode="json"))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)

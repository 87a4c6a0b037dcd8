"""Where nothing moves an oscillator stands in its middle, and nothing divides by zero."""

from typing import Any

import numpy as np
import pytest

from tests.training.features.indicator_cases import all_sections, name_of, section
from tests.training.features.price_series import flat_bars
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices

MIDDLES = {
    "rsi": (50.0,),
    "mfi": (50.0,),
    "williams_r": (-50.0,),
    "adx": (0.0, 0.0, 0.0),
    "stochastic": (50.0, 50.0),
    "aroon": (50.0, 50.0, 0.0),
    "cci": (0.0,),
    "cmf": (0.0,),
    "atr": (0.0,),
    "bollinger_width": (0.0,),
    "roc": (0.0,),
    "momentum": (0.0,),
    "fisher": (0.0, 0.0),
    "rvi": (0.0, 0.0),
    "squeeze": (0.0,),
    "volume_ratio": (1.0,),
}


@pytest.mark.parametrize("type_name", MIDDLES)
def test_an_oscillator_stands_in_its_middle(type_name: str) -> None:
    outputs = compute_indicator(section(type_name), Prices(flat_bars(700))).values()
    for values, middle in zip(outputs, MIDDLES[type_name], strict=True):
        assert (values[-200:] == middle).all()


@pytest.mark.parametrize("flat", all_sections(), ids=name_of)
def test_every_value_is_finite(flat: Any) -> None:
    for values in compute_indicator(flat, Prices(flat_bars(700))).values():
        assert np.isfinite(values[flat.settle_length("loose") - 1 :]).all()


def test_money_flow_is_zero_without_volume() -> None:
    values = compute_indicator(section("cmf"), Prices(flat_bars(100, volume=0.0)))[""]
    assert (values[19:] == 0.0).all()

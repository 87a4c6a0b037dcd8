"""What happens after a bar changes no bit of an indicator at or before it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.features.indicator_cases import TYPES, all_sections, name_of, section
from tests.training.features.price_series import changed_after, random_bars
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.features.indicators.table import COMPUTATIONS

BARS = random_bars(500)


@pytest.mark.parametrize("indicator", all_sections(), ids=name_of)
@settings(max_examples=10, deadline=None)
@given(row=st.integers(0, 498), seed=st.integers(0, 1_000))
def test_changing_every_later_bar_changes_nothing_before(
    indicator: Any, row: int, seed: int
) -> None:
    known = compute_indicator(indicator, Prices(BARS))
    other = compute_indicator(indicator, Prices(changed_after(BARS, row, seed=seed)))
    for name, values in known.items():
        assert np.array_equal(values[: row + 1], other[name][: row + 1], equal_nan=True)


def test_outputs_that_look_ahead_are_not_computed() -> None:
    assert "chikou" not in compute_indicator(section("ichimoku"), Prices(BARS))


def test_every_indicator_of_the_grammar_can_be_computed_unless_it_looks_ahead() -> None:
    usable = {name for name in TYPES if section(name).look_ahead != {""}}
    assert set(COMPUTATIONS) == usable

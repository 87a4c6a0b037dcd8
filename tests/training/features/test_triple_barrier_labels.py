"""The triple barrier on series made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.features.price_series import random_bars
from training.features.labels.outcome import BUY, HOLD, NO_LABEL, SELL, Labels
from training.features.labels.triple_barrier import triple_barrier

# Volatility 1 % and multipliers of 2: barriers at 102 and 98 around a close of 100.
FLAT = [100.0] * 6


def label(
    high: list[float],
    low: list[float],
    *,
    close: list[float] | None = None,
    volatility: float | list[float] = 0.01,
    pt: float = 2.0,
    sl: float = 2.0,
    bars: int = 3,
) -> Labels:
    return triple_barrier(
        np.array(high),
        np.array(low),
        np.array(close or [100.0] * len(high)),
        np.broadcast_to(volatility, len(high)).astype(np.float64),
        pt_multiplier=pt,
        sl_multiplier=sl,
        max_holding_period=bars,
    )


def first(labels: Labels) -> tuple[int, int]:
    return int(labels.values[0]), int(labels.end_rows[0])


def test_the_upper_barrier_first_is_buy() -> None:
    assert first(label([100, 101, 102, 100], [100, 99, 100, 90])) == (BUY, 2)


def test_the_lower_barrier_first_is_sell() -> None:
    assert first(label([100, 101, 100, 110], [100, 99, 98, 100])) == (SELL, 2)


def test_both_barriers_in_one_bar_are_hold_and_decided_there() -> None:
    assert first(label([100, 103, 100, 100], [100, 97, 100, 100])) == (HOLD, 1)


def test_neither_barrier_within_the_period_is_hold_at_its_end() -> None:
    assert first(label([100, 101.9, 101, 101, 200], [100, 98.1, 99, 99, 99])) == (HOLD, 3)


def test_the_last_bar_of_the_period_still_counts() -> None:
    assert first(label([100, 100, 100, 102, 100], [100, 99, 99, 99, 99])) == (BUY, 3)


def test_the_entry_bar_itself_does_not_count() -> None:
    assert first(label([150, 100, 100, 100], [50, 100, 100, 100])) == (HOLD, 3)


def test_multipliers_set_each_barrier_on_its_own() -> None:
    high, low = [100, 102, 103, 100], [100, 100, 100, 100]
    assert first(label(high, low, pt=3.0)) == (BUY, 2)
    assert first(label([100] * 4, [100, 99, 98.5, 90], sl=1.5)) == (SELL, 2)


def test_the_last_bars_have_no_label_even_if_a_barrier_is_met() -> None:
    labels = label([100, 100, 100, 100, 200, 200], [100] * 6)
    assert labels.values.tolist() == [HOLD, BUY, BUY, NO_LABEL, NO_LABEL, NO_LABEL]
    assert labels.end_rows.tolist() == [3, 4, 4, NO_LABEL, NO_LABEL, NO_LABEL]


@pytest.mark.parametrize("volatility", [np.nan, 0.0, np.inf])
def test_a_row_without_volatility_has_no_label(volatility: float) -> None:
    labels = label(FLAT, FLAT, volatility=[volatility, 0.01, 0.01, 0.01, 0.01, 0.01])
    assert first(labels) == (NO_LABEL, NO_LABEL)
    assert labels.defined.tolist() == [False, True, True, False, False, False]


def test_fewer_bars_than_the_period_have_no_label() -> None:
    for num_bars in range(4):
        assert not label([100.0] * num_bars, [100.0] * num_bars).defined.any()


def test_a_price_of_zero_decides_against_a_position_and_has_no_label_of_its_own() -> None:
    volatility = [0.01, np.nan, 0.01, 0.01, 0.01]
    labels = label(
        [100, 0, 100, 100, 100],
        [100, 0, 100, 100, 100],
        close=[100, 0, 100, 100, 100],
        volatility=volatility,
    )
    assert labels.values.tolist() == [SELL, NO_LABEL, NO_LABEL, NO_LABEL, NO_LABEL]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    bars=st.integers(1, 30),
    pt=st.floats(0.2, 4.0),
    sl=st.floats(0.2, 4.0),
)
def test_labels_follow_the_definition_row_by_row(
    seed: int, bars: int, pt: float, sl: float
) -> None:
    prices = random_bars(120, seed=seed)
    volatility = np.random.default_rng(seed).uniform(0.002, 0.03, 120)
    labels = triple_barrier(
        prices.high,
        prices.low,
        prices.close,
        volatility,
        pt_multiplier=pt,
        sl_multiplier=sl,
        max_holding_period=bars,
    )
    for row in range(120):
        if row + bars >= 120:
            assert labels.values[row] == labels.end_rows[row] == NO_LABEL
            continue
        upper = prices.close[row] * (1.0 + pt * volatility[row])
        lower = prices.close[row] * (1.0 - sl * volatility[row])
        ahead = slice(row + 1, row + 1 + bars)
        up, down = prices.high[ahead] >= upper, prices.low[ahead] <= lower
        touched = np.flatnonzero(up | down)
        end = int(touched[0]) if touched.size else bars - 1
        value = HOLD if up[end] == down[end] else (BUY if up[end] else SELL)
        assert (labels.values[row], labels.end_rows[row]) == (value, row + 1 + end)

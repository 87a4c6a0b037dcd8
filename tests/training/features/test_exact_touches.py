"""A price that stands exactly on a level has met it: rounding decides no label."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from training.features.arrays import Float64Array
from training.features.labels.cusum import cusum_events
from training.features.labels.outcome import BUY, HOLD, NO_LABEL, SELL
from training.features.labels.touches import TOUCH_ULPS, tolerance
from training.features.labels.triple_barrier import triple_barrier
from training.features.labels.volatility import close_volatility
from training.features.labels.zigzag import zigzag

PERMILLE = (5, 10, 20, 25, 50)


def cents(price: int) -> float:
    """A whole number of cents as a file writes it and a reader reads it."""
    return float(f"{price // 100}.{price % 100:02d}")


def touches() -> Iterator[tuple[int, int, int]]:
    """Closes and later prices on a grid of cents, in cents, that are exactly so far apart."""
    for close in range(1_000, 25_000, 10):
        for permille in PERMILLE:
            for sign in (1, -1):
                if close * (1000 + sign * permille) % 1000 == 0:
                    yield close, close * (1000 + sign * permille) // 1000, sign * permille


TOUCHES = list(touches())


def triple(close: float, later: float, volatility: float) -> int:
    prices = np.array([close, later])
    labels = triple_barrier(
        prices,
        prices,
        prices,
        np.array([volatility, np.nan]),
        pt_multiplier=1.0,
        sl_multiplier=1.0,
        max_holding_period=1,
    )
    return int(labels.values[0])


def test_there_are_thousands_of_them() -> None:
    assert len(TOUCHES) > 4_000


def test_every_exact_swing_on_a_grid_of_cents_is_one() -> None:
    for close, later, permille in TOUCHES:
        prices = np.array([cents(close), cents(later)])
        found = zigzag(prices, threshold=abs(permille) / 1000, lookahead=1).values[0]
        assert found == (BUY if permille > 0 else SELL), (close, later, permille)


def test_every_exact_touch_of_a_barrier_on_a_grid_of_cents_is_one() -> None:
    for close, later, permille in TOUCHES:
        found = triple(cents(close), cents(later), abs(permille) / 1000)
        assert found == (BUY if permille > 0 else SELL), (close, later, permille)


def test_a_cent_short_of_a_level_is_not_a_touch() -> None:
    for close, later, permille in TOUCHES[::50]:
        short = later - int(math.copysign(1, permille))
        prices = np.array([cents(close), cents(short)])
        assert zigzag(prices, threshold=abs(permille) / 1000, lookahead=1).values[0] == HOLD
        assert triple(cents(close), cents(short), abs(permille) / 1000) == HOLD


def test_the_tolerance_is_four_units_in_the_last_place_and_no_more() -> None:
    level = np.array([100.0 * 1.02])
    unit = np.spacing(level)
    assert tolerance(level) == TOUCH_ULPS * unit
    for ulps, expected in ((4, BUY), (6, HOLD)):
        close = np.concatenate([[100.0], level - ulps * unit])
        assert zigzag(close, threshold=0.02, lookahead=1).values[0] == expected


def test_an_accumulated_return_of_exactly_the_threshold_is_no_event() -> None:
    """López de Prado's filter fires beyond the threshold; in how many bars does not matter."""
    for close, later, permille in TOUCHES[::5]:
        first, last = cents(close), cents(later)
        threshold = abs(math.log(1 + permille / 1000))
        for num_bars in (2, 7, 60):
            path = np.linspace(first, last, num_bars)
            path[-1] = last
            assert not cusum_events(path, threshold=threshold).any(), (close, later, num_bars)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_cent_beyond_the_threshold_is_an_event(sign: int) -> None:
    for close, later, permille in TOUCHES[::5]:
        if permille * sign > 0:
            prices = np.array([cents(close), cents(later), cents(later + sign)])
            threshold = abs(math.log(1 + permille / 1000))
            assert cusum_events(prices, threshold=threshold).tolist() == [False, False, True]


def test_growth_at_a_constant_rate_has_no_volatility_and_so_no_label() -> None:
    """What its deviation is, is rounding: barriers of that width would be met on every bar."""
    close: Float64Array = 100.0 * 1.003 ** np.arange(200)
    volatility = close_volatility(close, span=20)
    labels = triple_barrier(
        close,
        close,
        close,
        volatility,
        pt_multiplier=1.0,
        sl_multiplier=1.0,
        max_holding_period=5,
    )
    assert (labels.values == NO_LABEL).all()

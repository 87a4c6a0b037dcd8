"""The CUSUM filter of López de Prado 2018, snippet 2.4."""

import numpy as np

from tests.training.features.price_series import random_bars
from training.features.labels.cusum import cusum_events


def test_an_event_is_where_returns_accumulate_beyond_the_threshold() -> None:
    close = 100 * np.exp(np.cumsum([0.0, 0.01, 0.015, 0.01, 0.01, -0.04, 0.03]))
    events = cusum_events(close, threshold=0.02)
    # 0.025 passes at row 2; from 0 again 0.02 does not; then the fall, and the rise from 0.
    assert np.flatnonzero(events).tolist() == [2, 5, 6]


def test_a_sum_never_carries_the_other_direction() -> None:
    close = 100 * np.exp(np.cumsum([0.0, -0.015, 0.015, 0.01]))
    assert np.flatnonzero(cusum_events(close, threshold=0.02)).tolist() == [3]


def test_events_follow_the_snippet_row_by_row() -> None:
    close = random_bars(600).close
    expected, rise, fall = [], 0.0, 0.0
    for row in range(1, 600):
        change = np.log(close[row] / close[row - 1])
        rise, fall = max(0.0, rise + change), min(0.0, fall + change)
        if fall < -0.025:
            fall = 0.0
            expected.append(row)
        elif rise > 0.025:
            rise = 0.0
            expected.append(row)
    assert 20 < len(expected) < 400
    assert np.flatnonzero(cusum_events(close, threshold=0.025)).tolist() == expected


def test_a_price_of_zero_is_passed_over() -> None:
    close = np.array([100.0, 0.0, 100.0, 103.0])
    assert np.flatnonzero(cusum_events(close, threshold=0.02)).tolist() == [3]


def test_a_threshold_that_no_price_can_pass_has_no_event() -> None:
    assert not cusum_events(random_bars(50).close, threshold=1e9).any()

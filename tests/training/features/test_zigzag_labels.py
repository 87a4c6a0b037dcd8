"""The next swing of the close, on series made by hand."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.features.price_series import random_bars
from training.features.labels.outcome import BUY, HOLD, NO_LABEL, SELL, Labels
from training.features.labels.zigzag import zigzag


def label(*close: float, threshold: float = 0.025, lookahead: int = 3) -> Labels:
    return zigzag(np.array(close), threshold=threshold, lookahead=lookahead)


def first(labels: Labels) -> tuple[int, int]:
    return int(labels.values[0]), int(labels.end_rows[0])


def test_a_rise_by_the_threshold_first_is_buy() -> None:
    assert first(label(100, 98, 102.5, 90)) == (BUY, 2)


def test_a_fall_by_the_threshold_first_is_sell() -> None:
    assert first(label(100, 102.4, 97.5, 110)) == (SELL, 2)


def test_no_swing_within_the_lookahead_is_hold_at_its_end() -> None:
    assert first(label(100, 101, 99, 101, 200)) == (HOLD, 3)


def test_the_last_bars_and_too_few_bars_have_no_label() -> None:
    labels = label(100, 110, 100, 110, 100)
    assert labels.values.tolist() == [BUY, SELL, NO_LABEL, NO_LABEL, NO_LABEL]
    assert not label(100, 110, 100).defined.any()
    assert not label().defined.any()


def test_a_price_of_zero_has_no_label() -> None:
    assert label(0, 100, 100, 100, 100).values.tolist() == [NO_LABEL, HOLD] + [NO_LABEL] * 3


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), threshold=st.floats(0.0005, 0.1), lookahead=st.integers(1, 30))
def test_labels_follow_the_definition_row_by_row(
    seed: int, threshold: float, lookahead: int
) -> None:
    close = random_bars(100, seed=seed).close
    labels = zigzag(close, threshold=threshold, lookahead=lookahead)
    for row in range(100 - lookahead):
        ahead = close[row + 1 : row + 1 + lookahead]
        risen = ahead >= close[row] * (1.0 + threshold)
        swings = np.flatnonzero(risen | (ahead <= close[row] * (1.0 - threshold)))
        value = (BUY if risen[swings[0]] else SELL) if swings.size else HOLD
        end = int(swings[0]) + 1 if swings.size else lookahead
        assert (labels.values[row], labels.end_rows[row]) == (value, row + end)

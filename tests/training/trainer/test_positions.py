"""Positions by hand: a fold over decisions, the same rule for every reader."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.trainer.synthetic import make_strategy
from training.evaluation.decisions import (
    BUY,
    FLAT,
    HOLD,
    NO_DECISION,
    SELL,
    deciding_row,
    positions,
)

LONG_AND_SHORT = make_strategy().decisions
LONG_ONLY = make_strategy(decisions={"allow_short": False}).decisions
SELL_CLOSES = make_strategy(decisions={"allow_short_from_flat": False}).decisions
KEEPS = make_strategy(decisions={"on_hold": "keep"}).decisions
KEEPS_LONG_ONLY = make_strategy(decisions={"on_hold": "keep", "allow_short": False}).decisions
AS_KTRDR = make_strategy(decisions={"on_hold": "keep", "allow_short_from_flat": False}).decisions
EVERY = {
    "short": LONG_AND_SHORT,
    "long only": LONG_ONLY,
    "sell closes": SELL_CLOSES,
    "keeps": KEEPS,
    "keeps, long only": make_strategy(
        decisions={"on_hold": "keep", "allow_short": False}
    ).decisions,
    "as the original": AS_KTRDR,
}

series = st.lists(st.sampled_from([BUY, HOLD, SELL, NO_DECISION]), max_size=30)
before_it = st.sampled_from([1.0, FLAT, -1.0])


def test_a_position_stands_on_bars_that_are_no_event() -> None:
    decisions = np.array([NO_DECISION, BUY, NO_DECISION, SELL, NO_DECISION, HOLD, NO_DECISION])
    assert positions(decisions, LONG_AND_SHORT, FLAT).tolist() == [0, 1, 1, -1, -1, 0, 0]
    assert positions(decisions, LONG_ONLY, FLAT).tolist() == [0, 1, 1, 0, 0, 0, 0]
    assert positions(decisions, LONG_AND_SHORT, -1.0).tolist() == [-1, 1, 1, -1, -1, 0, 0]


def test_a_hold_may_leave_the_position_as_it_is() -> None:
    decisions = np.array([HOLD, BUY, HOLD, NO_DECISION, SELL, HOLD, BUY, SELL, SELL])
    assert positions(decisions, KEEPS, FLAT).tolist() == [0, 1, 1, 1, -1, -1, 1, -1, -1]
    assert positions(decisions, LONG_AND_SHORT, FLAT).tolist() == [0, 1, 0, 0, -1, 0, 1, -1, -1]


def test_sell_may_close_a_long_and_open_no_short() -> None:
    decisions = np.array([SELL, BUY, SELL, SELL, HOLD, BUY, HOLD, SELL])
    assert positions(decisions, SELL_CLOSES, FLAT).tolist() == [0, 1, 0, 0, 0, 1, 0, 0]
    assert positions(decisions, AS_KTRDR, FLAT).tolist() == [0, 1, 0, 0, 0, 1, 1, 0]


def test_of_no_bars_there_are_no_positions() -> None:
    assert positions(np.array([], dtype=np.int64), LONG_AND_SHORT, FLAT).shape == (0,)


@pytest.mark.parametrize("settings", EVERY.values(), ids=EVERY.keys())
@given(first=series, later=series, before=before_it)
def test_it_may_be_cut_anywhere(settings, first, later, before) -> None:  # type: ignore[no-untyped-def]
    """Positions of a whole are those of its parts, each given the position before it."""
    whole = positions(np.array(first + later, dtype=np.int64), settings, before)
    beginning = positions(np.array(first, dtype=np.int64), settings, before)
    between = beginning[-1] if first else before
    end = positions(np.array(later, dtype=np.int64), settings, between)
    assert whole.tolist() == [*beginning.tolist(), *end.tolist()]


@pytest.mark.parametrize("settings", EVERY.values(), ids=EVERY.keys())
@given(decisions=series.filter(bool), data=st.data())
def test_from_the_deciding_row_on_a_position_is_that_of_the_whole(
    settings, decisions, data
) -> None:  # type: ignore[no-untyped-def]
    """What is computed for a page: no earlier decision is needed."""
    series = np.array(decisions)
    row = data.draw(st.integers(0, len(decisions) - 1))
    first = deciding_row(series != NO_DECISION, row, 0, settings)
    from_there = positions(series[first:], settings, FLAT)
    assert from_there[row - first] == positions(series, settings, FLAT)[row]

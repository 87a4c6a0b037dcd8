"""What an evaluation says in words: of models that never trade, and of ratios that differ."""

import numpy as np
import pytest

from tests.training.trainer.synthetic import make_strategy
from training.evaluation import notes
from training.strategy import Strategy

OLD = (
    "The Sharpe ratio's standard error on these 750 bars is 0.58: two trainings whose ratios "
    "differ by less than twice that cannot be told apart."
)
SURE_OF_HOLD = np.array([[0.1, 0.8, 0.1], [0.3, 0.4, 0.3]])
MIXED = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])


def told(strategy: Strategy, predictions: np.ndarray, *, trades: int) -> list[str]:
    return list(notes.of_behaviour(strategy, predictions, trades=trades))


def test_a_model_below_its_threshold_never_trades_and_says_by_how_much() -> None:
    strategy = make_strategy(decisions={"confidence_threshold": 0.6})
    [note] = told(strategy, MIXED, trades=0)
    assert note == (
        "The model never trades on this test part: its largest probability of buy is 0.500 and of "
        "sell is 0.500, the confidence threshold 0.6."
    )


def test_a_model_that_says_hold_on_every_bar_is_told_so() -> None:
    one_class, never = told(make_strategy(), SURE_OF_HOLD, trades=0)
    assert one_class == (
        "The model says hold on each of the 2 bars that it decides on: its largest probability of "
        "hold is 0.800, the confidence threshold 0."
    )
    assert "of buy is 0.300 and of sell is 0.300" in never


def test_a_model_that_says_buy_on_every_bar_is_told_so() -> None:
    [note] = told(make_strategy(), MIXED[:1].repeat(3, axis=0), trades=1)
    assert note.startswith("The model says buy on each of the 3 bars")


def test_of_a_model_that_may_not_short_only_buying_counts() -> None:
    [_, never] = told(
        make_strategy(decisions={"allow_short": False}), MIXED[1:].repeat(2, axis=0), trades=0
    )
    assert "of buy is 0.200, the confidence threshold 0; it may not short." in never


@pytest.mark.parametrize(
    ("predicted", "trades", "words"),
    [
        ([0.0001, -0.0002], 0, "never trades on this test part: it predicts returns from -0.0200%"),
        ([0.01, 0.02], 1, "says buy on each of the 2 bars: it predicts returns from +1.0000%"),
        ([0.01, -0.02], 2, None),
    ],
)
def test_a_regression_says_what_it_predicts_and_beyond_what_it_trades(
    predicted: list[float], trades: int, words: str | None
) -> None:
    strategy = make_strategy(labels={"source": "forward_return"})
    found = told(strategy, np.array(predicted), trades=trades)
    assert len(found) == (words is not None)
    if words is not None:
        assert words in found[0]
        assert "trades beyond ±0.1500%, the cost times its multiplier" in found[0]


def test_a_model_that_does_this_and_that_has_nothing_said() -> None:
    assert told(make_strategy(), MIXED, trades=2) == []


def test_two_ratios_are_told_apart_by_the_error_of_their_difference() -> None:
    [note] = notes.of_sharpe(0.5, returns=750, trades=3)
    assert "differ by less than 1.41" in note  # 2 · √2 · 0.5
    assert list(notes.of_sharpe(None, returns=750, trades=0)) == []
    assert "never vary" in next(notes.of_sharpe(None, returns=750, trades=3))


def test_what_version_0_1_0_said_of_a_difference_is_read_right() -> None:
    assert notes.mended(OLD, trades=3) == notes.told_apart(0.58, 750)
    assert notes.mended("Another note.", trades=3) == "Another note."
    assert notes.mended(notes.NEVER_VARY, trades=0) == f"{notes.NEVER_TRADES}."
    assert notes.mended(notes.NEVER_VARY, trades=1) == notes.NEVER_VARY

"""Settings given at the start of a training replace the strategy's own, and are checked."""

from typing import Any

import pytest

from training.strategy import StrategyInvalid, apply_overrides, find_strategy
from training.strategy.limits import MAX_ENTRIES, MAX_VALUES
from training.strategy.overrides import apply_settings

DAILY = find_strategy("sp500_daily").load().strategy
WEEKLY_TOO = find_strategy("trend_daily_weekly").load().strategy


def test_what_is_given_replaces_and_the_rest_stays() -> None:
    changed = apply_overrides(
        DAILY, symbols=["NASDAQ"], start_date="2005-01-01", end_date="2010-12-31", epochs=3, seed=5
    )
    assert changed.symbols == ("NASDAQ",)
    assert (changed.training.epochs, changed.training.seed) == (3, 5)
    assert changed.training_data.end_date == "2010-12-31"
    assert changed.indicators == DAILY.indicators
    assert apply_overrides(DAILY) == DAILY
    assert apply_overrides(DAILY.snapshot(), epochs=3).training.epochs == 3


def test_several_symbols_and_timeframes() -> None:
    changed = apply_overrides(DAILY, symbols=["SP500", "NASDAQ"], timeframes=["1w", "1d"])
    assert changed.symbols == ("SP500", "NASDAQ")
    assert changed.timeframes == ("1w", "1d")
    assert changed.base_timeframe == "1d"


def test_the_base_is_the_finest_when_its_own_is_gone() -> None:
    assert apply_overrides(DAILY, timeframes=["1w", "4h"]).base_timeframe == "4h"


def test_a_base_that_is_still_there_stays_also_beside_finer_ones() -> None:
    assert apply_overrides(DAILY, timeframes=["1h", "1d"]).base_timeframe == "1d"


def test_an_input_may_not_lose_its_timeframe() -> None:
    with pytest.raises(StrategyInvalid, match=r"nn_inputs\[2\].timeframes"):
        apply_overrides(WEEKLY_TOO, timeframes=["1w"])


@pytest.mark.parametrize(
    "settings", [{"epochs": 0}, {"seed": -1}, {"symbols": []}, {"symbols": ["../x"]}]
)
def test_settings_are_held_to_the_grammar(settings: dict[str, object]) -> None:
    with pytest.raises(StrategyInvalid):
        apply_overrides(DAILY, **settings)  # type: ignore[arg-type]


MANY = {f"m{number}": [0, 1, 2] for number in range(400)}


def membership(number: int) -> dict[str, Any]:
    return {"name": f"m{number}", "type": "triangular", "parameters": [0, 1, 2]}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"fuzzy_sets.oversold.memberships": [membership(number) for number in range(30_000)]},
            "more than 500 entries",
        ),
        (
            dict.fromkeys(["fuzzy_sets.a", "fuzzy_sets.b", "fuzzy_sets.c"], MANY),
            "more than 6,000 values",
        ),
        (
            {"training_data.symbols": {"mode": "multi_symbol", "list": ["A"] * 100_000}},
            "more than 500 entries",
        ),
        ({f"training.x{number}": 1 for number in range(20_000)}, "more than 500 entries"),
        ({"a." * 100_000: 1}, "longer than 65,536 characters"),
        ({"a." * 30_000: 1}, "there is no such setting"),
        ({"description": "x" * 100_000}, "longer than 65,536 characters"),
        ({"training.learning_rate": 10**4000}, "too many digits"),
        ({"training.learning_rate": -(10**400)}, "too many digits"),
        ({"description": [[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]}, "nested too deeply"),
    ],
)
def test_settings_are_no_larger_than_a_strategy_may_be(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(StrategyInvalid, match=words) as refused:
        apply_settings(DAILY.snapshot(), settings)
    assert len(str(refused.value)) < 1000


def test_too_many_symbols_are_refused_before_they_are_compared() -> None:
    with pytest.raises(StrategyInvalid, match=f"more than {MAX_ENTRIES} entries"):
        apply_overrides(DAILY, symbols=[f"S{number}" for number in range(10_000)])


def test_forks_of_forks_do_not_grow_for_ever() -> None:
    snapshot, forks = DAILY.snapshot(), 0
    with pytest.raises(StrategyInvalid, match="more than"):
        for forks in range(20):
            memberships = [membership(number) for number in range(400)]
            added = {"indicator": "rsi_14", "memberships": memberships}
            snapshot = apply_settings(snapshot, {f"fuzzy_sets.f{forks}": added}).snapshot()
    assert 2 < forks < 4 * MAX_VALUES / (400 * 9)

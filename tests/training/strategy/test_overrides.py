"""Settings given at the start of a training replace the strategy's own, and are checked."""

import pytest

from training.strategy import StrategyInvalid, apply_overrides, find_strategy

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


def test_an_input_may_not_lose_its_timeframe() -> None:
    with pytest.raises(StrategyInvalid, match=r"nn_inputs\[2\].timeframes"):
        apply_overrides(WEEKLY_TOO, timeframes=["1w"])


@pytest.mark.parametrize(
    "settings", [{"epochs": 0}, {"seed": -1}, {"symbols": []}, {"symbols": ["../x"]}]
)
def test_settings_are_held_to_the_grammar(settings: dict[str, object]) -> None:
    with pytest.raises(StrategyInvalid):
        apply_overrides(DAILY, **settings)  # type: ignore[arg-type]

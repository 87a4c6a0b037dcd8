"""Once an indicator has settled, its value hardly depends on where the data begin."""

from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
import pytest

from tests.training.features.datasets import daily, dataset_of, make_strategy
from tests.training.features.indicator_cases import all_sections, name_of, section
from training.features.arrays import Float64Array
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.market_data.bars import Bars
from training.market_data.samples import load_sample
from training.strategy import StrategyInvalid
from training.strategy.values import Settle

NUM_CUTS = 26
LATER = 20  # bars after the first settled one that are compared, too
INDICES = ("SP500", "NASDAQ")
SETTLES: tuple[Settle, ...] = get_args(Settle)

CLAIMS: dict[str, dict[Settle, float]] = {
    "ema": {"strict": 2e-8, "loose": 7e-5},
    "rsi": {"strict": 1e-8, "loose": 2e-4},
    "atr": {"strict": 1e-8, "loose": 2e-4},
    "adx": {"strict": 8e-9, "loose": 2e-4},
}
"""Of each family of smoothing, the median over the cuts."""

WORST: dict[Settle, float] = {"strict": 2e-7, "loose": 2e-3}
"""Of every indicator, the largest over the cuts: differences of averages lose some digits."""


def errors(indicator: Any, bars: Bars, settle: Settle) -> list[float]:
    """Largest error on the first settled bars, as a share of the output's range, of each cut."""
    length = indicator.settle_length(settle)
    known = compute_indicator(indicator, Prices(bars))
    last = len(bars) - length - LATER
    return [
        max(_differences(indicator, bars.rows(slice(cut, cut + length + LATER)), cut, known))
        for cut in np.linspace(50, last, NUM_CUTS).astype(int).tolist()
    ]


def _differences(
    indicator: Any, part: Bars, cut: int, known: dict[str, Float64Array]
) -> Iterator[float]:
    for name, values in compute_indicator(indicator, Prices(part)).items():
        expected = known[name]
        reach = float(np.nanmax(expected) - np.nanmin(expected))
        settled = slice(len(part) - LATER - 1, None)
        difference = np.abs(values[settled] - expected[cut : cut + len(part)][settled])
        yield float(difference.max()) / reach


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("settle", SETTLES)
@pytest.mark.parametrize("name", CLAIMS)
def test_what_is_left_of_the_beginning_is_what_is_claimed(
    name: str, settle: Settle, index: str
) -> None:
    found = errors(section(name), load_sample(index, "1d"), settle)
    assert np.median(found) <= CLAIMS[name][settle]
    assert max(found) <= WORST[settle]


@pytest.mark.parametrize("settle", SETTLES)
@pytest.mark.parametrize("indicator", all_sections(), ids=name_of)
def test_no_indicator_shows_where_the_data_begin(indicator: Any, settle: Settle) -> None:
    if not indicator.cumulative:
        assert max(errors(indicator, load_sample("SP500", "1d"), settle)) <= WORST[settle]


def test_a_shorter_length_would_not_do() -> None:
    """The claims measure something: a quarter less and they do not hold."""
    bars = load_sample("SP500", "1d")
    for name, claim in CLAIMS.items():
        indicator = section(name)
        length = indicator.settle_length("loose") * 3 // 4
        shortened = type(indicator).model_construct(**dict(indicator))
        object.__setattr__(shortened, "settle_length", lambda _settle, length=length: length)
        assert np.median(errors(shortened, bars, "loose")) > claim["loose"] / 4


def test_loose_halves_what_strict_takes() -> None:
    for name in ("ema", "adx"):
        indicator = section(name)
        assert indicator.settle_length("strict") == 2 * indicator.settle_length("loose")
    assert section("adx", period=14).settle_length("strict") == 280
    assert section("rsi", period=14).settle_length("strict") == 238
    assert section("rsi", period=14).settle_length("loose") == 112
    assert section("ema", period=20).settle_length("strict") == 160
    assert section("sma", period=20).settle_length("loose") == 20


def test_a_loose_strategy_has_more_rows_of_the_same_bars_and_is_another_strategy() -> None:
    strict, loose = (make_strategy(training_data={"settle": settle}) for settle in SETTLES)
    assert strict == make_strategy()
    assert strict.digest() != loose.digest()
    bars = daily(700)
    rows = [len(dataset_of(strategy, bars).features) for strategy in (strict, loose)]
    assert rows == [700 - 17 * 5 + 1, 700 - 8 * 5 + 1]


def test_a_snapshot_of_before_there_was_a_choice_is_strict() -> None:
    snapshot = make_strategy().snapshot()
    del snapshot["training_data"]["settle"]
    before = type(make_strategy()).from_snapshot(snapshot)
    assert before.training_data.settle == "strict"
    assert before.digest() == make_strategy().digest()


def test_another_word_is_a_fault_with_the_near_one() -> None:
    with pytest.raises(StrategyInvalid, match=r"training_data.settle: .*did you mean loose"):
        make_strategy(training_data={"settle": "lose"})

"""An account whose equity is gone trades no more: returns ≥ -1, drawdowns within 0 and 1."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.training.trainer.synthetic import make_dataset, make_strategy
from training.evaluation.backtest import Backtest, backtest
from training.features.dataset import Dataset

DAY = 86_400


def priced(*opens: list[float], times: Any = None) -> Dataset:
    """One symbol after another, each with these daily opens."""
    lengths = [len(own) for own in opens]
    dataset = make_dataset(make_strategy(), rows=sum(lengths))
    days = [np.arange(length, dtype=np.int64) * DAY for length in lengths]
    return replace(
        dataset,
        open=np.concatenate([np.array(own) for own in opens]),
        times=np.concatenate(days) if times is None else np.array(times, dtype=np.int64),
        symbols=np.repeat(np.arange(len(opens), dtype=np.int16), lengths),
    )


def trade(dataset: Dataset, held: list[float], cost: float = 0.0) -> Backtest:
    rows = np.arange(len(held), dtype=np.int64)
    return backtest(dataset, rows, np.array(held), timeframe="1d", round_trip_cost=cost)


def test_from_the_bar_of_ruin_on_the_account_is_flat_and_its_returns_are_nought() -> None:
    dataset = priced([100.0, 100.0, 110.0, 330.0, 165.0, 82.5, 82.5])
    result = trade(dataset, [1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0])
    assert result.returns.tolist() == pytest.approx([0.1, -1.0, 0.0, 0.0, 0.0])
    assert result.equity.tolist() == pytest.approx([1.1, 0.0, 0.0, 0.0, 0.0])
    assert result.ruined_at == 2 * DAY == result.times[1]
    assert (result.trades, result.turnover, result.exposure) == (2, 3.0, 0.4)
    metrics = result.metrics()
    assert (metrics["net_return"], metrics["max_drawdown"]) == (-1.0, 1.0)
    assert metrics["sharpe"] is not None


def test_a_loss_of_exactly_everything_is_ruin() -> None:
    result = trade(priced([100.0, 100.0, 200.0, 100.0]), [-1.0, -1.0, -1.0, -1.0])
    assert result.returns.tolist() == [-1.0, 0.0]


def test_costs_can_ruin_too() -> None:
    result = trade(priced([100.0, 100.0, 199.9, 100.0]), [-1.0] * 4, cost=0.01)
    assert result.returns.tolist() == [-1.0, 0.0]


def test_an_equity_too_small_for_a_number_is_gone() -> None:
    result = trade(priced([10.0 ** (300 - 10 * power) for power in range(60)]), [1.0] * 60)
    assert result.ruined_at is not None
    assert result.returns[result.times == result.ruined_at].tolist() == [-1.0]
    assert result.metrics()["net_return"] == -1.0


WIPED = [100.0, 100.0, 400.0, 100.0, 100.0, 100.0]  # a short loses three times itself on one bar
CALM = [100.0, 100.0, 100.0, 100.0, 110.0, 121.0]


def test_a_symbol_that_is_ruined_alone_goes_on_in_a_portfolio_that_is_not() -> None:
    calm = [100.0, 100.0, 500.0, 500.0, 500.0, 500.0]
    held = [-1.0, 1.0, -1.0, 1.0, 1.0, 1.0]
    result = trade(priced(WIPED, calm), held + [1.0] * 6)
    assert result.returns.tolist() == pytest.approx([0.5, -0.375, 0.0, 0.0])
    assert result.ruined_at is None
    assert result.ruined_alone == {0: DAY}
    assert result.trades == 5


def test_a_portfolio_is_ruined_as_one_account() -> None:
    result = trade(priced(WIPED, CALM), [-1.0] * 6 + [1.0, 1.0, -1.0, 1.0, 1.0, 1.0])
    assert result.returns.tolist() == [-1.0, 0.0, 0.0, 0.0]
    assert result.ruined_at == DAY
    assert result.trades == 2
    assert result.ruined_alone == {0: DAY}


prices = st.one_of(
    st.floats(1e-300, 1e300), st.floats(0.01, 1000.0), st.sampled_from([1.0, 1e-8, 1e8, 100.0])
)
symbol = st.lists(prices, min_size=3, max_size=25)


@given(data=st.data(), symbols=st.lists(symbol, min_size=1, max_size=3), cost=st.floats(0.0, 0.99))
@example(data=None, symbols=[[1.0, 1e-300, 1e300, 1e-300, 1e300, 1.0]], cost=0.5)
def test_no_prices_make_impossible_numbers(
    data: st.DataObject | None, symbols: list[list[float]], cost: float
) -> None:
    dataset = priced(*symbols)
    rows = len(dataset.open)
    sides = st.lists(st.sampled_from([1.0, 0.0, -1.0]), min_size=rows, max_size=rows)
    result = trade(dataset, [1.0, -1.0] * (rows // 2) if data is None else data.draw(sides), cost)
    assert (result.returns >= -1.0).all()
    assert (result.equity >= 0.0).all()
    assert np.isfinite(result.equity).all()
    metrics = result.metrics()
    assert 0.0 <= metrics["max_drawdown"] <= 1.0  # type: ignore[operator]
    assert metrics["net_return"] >= -1.0  # type: ignore[operator]
    assert (result.ruined_at is None) == bool((result.equity > 0.0).all())
    json.dumps(metrics, allow_nan=False)
    if result.ruined_at is not None:
        after = result.times > result.ruined_at
        assert not result.returns[after].any()
        assert math.isclose(result.returns[result.times == result.ruined_at][0], -1.0)

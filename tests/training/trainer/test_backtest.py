"""Positions by hand: filled at the next open, half the round trip's cost per unit of change."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.training.trainer.synthetic import make_dataset, make_strategy
from training.evaluation.backtest import (
    Backtest,
    backtest,
    bars_per_year,
    max_drawdown,
    sharpe_ratio,
    thin,
)
from training.evaluation.decisions import FLAT, decide, positions
from training.features.dataset import Dataset
from training.strategy import Strategy

DAY = 86_400


def priced(opens: list[float], **changes: Any) -> Dataset:
    """One symbol with these opens, all rows one part."""
    rows = len(opens)
    dataset = make_dataset(make_strategy(), rows=rows)
    return replace(dataset, open=np.array(opens), **changes)


def trade(dataset: Dataset, wanted: list[float], cost: float = 0.0, rows: Any = None) -> Backtest:
    decided = np.arange(len(wanted), dtype=np.int64) if rows is None else np.array(rows)
    return backtest(dataset, decided, np.array(wanted), timeframe="1d", round_trip_cost=cost)


def test_a_decision_earns_from_the_next_open_to_the_one_after() -> None:
    result = trade(priced([100.0, 100.0, 110.0, 99.0]), [1.0, 1.0])
    assert result.returns.tolist() == pytest.approx([0.1, -0.1])
    assert result.times.tolist() == [DAY, 2 * DAY]


def test_a_short_earns_what_the_price_loses() -> None:
    result = trade(priced([100.0, 100.0, 110.0, 99.0]), [-1.0, -1.0])
    assert result.returns.tolist() == pytest.approx([-0.1, 0.1])


def test_flat_earns_and_pays_nothing() -> None:
    result = trade(priced([100.0, 100.0, 110.0, 99.0]), [0.0, 0.0], cost=0.01)
    assert result.returns.tolist() == [0.0, 0.0]
    assert (result.trades, result.turnover, result.exposure) == (0, 0.0, 0.0)


def test_each_unit_of_change_pays_half_a_round_trip_and_the_end_is_closed() -> None:
    flat_prices = priced([100.0] * 6)
    result = trade(flat_prices, [1.0, 1.0, -1.0, -1.0], cost=0.02)
    assert result.returns.tolist() == pytest.approx([-0.01, 0.0, -0.02, -0.01])
    assert result.turnover == 4.0
    assert result.trades == 2
    assert result.costs == pytest.approx(0.04)


def test_the_last_decisions_without_a_next_open_are_not_traded() -> None:
    result = trade(priced([100.0, 100.0, 110.0]), [1.0, 1.0, 1.0])
    assert len(result.returns) == 1


TWO_RUNS = [1, 2, 3, 6, 7]
"""Rows of ten: bars 4 and 5 lie between."""
RISING = priced([100.0, 100.0, 100.0, 110.0, 99.0, 108.9, 108.9, 100.0, 80.0, 100.0])


def test_a_position_is_closed_at_the_end_of_a_run_and_opened_anew_in_the_next() -> None:
    """By hand. Moves: 10 %, -10 %, 10 %; -20 %, 25 %. Half a round trip is a percent.

    The first run pays 1 to open, nothing, and 2 to turn and 1 to close; the second 1, and 1.
    """
    result = trade(RISING, [1.0, 1.0, -1.0, -1.0, -1.0], cost=0.02, rows=TWO_RUNS)
    expected = [0.1 - 0.01, -0.1, -0.1 - 0.03, 0.2 - 0.01, -0.25 - 0.01]
    assert result.returns.tolist() == pytest.approx(expected)
    assert [time // DAY for time in result.times.tolist()] == [2, 3, 4, 7, 8]
    assert result.trades == 3
    assert result.turnover == 6.0
    assert result.costs == pytest.approx(0.06)
    assert result.exposure == 1.0


def test_runs_that_follow_each_other_at_once_are_one() -> None:
    whole = trade(RISING, [1.0] * 6, cost=0.02, rows=[1, 2, 3, 4, 5, 6])
    assert whole.turnover == 2.0
    assert whole.trades == 1


def test_a_run_that_ends_with_the_data_closes_at_its_last_bar_with_a_result() -> None:
    result = trade(RISING, [1.0] * 5, cost=0.02, rows=[1, 2, 7, 8, 9])
    assert result.returns.tolist() == pytest.approx([0.1 - 0.01, -0.1 - 0.01, 0.25 - 0.02])
    assert result.trades == 2


def test_an_account_that_is_ruined_in_one_run_holds_nothing_in_the_next() -> None:
    prices = priced([100.0, 100.0, 300.0, 300.0, 300.0, 300.0, 300.0, 330.0, 330.0])
    result = trade(prices, [-1.0, -1.0, 1.0, 1.0], cost=0.02, rows=[0, 1, 5, 6])
    assert result.returns.tolist() == [-1.0, 0.0, 0.0, 0.0]
    assert (result.trades, result.ruined_at) == (1, DAY)


def test_the_time_between_two_runs_is_none_of_the_accounts() -> None:
    """Daily bars are 365.25 a year, a decade left out or not: so is what the ratio is taken by."""
    rows = [*range(100), *range(3700, 3800)]
    result = trade(priced([100.0] * 3900), [0.0] * 200, rows=rows)
    assert result.per_year == pytest.approx(365.25)
    assert bars_per_year(result.times) == result.per_year


def test_a_symbol_that_goes_on_bridges_the_runs_of_another() -> None:
    symbols = np.array([0] * 12 + [1] * 12, dtype=np.int16)
    times = np.tile(np.arange(12, dtype=np.int64) * DAY, 2)
    dataset = priced([100.0] * 24, symbols=symbols, times=times)
    rows = [*range(10), *range(12, 15), *range(19, 22)]
    result = trade(dataset, [0.0] * 16, rows=rows)
    assert result.per_year == bars_per_year(result.times)


def test_symbols_are_weighted_alike_at_each_time() -> None:
    opens = [100.0, 100.0, 110.0, 110.0, 50.0, 50.0, 50.0, 45.0]
    symbols = np.array([0] * 4 + [1] * 4, dtype=np.int16)
    times = np.tile(np.arange(4, dtype=np.int64) * DAY, 2)
    dataset = priced(opens, symbols=symbols, times=times)
    result = trade(dataset, [1.0, 1.0, 1.0, 1.0], rows=[0, 1, 4, 5])
    assert result.returns.tolist() == pytest.approx([0.05, -0.05])
    assert result.trades == 2


HOUR = 3600


@pytest.mark.parametrize("clock", [23 - 24, 5, 15 - 24, 11, -12])
def test_daily_bars_of_one_trading_day_are_one_return_whatever_their_clock(clock: int) -> None:
    """A bar belongs to the date that its midpoint lies in."""
    opens = [100.0, 100.0, 110.0, 99.0]
    days = np.arange(10, 14, dtype=np.int64) * DAY
    times = np.concatenate([days, days + clock * HOUR])
    symbols = np.array([0] * 4 + [1] * 4, dtype=np.int16)
    result = trade(priced(opens * 2, symbols=symbols, times=times), [1.0] * 8)
    assert result.returns.tolist() == pytest.approx([0.1, -0.1])
    assert result.times.tolist() == [11 * DAY, 12 * DAY]


def test_a_symbol_without_a_bar_in_a_period_counts_nought() -> None:
    times = np.array([0, 1, 2, 3, 0, 1, 3, 4], dtype=np.int64) * DAY
    symbols = np.array([0] * 4 + [1] * 4, dtype=np.int16)
    dataset = priced([100.0, 100.0, 110.0, 121.0] * 2, symbols=symbols, times=times)
    result = trade(dataset, [1.0] * 8)
    assert result.times.tolist() == [DAY, 2 * DAY, 3 * DAY]
    assert result.returns.tolist() == pytest.approx([0.1, 0.05, 0.05])


def test_bars_of_one_symbol_in_one_period_are_compounded() -> None:
    """A session's short first bar: 09:30 and 10:00 of hourly bars are both nearest to 10:00."""
    times = np.array([9, 9.5, 10, 11, 12, 13]) * HOUR
    dataset = priced([100.0, 100.0, 110.0, 132.0, 66.0, 66.0], times=times.astype(np.int64))
    rows = np.arange(6, dtype=np.int64)
    result = backtest(dataset, rows, np.ones(6), timeframe="1h", round_trip_cost=0.0)
    assert result.times.tolist() == [10 * HOUR, 11 * HOUR, 12 * HOUR]
    assert result.returns.tolist() == pytest.approx([0.32, -0.5, 0.0])


def test_a_bar_that_loses_everything_is_its_whole_periods_return() -> None:
    times = np.array([9, 9.5, 10, 11, 12]) * HOUR
    dataset = priced([100.0, 100.0, 300.0, 900.0, 900.0], times=times.astype(np.int64))
    rows = np.arange(5, dtype=np.int64)
    result = backtest(dataset, rows, -np.ones(5), timeframe="1h", round_trip_cost=0.0)
    assert result.returns.tolist() == [-1.0, 0.0]
    assert result.ruined_at == 10 * HOUR


def test_no_symbol_is_filled_at_anothers_prices() -> None:
    symbols = np.array([0] * 3 + [1] * 3, dtype=np.int16)
    times = np.tile(np.arange(3, dtype=np.int64) * DAY, 2)
    dataset = priced([100.0] * 3 + [1.0] * 3, symbols=symbols, times=times)
    result = trade(dataset, [1.0, 1.0, 1.0], rows=[0, 1, 2])
    assert result.returns.tolist() == [0.0]


def test_the_sharpe_ratio_and_its_error_are_lo_2002() -> None:
    returns = np.random.default_rng(1).normal(0.001, 0.01, 750)
    ratio, error = sharpe_ratio(returns, 252.0)
    daily = returns.mean() / returns.std(ddof=1)
    assert ratio == pytest.approx(daily * math.sqrt(252))
    assert error == pytest.approx(math.sqrt((1 + daily**2 / 2) / 750) * math.sqrt(252))
    assert error == pytest.approx(0.58, abs=0.01)


@pytest.mark.parametrize("returns", [[], [0.1], [0.0, 0.0, 0.0]])
def test_a_sharpe_ratio_that_is_not_defined_is_none(returns: list[float]) -> None:
    assert sharpe_ratio(np.array(returns), 252.0) == (None, None)


@pytest.mark.parametrize("rate", [1.001, 0.9, 1.0000001])
def test_growth_at_a_constant_rate_has_no_sharpe_ratio(rate: float) -> None:
    """Its deviation is what rounding leaves: 1e14 was no ratio."""
    prices = 100.0 * rate ** np.arange(300)
    returns = trade(priced(prices.tolist()), [1.0] * 300).returns
    assert returns.std(ddof=1) > 0.0
    assert sharpe_ratio(returns, 252.0) == (None, None)
    assert sharpe_ratio(returns[:-1] + 1e-9 * np.arange(297), 252.0)[0] is not None


@pytest.mark.parametrize(
    ("step", "runs", "expected"),
    [
        (1, [(0, 366)], 365.25),
        (1, [(0, 200), (2000, 2300), (2330, 2400)], 365.25),
        (7, [(0, 700), (2100, 2800)], 52.18),
        (30, [(0, 3000)], 12.18),
    ],
    ids=["days", "runs of days", "runs of weeks", "months"],
)
def test_bars_per_year_are_those_of_the_runs_that_are_observed(
    step: int, runs: list[tuple[int, int]], expected: float
) -> None:
    """A gap between runs is no time that was traded: it made a year of days one of 19 bars."""
    days = [day for first, end in runs for day in range(first, end, step)]
    times = np.array(days, np.int64) * DAY
    assert bars_per_year(times) == pytest.approx(expected, rel=1e-3)
    assert bars_per_year(times[:1]) == 0.0


def test_holidays_are_time_of_a_market_that_goes_on() -> None:
    weekdays = [day for day in range(3653) if day % 7 < 5 and not 720 <= day < 731]
    times = np.array(weekdays, np.int64) * DAY
    whole = (len(times) - 1) / ((times[-1] - times[0]) / (365.25 * DAY))
    assert bars_per_year(times) == pytest.approx(whole)


def test_the_drawdown_is_measured_from_the_highest_peak_and_from_the_start() -> None:
    assert max_drawdown(np.array([1.1, 1.32, 0.99, 1.2])) == pytest.approx(0.25)
    assert max_drawdown(np.array([0.8, 0.9])) == pytest.approx(0.2)


def test_a_curve_has_a_bounded_number_of_points_and_both_ends() -> None:
    points = thin(100_000)
    assert len(points) == 400
    assert (points[0], points[-1]) == (0, 99_999)
    assert thin(3).tolist() == [0, 1, 2]


def positions_of(strategy: Strategy, predictions: np.ndarray) -> np.ndarray:
    return positions(decide(strategy, predictions), strategy.decisions, FLAT)


PROBABILITIES = np.array([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.1, 0.8]])


def test_buy_is_long_hold_is_flat_sell_is_short() -> None:
    assert positions_of(make_strategy(), PROBABILITIES).tolist() == [1.0, 0.0, -1.0]


def test_below_the_confidence_threshold_is_a_hold() -> None:
    strategy = make_strategy(decisions={"confidence_threshold": 0.7})
    assert positions_of(strategy, PROBABILITIES).tolist() == [0.0, 0.0, -1.0]


def test_without_shorts_sell_is_flat() -> None:
    strategy = make_strategy(decisions={"allow_short": False})
    assert positions_of(strategy, PROBABILITIES).tolist() == [1.0, 0.0, 0.0]


def test_a_return_is_traded_beyond_cost_times_multiplier() -> None:
    strategy = make_strategy(
        labels={"source": "forward_return"},
        decisions={"cost_model": {"round_trip_cost": 0.01, "min_edge_multiplier": 2.0}},
    )
    predictions = np.array([0.021, 0.019, -0.019, -0.021])
    assert positions_of(strategy, predictions).tolist() == [1.0, 0.0, 0.0, -1.0]

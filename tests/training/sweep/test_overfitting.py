"""What the best of a search's trials is worth, by what each earned on the validation part."""

from typing import Any

import numpy as np
import pytest

from operations.models import Operation
from tests.training.sweep.searches import play, start
from tests.training.trainer.synthetic import make_dataset, make_strategy, mlp, recurrent
from training.evaluation import returns
from training.evaluation.overfitting import deflated_sharpe
from training.evaluation.pbo import probability_of_backtest_overfitting
from training.evaluation.sharpe import moments
from training.model_trainer import ModelTrainer
from training.models import TrialReturns
from training.sweep.overfitting import overfitting_of
from training.trained import trial_returns
from training.trained.validation_returns import by_day, validation_bars, validation_returns

DAY = 86_400
SPLIT = {"train": 0.6, "validation": 0.2, "test": 0.2}
"""Of the synthetic dataset."""
ALWAYS_SURE = {"confidence_threshold": 0.34}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("valkey")
def test_a_search_tells_what_its_best_is_worth_by_what_its_trials_earned() -> None:
    sweep = play(start(trials=3, rungs=(1, 2), epochs=2))
    assert sweep.result is not None
    trials = list(Operation.objects.filter(part_of=sweep).order_by("part_number"))
    winner = trials[sweep.result["winner"] - 1]
    kept = TrialReturns.objects.values_list("operation_id", "epochs")
    assert sorted(epochs for _, epochs in kept) == [1] * 3 + [2]
    first = [_earned(trial, 1) for trial in trials]
    assert len({tuple(days) for days, _ in first}) == 1, "the same part, day by day"
    table = np.stack([earned for _, earned in first], axis=1)
    told = sweep.result["overfitting"]
    assert (told["trials"], told["days"], told["blocks"]) == (3, len(table), 16)
    probability = probability_of_backtest_overfitting(table, 16)
    assert told["probability_of_overfitting"] == probability
    assert told["deflated_sharpe"] == pytest.approx(_deflated(winner, table), rel=1e-12)
    assert overfitting_of({1: trials[:1]}, winner)["probability_of_overfitting"] is None


def _earned(trial: Operation, epochs: int) -> tuple[np.ndarray, np.ndarray]:
    row = TrialReturns.objects.get(operation=trial, epochs=epochs)
    return returns.from_bytes(bytes(row.returns))


def _deflated(winner: Operation, table: np.ndarray) -> float | None:
    _, earned = _earned(winner, 2)
    own = moments(earned)
    assert own is not None
    ratios = [moments(column) for column in table.T]
    variance = float(np.var([found.sharpe if found else 0.0 for found in ratios], ddof=1))
    return deflated_sharpe(own, 3, variance=max(variance, 1 / (len(earned) - 1)))


@pytest.mark.parametrize(
    "settings",
    [
        {"model": mlp(), "decisions": ALWAYS_SURE},
        {"model": recurrent("lstm"), "decisions": ALWAYS_SURE, "epochs": 12},
        {"model": mlp(), "labels": {"source": "forward_return", "horizon": 3}, "loss": "mse"},
    ],
    ids=["mlp", "lstm", "regression"],
)
def test_the_returns_of_a_sealed_dataset_are_those_of_the_whole_one(
    settings: dict[str, Any],
) -> None:
    strategy = make_strategy(data_split=SPLIT, **settings)
    dataset = make_dataset(strategy)
    trainer = ModelTrainer(strategy)
    result = trainer.train(dataset)
    whole = validation_returns(strategy, dataset, result, trainer.pinned)
    dataset.seal()
    assert validation_returns(strategy, dataset, result, trainer.pinned) == whole
    days, earned = returns.from_bytes(whole)
    assert np.isfinite(earned).all() and earned.any()
    assert days[-1] < dataset.times[dataset.test_bars[0]]


def test_no_result_of_a_validation_bar_lies_in_the_test_part() -> None:
    strategy = make_strategy(data_split=SPLIT)
    dataset = make_dataset(strategy)
    bars = validation_bars(strategy, dataset)
    assert bars[0] == dataset.validation[0]
    assert bars[-1] + 2 == dataset.test_bars[0] - 1


def test_returns_of_a_day_are_summed() -> None:
    times = np.array([5, DAY - 1, DAY, 3 * DAY + 7])
    days, earned = by_day(times, np.array([0.25, 0.5, 1.0, -1.0]))
    assert (days.tolist(), earned.tolist()) == ([0, DAY, 3 * DAY], [0.75, 1.0, -1.0])
    none = by_day(np.empty(0, np.int64), np.empty(0))
    assert [len(part) for part in none] == [0, 0]


def test_a_day_on_which_a_trial_has_no_bar_is_one_without_a_position() -> None:
    first = returns.to_bytes(np.array([0, DAY]), np.array([0.1, 0.2]))
    later = returns.to_bytes(np.array([DAY, 2 * DAY]), np.array([0.3, 0.4]))
    days, table = trial_returns.side_by_side([first, later])
    assert days.tolist() == [0, DAY, 2 * DAY]
    assert table.tolist() == [[0.1, 0.0], [0.2, 0.3], [0.0, 0.4]]
    assert trial_returns.side_by_side([])[1].shape == (0, 0)

"""The evaluation of a network on the test part, next to what it must beat."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from training.evaluation import notes
from training.evaluation.backtest import Backtest, backtest, thin
from training.evaluation.baselines import LinearModel, class_prior, mean_return
from training.evaluation.decisions import decide, positions
from training.evaluation.predictions import predict
from training.evaluation.scores import (
    Scores,
    classification_scores,
    confusion_matrix,
    regression_scores,
)
from training.features.dataset import Dataset
from training.strategy import Strategy
from training.trainer.pinned import Pinned

Metrics = dict[str, float | int | None]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Plain numbers on the test part; None where a number is not defined."""

    samples: int
    first_time: int  # open of the first sample's bar, Unix seconds
    last_time: int
    metrics: dict[str, float | int | None]  # of the model: how it predicts, and what it earns
    buy_and_hold: dict[str, float | int | None]  # what it earns, its costs paid too
    baselines: dict[str, dict[str, float | int | None]]  # the same metrics, by baseline
    confusion: list[list[int]] | None  # [true class][predicted class]; None for a regression
    equity_curve: dict[str, list[float]]  # times, equity, buy_and_hold; a bounded number of points
    notes: tuple[str, ...]  # what to keep in mind when reading them

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "notes": list(self.notes)}


def evaluate(
    strategy: Strategy, dataset: Dataset, network: nn.Module, pinned: Pinned
) -> Evaluation:
    """Score the network on the test part. Raises ValueError when that part is empty."""
    if not len(dataset.test):
        raise ValueError("the test part has no samples to evaluate on")
    return _Evaluator(strategy, dataset).report(
        predict(strategy, dataset, network, pinned, dataset.test)
    )


class _Evaluator:
    """One strategy's rules on one dataset's test part."""

    def __init__(self, strategy: Strategy, dataset: Dataset) -> None:
        self._strategy = strategy
        self._dataset = dataset
        self._rows = dataset.test

    def report(self, predictions: NDArray[np.float64]) -> Evaluation:
        traded = self._traded(predictions)
        held = self._backtest(np.ones(len(self._rows)))
        return Evaluation(
            samples=len(self._rows),
            first_time=int(self._dataset.times[self._rows].min()),
            last_time=int(self._dataset.times[self._rows].max()),
            metrics={**self._scores(predictions), **traded.metrics()},
            buy_and_hold=held.metrics(),
            baselines=self._baselines(),
            confusion=self._confusion(predictions),
            equity_curve=_equity_curve(traded, held),
            notes=self._notes(predictions, traded),
        )

    def _notes(self, predictions: NDArray[np.float64], traded: Backtest) -> tuple[str, ...]:
        error = traded.metrics()["sharpe_standard_error"]
        return (
            *notes.of_behaviour(self._strategy, predictions, trades=traded.trades),
            *notes.of_sharpe(error, returns=len(traded.returns), trades=traded.trades),
        )

    def _baselines(self) -> dict[str, Metrics]:
        linear = LinearModel(self._dataset).predict(self._rows)
        if self._dataset.class_names:
            prior = class_prior(self._dataset, len(self._rows))
            predictions = {"class_prior": prior, "logistic_regression": linear}
        else:
            mean = mean_return(self._dataset, len(self._rows))
            predictions = {"mean_return": mean, "linear_regression": linear}
        return {
            name: {**self._scores(values), **self._traded(values).metrics()}
            for name, values in predictions.items()
        }

    def _scores(self, predictions: NDArray[np.float64]) -> Scores:
        labels = self._dataset.labels[self._rows]
        if not self._dataset.class_names:
            return regression_scores(labels.astype(np.float64), predictions)
        classes = labels.astype(np.int64, copy=False)
        return classification_scores(classes, predictions, self._dataset.class_names)

    def _confusion(self, predictions: NDArray[np.float64]) -> list[list[int]] | None:
        if not self._dataset.class_names:
            return None
        labels = self._dataset.labels[self._rows].astype(np.int64, copy=False)
        matrix = confusion_matrix(labels, predictions, len(self._dataset.class_names))
        return [[int(count) for count in row] for row in matrix]

    def _traded(self, predictions: NDArray[np.float64]) -> Backtest:
        decisions = decide(self._strategy, predictions)
        return self._backtest(positions(self._strategy, decisions))

    def _backtest(self, wanted: NDArray[np.float64]) -> Backtest:
        cost = self._strategy.decisions.cost_model.round_trip_cost
        return backtest(self._dataset, self._rows, wanted, round_trip_cost=cost)


def _equity_curve(traded: Backtest, held: Backtest) -> dict[str, list[float]]:
    points = thin(len(traded.times))
    return {
        "times": traded.times[points].tolist(),
        "equity": traded.equity[points].tolist(),
        "buy_and_hold": held.equity[points].tolist(),
    }

"""The evaluation of predictions on a test part, next to what they must beat. Free of torch."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.evaluation import notes, returns
from training.evaluation.backtest import Backtest, thin
from training.evaluation.fold_predictions import MODEL, FoldPredictions
from training.evaluation.scores import (
    Scores,
    classification_scores,
    confusion_matrix,
    regression_scores,
)
from training.evaluation.trading import Trading
from training.features.dataset import Dataset
from training.features.inspection import UNSCORED_SYMBOL
from training.strategy import Strategy
from training.strategy.data_split import RangeSplit

FILES = ("returns", "predictions")
"""What is no part of the JSON."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Plain numbers on the test part; None where a number is not defined."""

    samples: int  # labelled bars of the test part: what accuracy and the like are of
    first_time: int  # open of the test part's first bar, Unix seconds; positions start flat there
    last_time: int
    metrics: dict[str, float | int | None]  # of the model: how it predicts, and what it earns
    buy_and_hold: dict[str, float | int | None]  # what it earns, its costs paid too
    baselines: dict[str, dict[str, float | int | None]]  # the same metrics, by baseline
    confusion: list[list[int]] | None  # [true class][predicted class]; None for a regression
    equity_curve: dict[str, list[float]]  # times, equity, buy_and_hold; a bounded number of points
    symbol_samples: dict[str, dict[str, int]]  # by symbol, then part
    outside_range: dict[str, dict[str, dict[str, float]]]  # shares: by symbol, input, later part
    notes: tuple[str, ...]  # what to keep in mind when reading them
    returns: bytes  # all of them, by time, as a bundle's file: see returns.py; no part of the JSON
    predictions: bytes  # of every bar that it decides on, likewise: see fold_predictions.py

    def to_json(self) -> dict[str, Any]:
        names = (each.name for each in fields(self) if each.name not in FILES)
        return {name: getattr(self, name) for name in names} | {"notes": list(self.notes)}


class Evaluator:
    """One strategy's rules on one dataset's test part. Raises ValueError when that is empty."""

    def __init__(self, strategy: Strategy, dataset: Dataset) -> None:
        self._strategy = strategy
        self._dataset = dataset
        if not len(dataset.test):
            raise ValueError("the test part has no samples to evaluate on")
        self._rows = dataset.test
        self._trading = Trading(strategy, dataset, dataset.test_bars)
        self.decided = self._trading.decided
        """[decisions]: rows to predict, labelled or not; the samples are among them."""
        self._scored = np.searchsorted(self.decided, self._rows)

    def report(self, by: Mapping[str, NDArray[np.float64]]) -> Evaluation:
        """`by`: predictions of the rows in `decided`, of `MODEL` and of each baseline."""
        predictions = by[MODEL]
        traded = self._trading.by(predictions)
        held = self._trading.of(np.ones(len(self._dataset.test_bars)))
        return Evaluation(
            samples=len(self._rows),
            first_time=int(self._dataset.times[self._dataset.test_bars].min()),
            last_time=int(self._dataset.times[self._dataset.test_bars].max()),
            metrics={**self._scores(predictions), **traded.metrics()},
            buy_and_hold=held.metrics(),
            baselines={
                name: {**self._scores(values), **self._trading.by(values).metrics()}
                for name, values in by.items()
                if name != MODEL
            },
            confusion=self._confusion(predictions),
            equity_curve=_equity_curve(traded, held),
            symbol_samples={name: {**own} for name, own in self._dataset.symbol_samples.items()},
            outside_range=_plain(self._dataset.outside_range),
            notes=self._notes(predictions, traded),
            returns=returns.to_bytes(traded.times, traded.returns),
            predictions=self._predictions(by),
        )

    def _predictions(self, by: Mapping[str, NDArray[np.float64]]) -> bytes:
        """Of a fold of a family, which scores all of them together, the baselines' among them."""
        is_fold = isinstance(self._strategy.training.data_split, RangeSplit)
        times, symbols = self._dataset.times[self.decided], self._dataset.symbols[self.decided]
        kept = by if is_fold else {MODEL: by[MODEL]}
        return FoldPredictions(times=times, symbols=symbols, by=kept).to_bytes()

    def _notes(self, predictions: NDArray[np.float64], traded: Backtest) -> tuple[str, ...]:
        error = traded.metrics()["sharpe_standard_error"]
        names = self._dataset.symbol_names
        alone = {names[number]: ruin for number, ruin in traded.ruined_alone.items()}
        return (
            *(it.message for it in self._dataset.warnings if it.code == UNSCORED_SYMBOL),
            *notes.of_ruin(traded.ruined_at, alone if len(names) > 1 else {}),
            *notes.of_behaviour(self._strategy, predictions, trades=traded.trades),
            *notes.of_sharpe(error, returns=len(traded.returns), trades=traded.trades),
        )

    def _scores(self, predictions: NDArray[np.float64]) -> Scores:
        labels = self._dataset.labels[self._rows]
        of_samples = predictions[self._scored]
        if not self._dataset.class_names:
            return regression_scores(labels.astype(np.float64), of_samples)
        classes = labels.astype(np.int64, copy=False)
        return classification_scores(classes, of_samples, self._dataset.class_names)

    def _confusion(self, predictions: NDArray[np.float64]) -> list[list[int]] | None:
        if not self._dataset.class_names:
            return None
        labels = self._dataset.labels[self._rows].astype(np.int64, copy=False)
        of_samples = predictions[self._scored]
        matrix = confusion_matrix(labels, of_samples, len(self._dataset.class_names))
        return [[int(count) for count in row] for row in matrix]


def _plain(
    shares: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> dict[str, dict[str, dict[str, float]]]:
    return {
        symbol: {name: {**parts} for name, parts in inputs.items()}
        for symbol, inputs in shares.items()
    }


def _equity_curve(traded: Backtest, held: Backtest) -> dict[str, list[float]]:
    points = thin(len(traded.times))
    return {
        "times": traded.times[points].tolist(),
        "equity": traded.equity[points].tolist(),
        "buy_and_hold": held.equity[points].tolist(),
    }

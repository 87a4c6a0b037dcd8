"""A strategy's rules on bars of a dataset: where it decides, and what its positions earn."""

import numpy as np
from numpy.typing import NDArray

from training.evaluation.backtest import Backtest, backtest
from training.evaluation.decisions import FLAT, NO_DECISION, decide, positions
from training.features.dataset import Dataset
from training.strategy import Strategy


class Trading:
    """`bars` are row numbers, ascending. Flat before each run of consecutive ones of a symbol."""

    def __init__(self, strategy: Strategy, dataset: Dataset, bars: NDArray[np.int64]) -> None:
        self._strategy = strategy
        self._dataset = dataset
        self._bars = bars
        self._is_event = dataset.events[bars]
        self.decided = bars[self._is_event]
        """[decisions]: rows to predict, labelled or not."""

    def by(self, predictions: NDArray[np.float64]) -> Backtest:
        """`predictions` are of the rows in `decided`."""
        decisions = np.full(len(self._is_event), NO_DECISION)
        decisions[self._is_event] = decide(self._strategy, predictions)
        return self.of(self._positions(decisions))

    def of(self, held: NDArray[np.float64]) -> Backtest:
        """[bars]: positions."""
        return backtest(
            self._dataset,
            self._bars,
            held,
            timeframe=self._strategy.base_timeframe,
            round_trip_cost=self._strategy.decisions.cost_model.round_trip_cost,
        )

    def _positions(self, decisions: NDArray[np.int64]) -> NDArray[np.float64]:
        begins = np.diff(self._dataset.symbols[self._bars]) != 0
        begins |= np.diff(self._bars) != 1
        of_runs = np.split(decisions, np.flatnonzero(begins) + 1)
        settings = self._strategy.decisions
        return np.concatenate([positions(own, settings, FLAT) for own in of_runs])

"""What a trial's best epoch would have earned on the validation part: the ground for asking how
much of a search's best is luck. The job side: it predicts."""

import numpy as np
from numpy.typing import NDArray

from training.evaluation import returns
from training.evaluation.predictions import predict
from training.evaluation.trading import Trading
from training.features.dataset import Dataset
from training.features.splits import cut
from training.market_data.timeframes import period_of
from training.model_trainer import TrainingResult
from training.strategy import Strategy
from training.trained.bundle import network_with
from training.trainer.pinned import Pinned

SECONDS_PER_DAY = 86_400
BARS_TO_A_RESULT = 2
"""From a decision to the open that its return ends with."""


def validation_returns(
    strategy: Strategy, dataset: Dataset, result: TrainingResult, pinned: Pinned
) -> bytes:
    """Net returns of each day, as a file: see `training/evaluation/returns.py`.

    No row of a test part is read; where that is sealed, any would show.
    """
    trading = Trading(strategy, dataset, validation_bars(strategy, dataset))
    if not len(trading.decided):
        return returns.to_bytes(np.empty(0, np.int64), np.empty(0))
    network = network_with(result.best_model, strategy, dataset, pinned)
    earned = trading.by(predict(strategy, dataset, network, pinned, trading.decided))
    return returns.to_bytes(*by_day(earned.times, earned.returns))


def validation_bars(strategy: Strategy, dataset: Dataset) -> NDArray[np.int64]:
    """[bars]: all rows of the validation part, labelled or not, except for those whose result would
    be an open of the test part."""
    numbers = range(len(dataset.symbol_names))
    of_symbols = [np.flatnonzero(dataset.symbols == number) for number in numbers]
    timeframe = strategy.base_timeframe
    periods = [period_of(dataset.times[rows], timeframe) for rows in of_symbols]
    part = cut(periods, strategy.training.data_split)["validation"]
    own = zip(of_symbols, periods, strict=True)
    bars = np.concatenate([rows[part.rows(times)] for rows, times in own])
    is_test = np.zeros(len(dataset.times) + BARS_TO_A_RESULT, np.bool_)
    is_test[dataset.test_bars] = True
    kept: NDArray[np.int64] = bars[~is_test[bars + BARS_TO_A_RESULT]]
    return kept


def by_day(
    times: NDArray[np.int64], earned: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The days (Unix seconds at 0:00 UTC) and the sum of each one's returns; `times` ascend."""
    days = times // SECONDS_PER_DAY * SECONDS_PER_DAY
    firsts = np.flatnonzero(np.diff(days, prepend=days[:1] - 1))
    return days[firsts], np.add.reduceat(earned, firsts) if len(firsts) else earned

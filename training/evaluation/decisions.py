"""From predictions to positions."""

import numpy as np
from numpy.typing import NDArray

from training.strategy import Strategy

BUY, HOLD, SELL = 0, 1, 2
POSITION_OF_CLASS = np.array([1.0, 0.0, -1.0])  # of buy, hold, sell


def decide(strategy: Strategy, predictions: NDArray[np.float64]) -> NDArray[np.int64]:
    """BUY, HOLD or SELL for each sample.

    `predictions` are probabilities [samples, 3], where less than the confidence threshold is a
    hold, or forward returns [samples], of which those beyond cost x multiplier are traded.
    """
    decisions = strategy.decisions
    if strategy.output_format == "classification":
        chosen = predictions.argmax(axis=1)
        unsure = predictions.max(axis=1) < decisions.confidence_threshold
        return np.where(unsure, HOLD, chosen)
    edge = decisions.cost_model.smallest_edge
    return np.where(predictions > edge, BUY, np.where(predictions < -edge, SELL, HOLD))


def positions(strategy: Strategy, decisions: NDArray[np.int64]) -> NDArray[np.float64]:
    """+1 long, 0 flat, -1 short for each decision; a strategy that may not short is flat."""
    wanted = POSITION_OF_CLASS[decisions]
    return wanted if strategy.decisions.allow_short else np.maximum(wanted, 0.0)

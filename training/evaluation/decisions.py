"""From predictions to positions."""

import numpy as np
from numpy.typing import NDArray

from training.strategy import Strategy

BUY, HOLD, SELL = 0, 1, 2
POSITION_OF_CLASS = np.array([1.0, 0.0, -1.0])  # of buy, hold, sell


def positions(strategy: Strategy, predictions: NDArray[np.float64]) -> NDArray[np.float64]:
    """+1 long, 0 flat, -1 short for each sample.

    `predictions` are probabilities [samples, 3], where less than the confidence threshold is a
    hold, or forward returns [samples], of which those beyond cost x multiplier are traded.
    """
    decisions = strategy.decisions
    if strategy.output_format == "classification":
        chosen = predictions.argmax(axis=1)
        unsure = predictions.max(axis=1) < decisions.confidence_threshold
        wanted = POSITION_OF_CLASS[np.where(unsure, HOLD, chosen)]
    else:
        edge = decisions.cost_model.round_trip_cost * decisions.cost_model.min_edge_multiplier
        wanted = np.where(np.abs(predictions) > edge, np.sign(predictions), 0.0)
    return wanted if decisions.allow_short else np.maximum(wanted, 0.0)

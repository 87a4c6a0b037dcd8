"""From predictions to positions: one rule for what is scored and what is signalled.

A model decides on every bar, or, where the labels are sampled by a CUSUM filter, on the filter's
events only: the network has learned nothing of other bars, and the position stands on them. A bar
without a label is decided on all the same; only accuracy and the like need labels.
"""

from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from training.strategy import Strategy
from training.strategy.decisions import Decisions

BUY, HOLD, SELL = 0, 1, 2
NO_DECISION = -1
FLAT = 0.0
LONG, SHORT = 1.0, -1.0
POSITIONS = (LONG, FLAT, SHORT)


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


def positions(
    decisions: NDArray[np.int64], settings: Decisions, before: float
) -> NDArray[np.float64]:
    """[bars]: +1 long, 0 flat, -1 short, decided at each bar's close, to be taken at the next open.

    `decisions` [bars] are BUY, HOLD, SELL, or NO_DECISION on a bar that is no event; `before` is
    the position before the first of them. A fold: a position follows from the one before and the
    bar's decision, so the later bars of a series have the positions that they have on their own,
    given the position before them.
    """
    after = {
        (position, decision): _position_after(position, decision, settings)
        for position in POSITIONS
        for decision in (BUY, HOLD, SELL, NO_DECISION)
    }
    held = accumulate(
        decisions.tolist(), lambda position, decision: after[position, decision], initial=before
    )
    return np.fromiter(held, np.float64, count=len(decisions) + 1)[1:]


def _position_after(position: float, decision: int, settings: Decisions) -> float:
    if decision == NO_DECISION:
        return position
    if decision == HOLD:
        return position if settings.on_hold == "keep" else FLAT
    return LONG if decision == BUY else _sold(position, settings)


def _sold(position: float, settings: Decisions) -> float:
    """A strategy that may not short is flat instead."""
    if not settings.allow_short:
        return FLAT
    return SHORT if settings.allow_short_from_flat else min(position, FLAT)


def deciding_row(events: NDArray[np.bool_], row: int, flat_at: int, settings: Decisions) -> int:
    """A row from which on the decisions give `row` its position; `row` itself where it starts flat.

    `events` [rows] says which rows are decided on; the position is flat before row `flat_at`. With
    `on_hold: keep` that is the first event there: whatever came before may still be held.
    """
    earlier = np.flatnonzero(events[flat_at : row + 1])
    if not earlier.size:
        return row
    return flat_at + int(earlier[0 if settings.on_hold == "keep" else -1])

"""Whether a model's confidence is worth what it says, and what a threshold on it does.

On labelled bars of a test part. Free of torch.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.evaluation.trading import Trading
from training.features.dataset import Dataset
from training.strategy import Strategy

Floats = NDArray[np.float64]

BIN_WIDTH = 0.05
"""Of a confidence: that of three classes is at least a third."""
THRESHOLDS = (0.0, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9)
QUANTILES = 20
"""Groups of predicted returns, each of as many samples."""
Z = 1.96
"""Standard errors on each side of an interval of 95 %."""


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Samples whose predictions are like each other."""

    said: float
    """Their mean confidence, or predicted return."""
    came: float
    """The share of hits, or the mean return."""
    low: float
    high: float
    """Of an interval of 95 %, as if the samples were independent."""
    count: int


@dataclass(frozen=True, kw_only=True)
class AtThreshold:
    """What the strategy's rules earn on the test part with this confidence threshold."""

    threshold: float
    trades: int
    net_return: float
    exposure: float
    """Share of bars with a position."""


def hits_by_confidence(probabilities: Floats, classes: NDArray[np.int64]) -> list[Bin]:
    """By confidence, that of the class with the highest of the probabilities [samples, classes];
    a hit is a sample of that class. Intervals are Wilson's (1927)."""
    confidence = probabilities.max(axis=1)
    hits = probabilities.argmax(axis=1) == classes
    number = np.floor(confidence / BIN_WIDTH + 1e-9).astype(np.int64)
    return [_hits(confidence[number == own], hits[number == own]) for own in np.unique(number)]


def _hits(confidence: Floats, hits: NDArray[np.bool_]) -> Bin:
    count, share = len(hits), float(hits.mean())
    low, high = wilson(share, count)
    return Bin(said=float(confidence.mean()), came=share, low=low, high=high, count=count)


def wilson(share: float, count: int) -> tuple[float, float]:
    """The interval of 95 % of a share of `count` independent trials (Wilson 1927)."""
    middle = share + Z**2 / (2 * count)
    spread = Z * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    whole = 1 + Z**2 / count
    return (middle - spread) / whole, (middle + spread) / whole


def calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between confidence and hits, each bin by its samples: the expected
    calibration error (Naeini et al. 2015)."""
    total = sum(own.count for own in bins)
    return sum(own.count * abs(own.said - own.came) for own in bins) / total


def returns_by_prediction(predicted: Floats, real: Floats) -> list[Bin]:
    """Forward returns [samples] by what was predicted, in groups of as many samples."""
    order = np.argsort(predicted, kind="stable")
    groups = np.array_split(order, min(QUANTILES, len(order)))
    return [_returns(predicted[own], real[own]) for own in groups]


def _returns(predicted: Floats, real: Floats) -> Bin:
    mean = float(real.mean())
    error = float(real.std(ddof=1)) / math.sqrt(len(real)) if len(real) > 1 else 0.0
    return Bin(
        said=float(predicted.mean()),
        came=mean,
        low=mean - Z * error,
        high=mean + Z * error,
        count=len(real),
    )


def by_threshold(strategy: Strategy, dataset: Dataset, predictions: Floats) -> list[AtThreshold]:
    """Of each of `THRESHOLDS` and the strategy's own, ascending; `predictions` [decisions, classes]
    are of the rows that it decides on."""
    return list(_at_thresholds(strategy, dataset, predictions))


def _at_thresholds(
    strategy: Strategy, dataset: Dataset, predictions: Floats
) -> Iterator[AtThreshold]:
    own = strategy.decisions.confidence_threshold
    for threshold in sorted({own, *THRESHOLDS}):
        decisions = strategy.decisions.model_copy(update={"confidence_threshold": threshold})
        changed = strategy.model_copy(update={"decisions": decisions})
        metrics: dict[str, Any] = (
            Trading(changed, dataset, dataset.test_bars).by(predictions).metrics()
        )
        yield AtThreshold(
            threshold=threshold,
            trades=metrics["trades"],
            net_return=metrics["net_return"],
            exposure=metrics["exposure"],
        )

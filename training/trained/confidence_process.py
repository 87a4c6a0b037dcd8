"""Whether a model's confidence is worth what it says, in a process of its own. Free of torch."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from operations.bounded.work import Tell
from training.evaluation.confidence import (
    by_threshold,
    calibration_error,
    hits_by_confidence,
    returns_by_prediction,
)
from training.models import TrainedModel
from training.trained.account import Scored, scored

MOST_DOTS = 1_000
"""Samples of a regression that are drawn one by one, evenly spread over the part."""


def answer(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Of `arguments["model_id"]`, as `training.views.confidence_picture` draws it.

    Raises as `scored`.
    """
    model = TrainedModel.objects.select_related("operation").get(pk=arguments["model_id"])
    tell("deciding on the test part again")
    return told(scored(model))


def told(part: Scored) -> dict[str, Any]:
    """As plain JSON."""
    dataset = part.dataset
    of_samples = part.said[np.searchsorted(part.trading.decided, dataset.test)]
    labels = dataset.labels[dataset.test]
    common = {"of_stored": part.of_stored, "symbols": list(dataset.symbol_names)}
    if not dataset.class_names:
        real = labels.astype(np.float64)
        drawn = np.unique(np.linspace(0, len(real) - 1, MOST_DOTS).astype(np.int64))
        return {
            **common,
            "bins": [asdict(own) for own in returns_by_prediction(of_samples, real)],
            "dots": np.stack([of_samples[drawn], real[drawn]], axis=1).tolist(),
            "thresholds": [],
        }
    bins = hits_by_confidence(of_samples, labels.astype(np.int64, copy=False))
    return {
        **common,
        "bins": [asdict(own) for own in bins],
        "error": calibration_error(bins),
        "dots": [],
        "own": part.strategy.decisions.confidence_threshold,
        "thresholds": [asdict(own) for own in by_threshold(part.strategy, dataset, part.said)],
    }

"""Analyses of one short training, and who plays them."""

import json

from operations import lifecycle
from operations.models import Operation
from tests.operations import scenes
from tests.training.jobs.scenes import CLASSES, trained
from training.explaining.job import run_analysis
from training.explaining.start import prepare_importance
from training.models import TrainedModel

QUICK = CLASSES.replace("batch_size: 1\n", "batch_size: 64\n").replace(
    "    indicator: rsi_14\n", "    indicator: rsi_14\n    learn: {rate: 3}\n"
)


def model_of(text: str = QUICK) -> TrainedModel:
    return trained(text, epochs=3)


def another(model: TrainedModel, *, max_restarts: int | None = None, **changes: int) -> Operation:
    """One of the validation part, which nobody would start where there is one; nobody rings.
    `changes` are those of its request."""
    request = prepare_importance(model, part="validation", owner=None).request
    return lifecycle.start(
        operation_type="analysis",
        request={**request, **changes},
        queue="training",
        parent=model.operation,
        max_restarts=max_restarts,
    )


def ended(operation: Operation) -> Operation:
    run_analysis(operation.pk, operation.attempt)
    return scenes.reread(operation)


def as_bytes(operation: Operation) -> bytes:
    return json.dumps(scenes.reread(operation).result).encode()

"""What came of a training, for every surface that shows its operation."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from operations import operation_types
from operations.models import Operation
from operations.operation_types import Headline, Link
from operations.reading.words import ordinal
from training.launch.seeds import SeedStatistics, seed_statistics
from training.market_data.reading.words import counted
from training.models import TrainedModel
from training.trained import looks
from training.trained.facts import early_best
from training.trained.verdict import verdict
from training.views import metrics

SHOWN_METRICS = (
    "net_return",
    "ruined_at",
    "sharpe",
    "sharpe_standard_error",
    *looks.WORTH,
    "accuracy",
    "r2",
    "trades",
)
"""In a terminal; everything else is on the model's page."""


def describe(operation: Operation) -> dict[str, Any]:
    """What only a training can tell of its operation, as JSON by name."""
    statistics = seed_statistics(operation)
    model = _scored_model([operation.pk, *(statistics.operations if statistics else [])])
    told = operation_types.headline(operation)
    return {
        "seeds": statistics and _seeds(statistics, model),
        "result": _now(operation, model),
        "headline": told and str(told),
        "model_id": model.pk if model and model.operation_id == operation.pk else None,
    }


def result(operation: Operation) -> dict[str, Any] | None:
    """What was stored when it completed, with what holds now."""
    model = _scored_model([operation.pk])
    told = _now(operation, model)
    return told and {**told, "model_id": model and model.pk}


def headline(operation: Operation) -> Headline | None:
    """In one line, with its model; None of what was not scored."""
    model = _scored_model([operation.pk])
    if model is None:
        return None
    text = verdict(operation.result or {}, model.looks)
    address = reverse("model", args=[model.pk])
    return Headline(text=text, about=Link(title=f"Model {model.pk}", url=address)) if text else None


def outcome(operation: Operation) -> Iterator[tuple[str, str]]:
    """In words, for a terminal."""
    told = result(operation) or {}
    if "test" not in told:
        return
    test = told["test"]
    yield "best epoch", f"the {ordinal(told['best_epoch'])} of {told['epochs_trained']:,}"
    yield from metrics.told(test["metrics"], SHOWN_METRICS)
    yield "state digest", told["state_digest"]
    yield "weights", f"sha256 {told['weights_sha256']}, of the best epoch"
    yield "test range looked at", f"{counted(test['times_scored'], 'time')} by now"
    yield from (("warning", warning) for warning in told.get("warnings", ()))
    yield from (("note", note) for note in test["notes"])


def _scored_model(operation_ids: list[str]) -> TrainedModel | None:
    """A model of the first of these that has one. They differ in their seed at most, so all were
    scored on the same bars."""
    found = TrainedModel.objects.filter(operation_id__in=operation_ids)
    by_id = {model.operation_id: model for model in found.defer("evaluation", "strategy")}
    model = next((by_id[known] for known in operation_ids if known in by_id), None)
    if model is not None:
        looks.count([model])
    return model


def _seeds(statistics: SeedStatistics, model: TrainedModel | None) -> dict[str, Any]:
    return {**statistics.to_json(), "times_scored": model.looks.times_scored if model else 0}


def _now(operation: Operation, model: TrainedModel | None) -> dict[str, Any] | None:
    stored: dict[str, Any] | None = operation.result
    if stored is None or model is None or "test" not in stored:
        return stored
    warning = early_best(stored.get("best_epoch"), stored.get("epochs_trained"))
    return {
        **stored,
        "test": looks.as_read(stored["test"], model.looks),
        "warnings": [warning] if warning else [],
    }

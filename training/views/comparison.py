"""Several operations side by side: their curves over each other, and what differs between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

from operations import operation_types
from operations.models import Metric, Operation
from operations.reading.plain_yaml import as_yaml
from operations.reading.words import epochs_done
from training.models import TrainedModel
from training.presentation.loss_curve import spread
from training.snapshots import training_of
from training.trained import looks
from training.trained.sharpe_differences import sharpe_differences
from training.views import metrics
from training.views.charts import Chart, Series
from training.views.metrics import MetricRow, Metrics

MOST_COMPARED = 20  # as many as a chart has colours and strokes to tell apart
CURVE_POINTS = 400  # of each operation: enough for a chart, however long it trained
CURVES = {"val_loss": "Validation loss by epoch", "train_loss": "Training loss by epoch"}
PARAMETERS = {"focal": "focal_gamma", "huber": "huber_delta"}
"""What a loss takes, by its name."""
ONE_LINE = 2**31 - 1  # characters; libyaml knows no more
ABSENT = "\N{EN DASH}"
Epochs = Mapping[str, Mapping[int, Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class SettingRow:
    path: str
    cells: tuple[str, ...]
    """One for each operation."""


@dataclass(frozen=True, kw_only=True)
class DifferenceRow:
    first: int
    """Its place on the page, from 1."""
    second: int
    difference: str
    p_value: str
    verdict: str
    basis: str


@dataclass(frozen=True, kw_only=True)
class LossPanel:
    """A chart of operations with the same loss: of another loss the numbers mean something else."""

    key: str
    """Unique on the page."""
    title: str
    loss: str
    """In words; empty where all have the same."""
    chart: Chart


@dataclass(frozen=True, kw_only=True)
class Comparison:
    operations: Sequence[Operation]
    models: Mapping[str, TrainedModel]
    """By operation; of those that have completed."""
    losses: list[LossPanel]
    equity: Chart | None
    settings: list[SettingRow]
    """Only those that are not the same everywhere."""
    metrics: list[MetricRow]
    differences: list[DifferenceRow]
    """Differences of the Sharpe ratios, pair by pair."""
    tested: Mapping[str, Metrics]
    """Of the test part, by operation, of those that have completed."""
    epochs: Epochs
    """By operation and epoch, what the losses are drawn from."""

    def columns(self) -> list[dict[str, Any]]:
        """What stands above each column."""
        return [
            {
                "operation": operation,
                "model": self.models.get(operation.pk),
                "duration": _duration(operation),
                "best_epoch": (operation.result or {}).get("best_epoch"),
            }
            for operation in self.operations
        ]


def compare(operations: Sequence[Operation]) -> Comparison:
    """In six queries and one for each test range, whatever their histories hold."""
    rows = TrainedModel.objects.filter(operation__in=operations)
    models = {model.operation_id: model for model in rows}
    looks.count(models.values())
    settings = [_settings(operation.request) for operation in operations]
    tested = _tested(operations, models)
    epochs = _values(operations)
    return Comparison(
        operations=operations,
        models=models,
        losses=_losses(operations, epochs),
        equity=_equity(operations, tested) if tested else None,
        settings=list(_differing(settings)),
        differences=_differences(operations, models),
        tested={pk: scored["metrics"] for pk, scored in tested.items()},
        epochs=epochs,
        metrics=metrics.table(
            [tested.get(operation.pk, {}).get("metrics", {}) for operation in operations]
        ),
    )


def _settings(request: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for; fingerprints and what a start noted about itself are none of it."""
    training = training_of(request)
    own = {name: training.get(name) for name in ("device", "priority", "checkpoint")}
    strategy = training.get("strategy", {})
    if "folds" in request:  # each of its trainings has a split of its own
        strategy = _with_purge_alone(strategy)
    return {**strategy, **own, **request.get("settings", {})}


def _with_purge_alone(strategy: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of the split that it says, all that a family of folds takes over."""
    training = strategy["training"]
    purge = {"purge": training["data_split"]["purge"]}
    return {**strategy, "training": {**training, "data_split": purge}}


def _differing(values: Sequence[Any], path: str = "") -> Iterator[SettingRow]:
    """Goes as deep as all have the same shape; where one lacks a section, the section is a row."""
    if all(value == values[0] for value in values):
        return
    if all(isinstance(value, Mapping) for value in values):
        for name in dict.fromkeys(name for value in values for name in value):
            below = [value.get(name, _Absent) for value in values]
            yield from _differing(below, f"{path}.{name}" if path else name)
    elif _are_alike(values):
        for index, items in enumerate(zip(*values, strict=True)):
            yield from _differing(items, f"{path}[{index}]")
    else:
        yield SettingRow(path=path, cells=tuple(_text(value) for value in values))


def _are_alike(values: Sequence[Any]) -> bool:
    """Lists of equally many sections."""
    return (
        all(isinstance(value, list) and value for value in values)
        and len({len(value) for value in values}) == 1
        and all(isinstance(item, Mapping) for value in values for item in value)
    )


class _Absent:
    """Stands where a setting is not."""


def _text(value: Any) -> str:
    if value is _Absent or value is None:
        return ABSENT
    if isinstance(value, str):
        return value
    text = as_yaml(value, default_flow_style=True, width=ONE_LINE)
    return text.removesuffix("...\n").strip()


def _places(operations: Sequence[Operation]) -> dict[int, Operation]:
    """From 1; a name alone may be another's, too."""
    return dict(enumerate(operations, 1))


def _losses(operations: Sequence[Operation], values: Epochs) -> list[LossPanel]:
    by_loss: dict[str, dict[int, Operation]] = {}
    for place, operation in _places(operations).items():
        by_loss.setdefault(_loss_words(operation.request), {})[place] = operation
    return [
        LossPanel(
            key=f"{name}_{number}",
            title=title,
            loss=words if len(by_loss) > 1 else "",
            chart=_loss_chart(name, alike, values),
        )
        for number, (words, alike) in enumerate(by_loss.items(), 1)
        for name, title in CURVES.items()
    ]


def _loss_words(request: Mapping[str, Any]) -> str:
    """Which loss a training has: equal words are losses that one axis can show."""
    training = training_of(request).get("strategy", {}).get("training", {})
    loss = training.get("loss", "")
    parameter = training.get(PARAMETERS.get(loss, ""), "")
    weights = training.get("class_weights", "none")
    weighted = "" if weights == "none" else f", class weights {_text(weights)}"
    return f"{loss} {parameter}".strip() + weighted


def _loss_chart(name: str, operations: Mapping[int, Operation], values: Epochs) -> Chart:
    epochs = sorted({epoch for operation in operations.values() for epoch in values[operation.pk]})
    return Chart(
        axis="epoch",
        x=[epochs_done(epoch) for epoch in epochs],
        series=[
            Series(
                label=f"{place} {operation.name}",
                values=[values[operation.pk].get(epoch, {}).get(name) for epoch in epochs],
                place=place,
            )
            for place, operation in operations.items()
        ],
    )


def _values(operations: Sequence[Operation]) -> dict[str, dict[int, dict[str, Any]]]:
    """What each epoch reported, of the latest attempt that reached it, at evenly spread epochs."""
    wanted = Q(pk__in=[])
    for operation in operations:
        last = operation.progress.get("epoch")
        steps = spread(-1 if last is None else last, CURVE_POINTS)
        wanted |= Q(operation=operation, step__in=steps)
    found: dict[str, dict[int, dict[str, Any]]] = {operation.pk: {} for operation in operations}
    for row in Metric.objects.filter(wanted).order_by("attempt"):
        found[row.operation_id][row.step] = row.values
    return found


def _equity(operations: Sequence[Operation], tested: Mapping[str, Mapping[str, Any]]) -> Chart:
    curves = {
        place: (operation.name, tested[operation.pk]["equity_curve"])
        for place, operation in _places(operations).items()
        if operation.pk in tested
    }
    times = sorted({time for _, curve in curves.values() for time in curve["times"]})
    return Chart(
        axis="time",
        x=times,
        series=[
            Series(
                label=f"{place} {name}",
                values=_at_times(curve["times"], curve["equity"], times),
                place=place,
            )
            for place, (name, curve) in curves.items()
        ],
    )


def _at_times(
    own: Sequence[float], values: Sequence[float], times: Sequence[float]
) -> list[float | None]:
    by_time = dict(zip(own, values, strict=True))
    return [by_time.get(time) for time in times]


def _differences(
    operations: Sequence[Operation], models: Mapping[str, TrainedModel]
) -> list[DifferenceRow]:
    places = {operation.pk: place for place, operation in enumerate(operations, 1)}
    trained = [models[operation_id] for operation_id in places if operation_id in models]
    return [
        DifferenceRow(
            first=places[found.first.operation_id],
            second=places[found.second.operation_id],
            difference=f"{found.difference:+.2f} \N{PLUS-MINUS SIGN} {found.standard_error:.2f}",
            p_value=ABSENT if found.p_value is None else f"{found.p_value:.3f}",
            verdict="told apart" if found.is_told_apart else "cannot be told apart",
            basis=found.basis,
        )
        for found in sharpe_differences(trained)
    ]


def _tested(
    operations: Sequence[Operation], models: Mapping[str, TrainedModel]
) -> dict[str, Mapping[str, Any]]:
    """By operation, what was scored: of a model, or of the windows of a walk-forward together."""
    scored: dict[str, Mapping[str, Any]] = {
        pk: looks.as_read(model.evaluation, model.looks) for pk, model in models.items()
    }
    for operation in operations:
        together = "folds" in (operation.result or {}) and operation_types.result(operation)
        if together and "test" in together:
            scored[operation.pk] = together["test"]
    return scored


def _duration(operation: Operation) -> timedelta | None:
    if operation.started_at is None or operation.completed_at is None:
        return None
    return operation.completed_at - operation.started_at

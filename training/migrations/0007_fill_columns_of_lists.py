"""Fill columns and labels from what is stored."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations

BATCH = 500
METRICS = ("net_return", "sharpe", "max_drawdown", "accuracy")
FIELDS = (*METRICS, "val_loss", "best_epoch", "strategy_name", "network", "seed")
LARGEST = 2**63 - 1
NAME_LENGTH, WORD_LENGTH = 200, 100


def fill_models(apps: Any, schema_editor: Any) -> None:
    trained = apps.get_model("training", "TrainedModel")
    metric = apps.get_model("operations", "Metric")
    columns = (
        *("pk", "operation_id", "evaluation__metrics", "operation__result__best_epoch"),
        *("strategy__name", "strategy__model__type", "strategy__training__seed"),
    )
    for batch in _batches(trained.objects.values_list(*columns)):
        rows = [trained(pk=key, **_columns(metric, *values)) for key, *values in batch]
        trained.objects.bulk_update(rows, FIELDS)


def _columns(
    metric: Any, operation_id: str, metrics: Any, best: Any, name: Any, network: Any, seed: Any
) -> dict[str, Any]:
    scores = metrics if isinstance(metrics, dict) else {}
    best = best if isinstance(best, int) else None
    is_seed = isinstance(seed, int) and abs(seed) <= LARGEST
    return {
        **{known: scores.get(known) for known in METRICS},
        "best_epoch": best,
        "val_loss": _val_loss(metric, operation_id, best),
        "strategy_name": str(name or "")[:NAME_LENGTH],
        "network": str(network or "")[:32],
        "seed": seed if is_seed else None,
    }


def _val_loss(metric: Any, operation_id: str, best: int | None) -> float | None:
    """Of the newest attempt that trained the best epoch; a branch of a parent's best has none."""
    if best is None:
        return None
    found = metric.objects.filter(operation_id=operation_id, step=best).order_by("-attempt").first()
    loss = found and found.values.get("val_loss")
    return loss if isinstance(loss, float | int) else None


def fill_labels(apps: Any, schema_editor: Any) -> None:
    operations = apps.get_model("operations", "Operation")
    label = apps.get_model("training", "Label")
    stored = operations.objects.values_list("pk", "request__strategy__training_data")
    for batch in _batches(stored):
        rows = [
            label(operation_id=key, kind=kind, value=value)
            for key, data in batch
            for kind, value in _labels(data)
        ]
        label.objects.bulk_create(rows, ignore_conflicts=True)


def _labels(data: Any) -> Iterator[tuple[str, str]]:
    for kind, words in (("symbol", "symbols"), ("timeframe", "timeframes")):
        section = data.get(words) if isinstance(data, dict) else None
        if not isinstance(section, dict):
            continue
        for value in dict.fromkeys(section.get("list") or [section.get(kind)]):
            if isinstance(value, str) and len(value) <= WORD_LENGTH:
                yield kind, value


def _batches(rows: Any) -> Iterator[list[Any]]:
    """By their key, which is the first column: no cursor stays open while rows are written."""
    batch = list(rows.order_by("pk")[:BATCH])
    while batch:
        yield batch
        batch = list(rows.order_by("pk").filter(pk__gt=batch[-1][0])[:BATCH])


class Migration(migrations.Migration):
    dependencies = [("training", "0006_columns_of_lists")]

    operations = [
        migrations.RunPython(fill_models, migrations.RunPython.noop),
        migrations.RunPython(fill_labels, migrations.RunPython.noop),
    ]

"""Labels of strategy, network and seed, of the operations that are there."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations

BATCH = 500
LONGEST = 200
OF_REQUEST = ("strategy__name", "strategy__model__type", "strategy__training__seed")
KINDS = ("strategy", "network", "seed")


def fill(apps: Any, schema_editor: Any) -> None:
    operations = apps.get_model("operations", "Operation")
    label = apps.get_model("operations", "Label")
    columns = ("pk", *(f"request__{path}" for path in OF_REQUEST))
    for batch in _batches(operations.objects.values_list(*columns)):
        rows = [
            label(operation_id=key, kind=kind, value=value)
            for key, *told in batch
            for kind, value in _labels(told)
        ]
        label.objects.bulk_create(rows, ignore_conflicts=True)


def _labels(told: list[Any]) -> Iterator[tuple[str, str]]:
    for kind, value in zip(KINDS, told, strict=True):
        if isinstance(value, str | int) and value != "":
            yield kind, str(value)[:LONGEST]


def _batches(rows: Any) -> Iterator[list[Any]]:
    """By their key, which is the first column: no cursor stays open while rows are written."""
    batch = list(rows.order_by("pk")[:BATCH])
    while batch:
        yield batch
        batch = list(rows.order_by("pk").filter(pk__gt=batch[-1][0])[:BATCH])


def nothing(apps: Any, schema_editor: Any) -> None:
    """They stay, found by nobody."""


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0008_labels_of_operations"),
        ("operations", "0010_lists"),
    ]

    operations = [migrations.RunPython(fill, nothing)]

"""Every import of a series as a row of its own; what was imported before becomes the first ones.

Which bars an operation of before stands on is not recorded: it pins all that its symbols had.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

BATCH = 500
KINDS = [("append", "Append"), ("replace", "Replace"), ("undo", "Undo")]
ACTORS = [("user", "User"), ("token", "Token"), ("command", "Command"), ("system", "System")]


def number_imports(apps: Any, schema_editor: Any) -> None:
    """In the order of the imports. An import of equal bars again, in 0.1.0, moved its one row."""
    rows = apps.get_model("training", "MarketData").objects.order_by("imported_at", "pk")
    made = apps.get_model("training", "Import")
    last: dict[tuple[str, str], int] = {}
    entries = []
    for data in rows.iterator():
        before = last.get((data.symbol, data.timeframe))
        number = last[data.symbol, data.timeframe] = (before or 0) + 1
        entries.append(
            made(
                symbol=data.symbol,
                timeframe=data.timeframe,
                number=number,
                kind="append" if before is None else "replace",
                based_on=before,
                data=data,
                fingerprint=data.fingerprint,
                num_rows=data.num_rows,
                report=data.report,
                imported_at=data.imported_at,
            )
        )
    made.objects.bulk_create(entries, batch_size=BATCH)


def pin_bars(apps: Any, schema_editor: Any) -> None:
    pin = apps.get_model("training", "Pin")
    by_symbol: dict[str, list[int]] = {}
    for symbol, key in apps.get_model("training", "MarketData").objects.values_list("symbol", "pk"):
        by_symbol.setdefault(symbol, []).append(key)
    operations = apps.get_model("operations", "Operation").objects.values_list("pk", "request__data")
    pins = [
        pin(operation_id=operation, data_id=key)
        for operation, data in operations.iterator()
        for symbol in {name.partition("/")[0] for name in data or {}}
        for key in by_symbol.get(symbol, [])
    ]
    pin.objects.bulk_create(pins, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("checkpoints", "0001_initial"),
        ("operations", "0008_high_priority"),
        ("training", "0004_data_permissions"),
    ]

    operations = [
        migrations.CreateModel(
            "Import",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("symbol", models.CharField(max_length=32)),
                ("timeframe", models.CharField(max_length=3)),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(choices=KINDS, max_length=16)),
                ("based_on", models.PositiveIntegerField(null=True)),
                ("back_to", models.PositiveIntegerField(null=True)),
                ("fingerprint", models.CharField(max_length=64)),
                ("num_rows", models.PositiveBigIntegerField()),
                ("report", models.JSONField(null=True)),
                ("words", models.JSONField(default=list)),
                (
                    "actor_kind",
                    models.CharField(blank=True, choices=ACTORS, default="", max_length=16),
                ),
                ("actor_name", models.CharField(blank=True, default="", max_length=200)),
                ("imported_at", models.DateTimeField(db_default=Now())),
                (
                    "data",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="imports",
                        to="training.marketdata",
                    ),
                ),
            ],
            options={"ordering": ["symbol", "timeframe", "-number"]},
        ),
        migrations.AddConstraint(
            "Import",
            models.UniqueConstraint(
                fields=("symbol", "timeframe", "number"), name="import_number_once"
            ),
        ),
        migrations.CreateModel(
            "Pin",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "data",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pins",
                        to="training.marketdata",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pins",
                        to="operations.operation",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "Pin", models.UniqueConstraint(fields=("operation", "data"), name="pin_once")
        ),
        migrations.RunPython(number_imports, migrations.RunPython.noop),
        migrations.RunPython(pin_bars, migrations.RunPython.noop),
    ]

"""Indexes for a million operations, and none that only costs: see docs/SCALE.md."""

import logging

import django.db.models.deletion
from django.conf import settings
from django.db import DatabaseError, migrations, models, transaction

logger = logging.getLogger(__name__)

TABLE = "operations_operation"
TRIGRAMS = "operation_name_trigrams"


def prepare_postgresql(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    # Room in each page for a heartbeat's new version of the row: then no index has to be written.
    schema_editor.execute(f"ALTER TABLE {TABLE} SET (fillfactor = 80)")
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            schema_editor.execute(
                f"CREATE INDEX {TRIGRAMS} ON {TABLE} USING gin (UPPER(name) gin_trgm_ops)"
            )
            schema_editor.execute(f"ANALYZE {TABLE} (name)")
    except DatabaseError as error:
        logger.warning("A search by name reads all operations, without pg_trgm: %s", error)


def undo_postgresql(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(f"DROP INDEX IF EXISTS {TRIGRAMS}")
    schema_editor.execute(f"ALTER TABLE {TABLE} RESET (fillfactor)")


def _of_operation(related_name):
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to="operations.operation",
    )


class Migration(migrations.Migration):

    dependencies = [
        ("operations", "0004_webhook"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="operation", name="operation_lease_expired"),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                fields=["claimed_at"],
                name="operation_claimed",
                condition=models.Q(status="running", claimed_at__isnull=False),
            ),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                fields=["operation_type", "-created_at", "-id"], name="operation_by_type"
            ),
        ),
        migrations.AlterField(
            model_name="operation",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="operations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField("attempt", "operation", _of_operation("attempts")),
        migrations.AlterField("event", "operation", _of_operation("events")),
        migrations.AlterField("metric", "operation", _of_operation("metrics")),
        migrations.AlterField("attemptlog", "operation", _of_operation("logs")),
        migrations.RunPython(prepare_postgresql, undo_postgresql),
    ]

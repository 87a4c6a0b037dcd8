"""PostgreSQL takes a label's kind and value for independent, and expects a sixth of its rows."""

from django.db import migrations

NAME = "label_kind_and_value"


def count_together(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(
        f"CREATE STATISTICS {NAME} (dependencies, mcv) ON kind, value FROM training_label"
    )
    schema_editor.execute("ANALYZE training_label")


def undo(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP STATISTICS IF EXISTS {NAME}")


class Migration(migrations.Migration):
    dependencies = [("operations", "0013_by_status_and_duration")]

    operations = [migrations.RunPython(count_together, undo)]

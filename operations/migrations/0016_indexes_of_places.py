"""What walks along places needs; and what nothing walks along any more goes."""

from django.db import migrations, models
from django.db.models import Q

NAMES = ("seconds", *(f"figure_{number}" for number in range(1, 9)))
STATISTICS = "label_kind_and_value"


def drop_statistics(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP STATISTICS IF EXISTS {STATISTICS}")


def count(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ANALYZE operations_place")


class Migration(migrations.Migration):
    dependencies = [("operations", "0015_places"), ("training", "0015_fill_places")]

    operations = [
        migrations.AddIndex(
            "place",
            models.Index(fields=["word", "created", "operation", "traits"], name="place_by_created"),
        ),
        *(
            migrations.AddIndex(
                "place",
                models.Index(
                    fields=["word", name, "operation", "traits", "created"],
                    name=f"place_by_{name}",
                    condition=Q(**{f"{name}__isnull": False}),
                ),
            )
            for name in NAMES
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
        migrations.RunPython(drop_statistics, migrations.RunPython.noop),
        migrations.RemoveIndex("label", "label_found"),
        migrations.RemoveIndex("operation", "operation_by_seconds"),
        migrations.RemoveIndex("operation", "operation_by_status_seconds"),
    ]

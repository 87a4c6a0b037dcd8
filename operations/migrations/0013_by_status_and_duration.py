"""Those of a status are walked along by how long they took; see docs/SCALE.md."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0012_families")]

    operations = [
        migrations.AddIndex(
            "operation",
            models.Index(
                fields=["status", "seconds", "id"],
                name="operation_by_status_seconds",
                condition=models.Q(part_of=None),
            ),
        ),
    ]

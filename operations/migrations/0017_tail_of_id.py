"""An index of the ends of ids, by which a person finds an operation."""

from django.db import migrations, models

from operations.tail import Tail


class Migration(migrations.Migration):
    dependencies = [("operations", "0016_indexes_of_places")]

    operations = [
        migrations.AddIndex("operation", models.Index(Tail("id"), name="operation_id_tail")),
    ]

"""What lists of operations are sorted and chosen by: how long they took, and labels; notes."""

import django.db.models.deletion
import operations.lasting
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0009_known_addresses"),
        ("training", "0008_labels_of_operations"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Label",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("kind", models.CharField(max_length=16)),
                        ("value", models.CharField(max_length=100)),
                        (
                            "operation",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="labels",
                                to="operations.operation",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "training_label",
                        "indexes": [
                            models.Index(fields=["kind", "value", "operation"], name="label_found")
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("operation", "kind", "value"), name="label_once"
                            )
                        ],
                    },
                )
            ]
        ),
        migrations.AlterField("label", "value", models.CharField(max_length=200)),
        migrations.AddField(
            "operation", "note", models.TextField(blank=True, db_default="", default="")
        ),
        migrations.AddField(
            "operation",
            "seconds",
            models.GeneratedField(
                db_persist=True,
                expression=operations.lasting.Lasting("started_at", "completed_at"),
                output_field=models.FloatField(null=True),
            ),
        ),
        migrations.AddIndex(
            "operation",
            models.Index(fields=["seconds", "id"], name="operation_by_seconds"),
        ),
    ]

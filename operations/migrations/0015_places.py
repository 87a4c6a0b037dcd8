"""The lists' own rows; training's 0015 fills them, and 0016 has their indexes."""

import django.db.models.deletion
from django.db import migrations, models

FIGURES = tuple(f"figure_{number}" for number in range(1, 9))


class Migration(migrations.Migration):
    dependencies = [("operations", "0014_how_many_have_a_label")]

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "operation_id",
                        "word",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("word", models.BigIntegerField()),
                ("traits", models.BigIntegerField()),
                ("created", models.BigIntegerField()),
                ("seconds", models.FloatField(null=True)),
                *((name, models.FloatField(null=True)) for name in FIGURES),
                (
                    "operation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="operations.operation",
                    ),
                ),
            ],
        ),
    ]

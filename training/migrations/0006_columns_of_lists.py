"""What lists of models are sorted and chosen by, as columns; and a table of the words of each."""

import django.db.models.deletion
from django.db import migrations, models

METRICS = ("net_return", "sharpe", "max_drawdown", "accuracy", "val_loss")
SORTED_BY = (*METRICS, "best_epoch", "test_first_time")


class Migration(migrations.Migration):
    dependencies = [("operations", "0009_known_addresses"), ("training", "0005_imports")]

    operations = [
        *(
            migrations.AddField("trainedmodel", name, models.FloatField(null=True))
            for name in METRICS
        ),
        migrations.AddField("trainedmodel", "best_epoch", models.PositiveIntegerField(null=True)),
        migrations.AddField(
            "trainedmodel",
            "strategy_name",
            models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            "trainedmodel", "network", models.CharField(blank=True, default="", max_length=32)
        ),
        migrations.AddField("trainedmodel", "seed", models.BigIntegerField(null=True)),
        *(
            migrations.AddIndex(
                "trainedmodel", models.Index(fields=[name, "id"], name=f"model_by_{name}")
            )
            for name in SORTED_BY
        ),
        migrations.AddIndex(
            "trainedmodel", models.Index(fields=["strategy_name"], name="model_of_strategy")
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("symbol", "Symbol"), ("timeframe", "Timeframe")], max_length=16
                    ),
                ),
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
                "indexes": [
                    models.Index(fields=["kind", "value", "operation"], name="label_found")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("operation", "kind", "value"), name="label_once"
                    )
                ],
            },
        ),
    ]

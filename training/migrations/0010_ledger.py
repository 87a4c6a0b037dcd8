"""The ledger of looks at test ranges, which outlives models."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0009_more_labels")]

    operations = [
        migrations.CreateModel(
            name="Score",
            fields=[
                ("identity", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("operation_id", models.CharField(max_length=64)),
                ("owner_name", models.CharField(blank=True, default="", max_length=200)),
                ("symbols", models.JSONField()),
                ("timeframe", models.CharField(max_length=3)),
                ("first_time", models.BigIntegerField()),
                ("end_time", models.BigIntegerField()),
                ("sharpe", models.FloatField(null=True)),
                ("num_returns", models.PositiveIntegerField(null=True)),
                ("skewness", models.FloatField(null=True)),
                ("kurtosis", models.FloatField(null=True)),
                (
                    "scored_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={"ordering": ["scored_at", "identity"]},
        ),
        migrations.CreateModel(
            name="ScoredSymbol",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("symbol", models.CharField(max_length=32)),
                ("timeframe", models.CharField(max_length=3)),
                ("first_time", models.BigIntegerField()),
                ("end_time", models.BigIntegerField()),
                (
                    "score",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="by_symbol",
                        to="training.score",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["symbol", "timeframe", "end_time", "first_time", "score"],
                        name="score_by_range",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("score", "symbol"), name="scored_symbol_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="trainedmodel",
            name="score",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="models",
                to="training.score",
            ),
        ),
    ]

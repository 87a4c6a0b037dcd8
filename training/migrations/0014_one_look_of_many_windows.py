"""The windows of a walk-forward are one look; and an old range is found as fast as a new one."""

from typing import Any

from django.db import migrations, models
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    """What was scored before is a look of its own."""
    apps.get_model("training", "Score").objects.update(look=F("identity"))
    apps.get_model("training", "ScoredSymbol").objects.update(
        look=F("score_id"), seconds=F("end_time") - F("first_time")
    )


class Migration(migrations.Migration):
    dependencies = [("training", "0013_trial_returns")]

    operations = [
        migrations.RemoveIndex("scoredsymbol", "score_by_range"),
        migrations.AddField(
            "score", "look", models.CharField(max_length=64, default=""), preserve_default=False
        ),
        migrations.AddField(
            "scoredsymbol",
            "look",
            models.CharField(max_length=64, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "scoredsymbol", "seconds", models.BigIntegerField(default=0), preserve_default=False
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "scoredsymbol",
            models.Index(
                fields=["symbol", "timeframe", "first_time", "end_time", "look"],
                name="score_by_range",
            ),
        ),
        migrations.AddIndex(
            "scoredsymbol",
            models.Index(fields=["symbol", "timeframe", "seconds"], name="score_by_length"),
        ),
    ]

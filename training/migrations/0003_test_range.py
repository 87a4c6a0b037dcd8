"""What each model was scored on, as columns: to count over all models what looked at the same."""

from typing import Any

from django.db import migrations, models

BATCH = 500
SECONDS = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "4h": 14_400}
SECONDS |= {"1d": 86_400, "1w": 604_800}


def fill(apps: Any, schema_editor: Any) -> None:
    trained = apps.get_model("training", "TrainedModel")
    fields = ("test_symbols", "test_first_time", "test_end_time")
    stored = trained.objects.order_by("pk").values_list(
        "pk", "evaluation__first_time", "evaluation__last_time", "strategy__training_data"
    )
    rows = [trained(pk=row[0], **_columns(*row[1:])) for row in stored.iterator() if _known(*row)]
    trained.objects.bulk_update(rows, fields, batch_size=BATCH)


def _known(_: int, first: Any, last: Any, data: Any) -> bool:
    return isinstance(first, int) and isinstance(last, int) and isinstance(data, dict)


def _columns(first: int, last: int, data: dict[str, Any]) -> dict[str, Any]:
    symbols, timeframes = data["symbols"], data["timeframes"]
    base = timeframes.get("base_timeframe") or timeframes["timeframe"]
    return {
        "test_symbols": sorted(symbols.get("list") or [symbols["symbol"]]),
        "test_first_time": first,
        "test_end_time": last + SECONDS[base],
    }


class Migration(migrations.Migration):
    dependencies = [("training", "0002_model_newest_first")]

    operations = [
        migrations.AddField("trainedmodel", "test_symbols", models.JSONField(null=True)),
        migrations.AddField("trainedmodel", "test_first_time", models.BigIntegerField(null=True)),
        migrations.AddField("trainedmodel", "test_end_time", models.BigIntegerField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

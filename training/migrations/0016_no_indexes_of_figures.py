"""Lists walk along places: see docs/SCALE.md."""

from django.db import migrations

METRICS = ("net_return", "sharpe", "max_drawdown", "accuracy", "val_loss")


class Migration(migrations.Migration):
    dependencies = [("training", "0015_fill_places"), ("operations", "0016_indexes_of_places")]

    operations = [
        migrations.RemoveIndex("trainedmodel", f"model_by_{name}")
        for name in (*METRICS, "best_epoch", "test_first_time")
    ]

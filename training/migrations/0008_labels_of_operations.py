"""Labels belong to operations, which have tags among them, and stay where they are stored; lists
are sorted by a model's figure and its operation, without a look at the row."""

from django.db import migrations, models

METRICS = ("net_return", "sharpe", "max_drawdown", "accuracy", "val_loss")
SORTED_BY = (*METRICS, "best_epoch", "test_first_time")


class Migration(migrations.Migration):
    dependencies = [("training", "0007_fill_columns_of_lists")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Label")]),
        *(migrations.RemoveIndex("trainedmodel", f"model_by_{name}") for name in SORTED_BY),
        *(
            migrations.AddIndex(
                "trainedmodel", models.Index(fields=[name, "operation"], name=f"model_by_{name}")
            )
            for name in SORTED_BY
        ),
        migrations.RemoveIndex("trainedmodel", "model_of_strategy"),
    ]

"""A model's test range is its score's."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("training", "0011_fill_ledger")]

    operations = [
        migrations.RemoveField(model_name="trainedmodel", name="test_symbols"),
        migrations.RemoveField(model_name="trainedmodel", name="test_end_time"),
    ]

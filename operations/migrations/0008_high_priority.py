from django.db import migrations

PERMISSIONS = (
    ("start_operation", "Can start operations"),
    ("resume_operation", "Can resume operations"),
    ("cancel_operation", "Can cancel operations"),
    ("manage_checkpoints", "Can verify, delete and prune checkpoints"),
    ("start_with_high_priority", "Can start operations with priority high"),
)


class Migration(migrations.Migration):
    dependencies = [("operations", "0007_event_actor")]

    operations = [
        migrations.AlterModelOptions(
            name="operation",
            options={"ordering": ["-created_at", "-id"], "permissions": PERMISSIONS},
        ),
    ]

from django.conf import settings
from django.db import migrations

OPERATORS = "Operators"
PERMISSIONS = (
    ("start_operation", "Can start operations"),
    ("resume_operation", "Can resume operations"),
    ("cancel_operation", "Can cancel operations"),
    ("manage_checkpoints", "Can verify, delete and prune checkpoints"),
)


def let_everybody_go_on(apps, schema_editor):
    """Until now every user could act: whoever is there joins the group of those who may."""
    using = schema_editor.connection.alias
    rows = [_permission(apps, using, codename, name) for codename, name in PERMISSIONS]
    group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=OPERATORS)
    group.permissions.add(*rows)
    users = apps.get_model(settings.AUTH_USER_MODEL).objects.using(using)
    group.user_set.add(*users.all())


def _permission(apps, using, codename, name):
    """Django makes these rows itself, but only after all migrations."""
    content_type, _ = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(using)
        .get_or_create(app_label="operations", model="operation")
    )
    row, _ = (
        apps.get_model("auth", "Permission")
        .objects.using(using)
        .get_or_create(content_type=content_type, codename=codename, defaults={"name": name})
    )
    return row


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("operations", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="operation",
            options={"ordering": ["-created_at", "-id"], "permissions": PERMISSIONS},
        ),
        migrations.RunPython(let_everybody_go_on, migrations.RunPython.noop),
    ]

from django.db import migrations

PERMISSIONS = (
    ("add_marketdata", "Can add market data"),
    ("delete_marketdata", "Can delete market data"),
)


def give_to_operators(apps, schema_editor):
    """Who may act may import, too, until an administrator takes it from them."""
    using = schema_editor.connection.alias
    groups = apps.get_model("auth", "Group").objects.using(using)
    rows = [_permission(apps, using, codename, name) for codename, name in PERMISSIONS]
    for group in groups.filter(name="Operators"):
        group.permissions.add(*rows)


def _permission(apps, using, codename, name):
    """Django makes these rows itself, but only after all migrations."""
    content_type, _ = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(using)
        .get_or_create(app_label="training", model="marketdata")
    )
    row, _ = (
        apps.get_model("auth", "Permission")
        .objects.using(using)
        .get_or_create(content_type=content_type, codename=codename, defaults={"name": name})
    )
    return row


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("operations", "0008_high_priority"),
        ("training", "0003_test_range"),
    ]

    operations = [migrations.RunPython(give_to_operators, migrations.RunPython.noop)]

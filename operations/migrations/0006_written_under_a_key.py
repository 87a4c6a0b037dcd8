from django.db import migrations, models


def name_what_the_start_page_made(apps, schema_editor):
    """Its keys kept only an address; a form that is sent again after an upgrade finds it."""
    keys = apps.get_model('operations', 'IdempotencyKey').objects.filter(status=302)
    for key in keys.iterator():
        key.written = {'operation_id': key.location.rstrip('/').rpartition('/')[2]}
        key.save(update_fields=['written'])


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0005_lean_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='idempotencykey',
            name='written',
            field=models.JSONField(null=True),
        ),
        migrations.RunPython(name_what_the_start_page_made, migrations.RunPython.noop),
    ]

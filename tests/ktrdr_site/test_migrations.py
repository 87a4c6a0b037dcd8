"""The migrations are the models, on this database; and they can be undone."""

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from operations import access
from operations.access import Permission

OWN_APPS = ("checkpoints", "operations", "training")


def tables() -> set[str]:
    models = [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
    own = {model._meta.db_table for model in models}
    return own & set(connection.introspection.table_names())


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_migrations_can_be_undone_and_done_again() -> None:
    before = tables()
    try:
        for app in OWN_APPS:
            call_command("migrate", app, "zero", verbosity=0)
        assert tables() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert tables() == before


@pytest.mark.django_db(transaction=True)
def test_who_was_there_before_permissions_were_may_go_on() -> None:
    try:
        call_command("migrate", "operations", "0001", verbosity=0)
        user = User.objects.create_user("early")
        user.groups.clear()
    finally:
        call_command("migrate", verbosity=0)
    user = User.objects.get(pk=user.pk)
    assert all(access.may(user, permission) for permission in Permission)

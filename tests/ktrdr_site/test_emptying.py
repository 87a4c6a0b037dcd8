"""After a test that commits, the database is as before: whoever empties it."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from operations import lifecycle
from tests.running.emptying import delete_rows

MADE_BY_MIGRATIONS = {"contenttypes.ContentType", "auth.Permission"}


def fill() -> None:
    user = User.objects.create_user("somebody")
    group = Group.objects.create(name="some")
    group.permissions.add(Permission.objects.all()[0])
    user.groups.add(group)
    parent = lifecycle.start(operation_type="fake", request={}, queue="training")
    lifecycle.start(operation_type="fake", request={}, queue="training", parent=parent)


def counts() -> dict[str, int]:
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return {model._meta.label: model._default_manager.count() for model in models}


@pytest.mark.django_db(transaction=True)
def test_djangos_flush_and_ours_leave_the_same() -> None:
    before = counts()
    fill()
    assert counts() != before
    delete_rows()
    assert counts() == before
    fill()
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
    assert counts() == before
    assert {label for label, number in before.items() if number} == MADE_BY_MIGRATIONS

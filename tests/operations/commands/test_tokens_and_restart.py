from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from operations.models import ApiToken, Operation
from tests.asking.commands import Manage
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")


def test_a_new_token_opens_the_api(manage: Manage) -> None:
    User.objects.create_user("anna")
    secret = manage("create_token", "anna", "--scope", "read").out.strip()
    api = APIClient(headers={"authorization": f"Bearer {secret}"})
    assert api.get("/api/v1/operations").status_code == 200
    assert ApiToken.objects.get().expires_at is None


def test_a_token_expires_in_days(manage: Manage) -> None:
    User.objects.create_user("anna")
    outcome = manage(
        "create_token", "anna", "--scope", "operate", "--expires", "30", "--name", "ci", "--json"
    )
    token = ApiToken.objects.get()
    assert outcome.json["scope"] == "operate"
    assert token.name == "ci"
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


def test_a_token_for_nobody_is_not_found(manage: Manage) -> None:
    outcome = manage("create_token", "nobody", "--scope", "read")
    assert (outcome.code, outcome.err) == (4, "Error: There is no user nobody.\n")


@pytest.mark.parametrize("arguments", [("--expires", "0"), ("--name", "x" * 101)])
def test_a_token_that_makes_no_sense_is_bad_input(
    manage: Manage, arguments: tuple[str, str]
) -> None:
    User.objects.create_user("anna")
    assert manage("create_token", "anna", "--scope", "read", *arguments).code == 2


def test_a_restart_has_the_same_request_and_belongs_to_the_user_named(manage: Manage) -> None:
    anna = User.objects.create_user("anna")
    parent = scenes.cancelled(3, seed=7)
    outcome = manage("restart_operation", parent.pk, "--user", "anna")
    child = Operation.objects.get(parent=parent)
    assert outcome.out == f"Started operation: {child.pk}\n"
    assert (child.request, child.owner, child.status) == ({"seed": 7}, anna, "pending")


@pytest.mark.parametrize("username", ["anna", None])
def test_a_restart_without_a_user_belongs_to_its_parents_owner(
    manage: Manage, username: str | None
) -> None:
    parent = scenes.completed()
    owner = User.objects.create_user(username) if username else None
    Operation.objects.filter(pk=parent.pk).update(owner=owner, name="mine")
    child = manage("restart_operation", parent.pk, "--json").json
    told = (child["owner"], child["parent_id"], child["name"])
    assert told == (username, parent.pk, "mine, again")

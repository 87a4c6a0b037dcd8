"""Priority high goes before everybody else's: it takes a permission, at whatever door."""

import pytest
from django.contrib.auth.models import Permission as PermissionRow
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from operations import lifecycle
from operations.access import tokens
from operations.access.permissions import Permission
from operations.access.tokens import Scope
from operations.models import Operation
from tests.asking.clients import start_again
from tests.asking.commands import Manage
from tests.operations import scenes
from tests.running.servers import NOBODY_LISTENS
from tests.training.views.scenes import signed_in
from tests.training.views.start_form import START, form, shown
from training.errors import PriorityNotPermitted
from training.launch.seeds import start_seeds
from training.launch.start import StartRequest, start_training

pytestmark = pytest.mark.django_db

HIGH = StartRequest(strategy="sp500_daily", epochs=9, priority="high")
NEEDED = Permission.GO_FIRST.value


@pytest.fixture
def owner(db: None, settings: Settings) -> User:
    settings.REDIS_URL = NOBODY_LISTENS
    return User.objects.create_user("owner")


@pytest.fixture
def preferred(owner: User) -> User:
    user = User.objects.create_user("preferred")
    user.user_permissions.add(PermissionRow.objects.get(codename=Permission.GO_FIRST.codename))
    return user


@pytest.fixture
def parent(owner: User) -> Operation:
    """The owner's, from when it might go first, stopped after an epoch."""
    operation = scenes.claim(start_training(HIGH))
    Operation.objects.filter(pk=operation.pk).update(owner=owner)
    scenes.save(operation, 1)
    assert lifecycle.request_cancel(operation.pk)
    assert lifecycle.cancel(operation.pk, operation.attempt)
    return scenes.reread(operation)


def api(user: User) -> APIClient:
    _, secret = tokens.issue(user, scope=Scope.OPERATE)
    return APIClient(headers={"authorization": f"Bearer {secret}"})


def child_of(parent: Operation) -> Operation:
    return Operation.objects.get(parent=parent)


def priority(operation: Operation) -> tuple[str, str]:
    return operation.request["priority"], operation.queue


def test_the_api_refuses_it_and_says_what_is_needed(owner: User) -> None:
    body = {"strategy": "sp500_daily", "priority": "high"}
    answer = api(owner).post("/api/v1/training/start", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert NEEDED in answer.json()["detail"]
    assert "priority normal" in answer.json()["detail"]
    assert not Operation.objects.exists()


def test_the_page_offers_it_to_none_who_may_not_and_refuses_it(owner: User) -> None:
    browser = signed_in(owner)
    assert 'value="high"' not in shown(browser.get(START))
    answer = browser.post(START, form(priority="high"))
    assert answer.status_code == 403
    assert NEEDED in shown(answer)
    assert not Operation.objects.exists()


def test_the_command_refuses_it_for_a_user_and_asks_nobody_without_one(
    manage: Manage, owner: User
) -> None:
    command = ("start_training", "sp500_daily", "--priority", "high")
    for more in ((), ("--seeds", "2")):
        refused = manage(*command, *more, "--user", "owner")
        assert refused.code == 2
        assert NEEDED in refused.err
    assert not Operation.objects.exists()
    assert manage(*command).code == 0
    assert priority(Operation.objects.get()) == ("high", "training-high")


def test_no_seed_starts(owner: User) -> None:
    with pytest.raises(PriorityNotPermitted):
        start_seeds(HIGH, seeds=2, owner=owner)
    assert not Operation.objects.exists()


def test_who_was_given_it_may_and_so_may_a_superuser(preferred: User) -> None:
    assert 'value="high"' in shown(signed_in(preferred).get(START))
    root = User.objects.create_superuser("root")
    for user in (preferred, root):
        body = {"strategy": "sp500_daily", "priority": "high"}
        answer = api(user).post("/api/v1/training/start", body, format="json")
        assert answer.status_code == 202, answer.json()
        assert answer.json()["data"]["queue"] == "training-high"


CHILDREN = (
    ("restart", {}),
    ("extend", {"epochs": 12}),
    ("fork", {"set": {"training.epochs": 12}}),
)


@pytest.mark.parametrize(("verb", "body"), CHILDREN)
def test_a_child_by_api_goes_first_only_where_its_owner_may(
    verb: str, body: dict[str, object], owner: User, parent: Operation
) -> None:
    path = f"/api/v1/operations/{parent.pk}/{verb}"
    assert api(owner).post(path, body, format="json").status_code == 202
    child = child_of(parent)
    assert priority(child) == ("normal", "training")
    child.delete()
    root = User.objects.create_superuser("root")
    assert api(root).post(path, body, format="json").status_code == 202
    assert priority(child_of(parent)) == ("high", "training-high")


@pytest.mark.parametrize(
    "arguments",
    [
        ("restart_operation",),
        ("extend_operation", "--epochs", "12"),
        ("fork_operation", "--set", "training.epochs=12"),
    ],
)
def test_a_child_by_command_goes_first_only_where_its_owner_may(
    arguments: tuple[str, ...], manage: Manage, parent: Operation, preferred: User
) -> None:
    command, *more = arguments
    assert manage(command, parent.pk, *more, "--user", "owner").code == 0
    child = child_of(parent)
    assert priority(child) == ("normal", "training")
    child.delete()
    assert manage(command, parent.pk, *more, "--user", "preferred").code == 0
    child = child_of(parent)
    assert priority(child) == ("high", "training-high")
    child.delete()
    assert manage(command, parent.pk, *more).code == 0  # it is its parent's owner's
    assert priority(child_of(parent)) == ("normal", "training")


def test_a_restart_by_a_button_goes_first_only_where_its_owner_may(
    owner: User, parent: Operation
) -> None:
    start_again(signed_in(owner), parent.pk)
    assert priority(child_of(parent)) == ("normal", "training")


def test_what_was_started_so_may_be_resumed(owner: User, parent: Operation) -> None:
    answer = api(owner).post(f"/api/v1/operations/{parent.pk}/resume", {}, format="json")
    assert answer.status_code == 200
    assert priority(scenes.reread(parent)) == ("high", "training-high")

"""Resume and cancel in the admin: a word for each row, and the same answers as everywhere."""

import html

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from checkpoints import store
from checkpoints.models import Checkpoint
from operations.admin import read_only
from operations.models import Operation, Status
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")

LIST = "/admin/operations/operation/"


def act(browser: Client, action: str, *operations: Operation) -> str:
    """The page that follows, with a message for each operation."""
    form = {"action": action, "_selected_action": [operation.pk for operation in operations]}
    answer = browser.post(LIST, form, follow=True)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def act_on_checkpoints(browser: Client, action: str, *checkpoints: Checkpoint) -> str:
    form = {"action": action, "_selected_action": [checkpoint.pk for checkpoint in checkpoints]}
    answer = browser.post("/admin/checkpoints/checkpoint/", form, follow=True)
    return html.unescape(answer.content.decode())


def test_resume_says_for_each_what_happened_or_why_not(browser: Client) -> None:
    good, none, done = scenes.cancelled(25), scenes.failed(), scenes.completed()
    page = act(browser, "resume_selected", good, none, done)
    assert f"Successfully resumed operation: {good.pk}, after 26 epochs." in page
    assert f"Operation {none.pk} has no checkpoint" in page
    assert f"Operation {done.pk} is already completed." in page
    assert scenes.reread(good).attempt == 2
    assert scenes.reread(none).status == Status.FAILED


def test_cancel_says_for_each_what_happened_or_why_not(browser: Client) -> None:
    waiting, running, done = scenes.pending(), scenes.running(), scenes.completed()
    page = act(browser, "cancel_selected", waiting, running, done)
    assert f"Operation {waiting.pk} is cancelled." in page
    assert f"Cancel requested: {running.pk}" in page
    assert f"Operation {done.pk} is already completed" in page
    assert scenes.reread(running).cancel_requested_at is not None


def test_too_many_at_once_are_refused_before_the_first(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_only, "MAX_AT_ONCE", 1)
    operations = [scenes.pending(), scenes.pending()]
    assert "2 are too many at once" in act(browser, "cancel_selected", *operations)
    assert all(scenes.reread(operation).status == "pending" for operation in operations)


def test_who_may_only_view_cannot_act(db: None, client: Client) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_operation"))
    viewer.groups.clear()
    client.force_login(viewer)
    operation = scenes.pending()
    act(client, "cancel_selected", operation)
    assert scenes.reread(operation).status == Status.PENDING


def test_prune_deletes_what_no_resume_needs_and_says_why_not(browser: Client) -> None:
    stopped, live = scenes.cancelled(1, 2), scenes.running()
    kept = [scenes.save(live, 1)]
    newer, older = store.candidates(stopped.pk)
    kept.append(newer)
    page = act_on_checkpoints(browser, "prune_selected", older, *kept)
    assert f"Deleted: {older}." in page
    assert f"Operation {live.pk} is live and may need it" in page
    assert "nothing left to resume from" in page
    assert set(Checkpoint.objects.all()) == set(kept)


def test_who_lost_the_permission_is_offered_no_pruning(db: None, client: Client) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_checkpoint"))
    viewer.groups.clear()
    client.force_login(viewer)
    older = store.candidates(scenes.cancelled(1, 2).pk)[1]
    assert "prune_selected" not in act_on_checkpoints(client, "prune_selected", older)
    assert Checkpoint.objects.filter(pk=older.pk).exists()


def test_verify_quarantines_what_is_spoiled(browser: Client) -> None:
    operation = scenes.cancelled(1, 2)
    spoiled = scenes.newest(operation)
    scenes.spoil(spoiled)
    page = act_on_checkpoints(browser, "verify_selected", *store.candidates(operation.pk))
    assert "is corrupted." in page
    assert "is whole." in page
    assert Checkpoint.objects.get(pk=spoiled.pk).quarantined_at is not None

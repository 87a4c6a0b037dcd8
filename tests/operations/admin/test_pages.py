"""Every list can be searched and every row read, and nothing the lifecycle owns can be edited."""

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from checkpoints import store
from operations import lifecycle
from operations.access import tokens
from operations.access.tokens import Scope
from operations.admin.read_only import MAX_INLINE_ROWS
from operations.models import ApiToken, EventType, Operation, Process, Status
from operations.upkeep import presence
from tests.checkpoints.scenes import age
from tests.operations import scenes
from training.models import TrainedModel

pytestmark = pytest.mark.usefixtures("fake_type")

LISTS = [
    "operations/operation",
    "operations/attempt",
    "operations/event",
    "operations/process",
    "operations/apitoken",
    "checkpoints/checkpoint",
    "training/trainedmodel",
    "training/marketdata",
]


def change_page(operation: Operation) -> str:
    return f"/admin/operations/operation/{quote(operation.pk)}/change/"


@pytest.mark.parametrize("path", LISTS)
def test_a_list_can_be_opened_and_searched(browser: Client, path: str) -> None:
    scenes.cancelled(1)
    presence.beat(Process.Kind.WORKER, "w1")
    tokens.issue(User.objects.get(), scope=Scope.READ)
    assert browser.get(f"/admin/{path}/").status_code == 200
    assert browser.get(f"/admin/{path}/?q=op_").status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_nothing_can_be_added_by_hand(browser: Client, path: str) -> None:
    assert browser.get(f"/admin/{path}/add/").status_code == 403


def test_an_operations_page_shows_its_history(browser: Client) -> None:
    operation = scenes.failed(4)
    page = browser.get(change_page(operation)).content.decode()
    assert "It broke." in page
    assert "resume, restart" in page
    assert "checkpoint_saved" in page
    assert "periodic" in page


def test_what_the_lifecycle_owns_cannot_be_edited(browser: Client) -> None:
    operation = scenes.failed()
    path = change_page(operation)
    assert browser.post(path, {"status": "completed"}).status_code == 403
    assert browser.post(path.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert scenes.reread(operation).status == Status.FAILED


def test_a_token_can_be_revoked(browser: Client) -> None:
    token, _ = tokens.issue(User.objects.get(), scope=Scope.READ)
    browser.post(f"/admin/operations/apitoken/{token.pk}/delete/", {"post": "yes"})
    assert not ApiToken.objects.exists()


def test_a_page_holds_only_the_newest_of_a_long_history(browser: Client) -> None:
    operation = scenes.running()
    for _ in range(MAX_INLINE_ROWS + 10):
        lifecycle.note(operation.pk, EventType.QUEUED, {})
    page = browser.get(change_page(operation)).content.decode()
    assert page.count(">queued<") <= MAX_INLINE_ROWS


def test_a_longer_list_costs_no_more_queries(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        scenes.running()
    Operation.objects.update(owner=User.objects.get())
    with django_assert_max_num_queries(6):
        browser.get("/admin/operations/operation/")


def test_old_checkpoints_can_be_found(browser: Client) -> None:
    older = store.candidates(scenes.cancelled(1, 2).pk)[1]
    age(older, days=31)
    listed = "/admin/checkpoints/checkpoint/?older_than_days="
    for days, expected in (("30", "1 checkpoint"), ("90", "0 checkpoints")):
        page = browser.get(f"{listed}{days}").content.decode()
        assert f"\n{expected}\n" in page, days
    assert browser.get(f"{listed}nonsense").status_code in (200, 302)


def test_a_page_links_to_the_dashboard_and_to_what_can_be_downloaded(browser: Client) -> None:
    operation = scenes.cancelled(1)
    checkpoint = scenes.newest(operation)
    dashboard = f'href="/operations/{operation.pk}/"'
    assert dashboard in browser.get(change_page(operation)).content.decode()
    page = browser.get(f"/admin/checkpoints/checkpoint/{checkpoint.pk}/change/").content.decode()
    assert dashboard in page
    assert f'href="/api/v1/checkpoints/{checkpoint.pk}/artifacts/model.pt"' in page

    model = TrainedModel.objects.create(
        operation=operation, size_bytes=0, weights_sha256="", evaluation={}, strategy={}
    )
    page = browser.get(f"/admin/training/trainedmodel/{model.pk}/change/").content.decode()
    assert f'href="/models/{model.pk}/"' in page
    assert f'href="/api/v1/models/{model.pk}/download"' in page


def test_the_dashboard_links_staff_who_may_see_it_to_the_admin(browser: Client, db: None) -> None:
    operation = scenes.cancelled(1)
    address = f"/operations/{operation.pk}/"
    link = f'href="{change_page(operation)}"'
    assert link in browser.get(address).content.decode()
    assert browser.get(change_page(operation)).status_code == 200
    Operation.objects.update(owner=User.objects.create_user("owner"))
    browser.force_login(User.objects.get(username="owner"))
    page = browser.get(address).content.decode()
    assert link not in page
    assert 'href="/admin/"' not in page

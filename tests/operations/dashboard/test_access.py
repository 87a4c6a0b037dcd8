"""Who sees an operation on its pages, and who may press which button."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from operations.models import Operation, Status
from tests.asking.clients import Browser
from tests.operations import scenes
from tests.operations.dashboard.pictures import owned_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]

PARTS = ["", "-row", "-header", "-history", "-log", "-curve"]


@pytest.fixture
def stopped(owner: User) -> Operation:
    return owned_by(owner, scenes.cancelled(3), name="stopped one")


@pytest.mark.parametrize("address", ["/operations/", "/workers/", "/operations/-/summary/"])
def test_nobody_sees_a_page_without_signing_in(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={address}")


@pytest.mark.parametrize("name", PARTS)
def test_no_page_is_kept_for_who_comes_after_a_sign_out(
    browser: Browser, owner: User, stopped: Operation, name: str
) -> None:
    answer = browser(owner).get(reverse(f"operation{name}", args=[stopped.pk]))
    assert answer.status_code == 200
    assert set(answer["Cache-Control"].split(", ")) == {"private", "no-store"}


@pytest.mark.parametrize("name", PARTS)
def test_anothers_operation_is_not_there(
    browser: Browser, stranger: User, stopped: Operation, name: str
) -> None:
    answer = browser(stranger).get(reverse(f"operation{name}", args=[stopped.pk]))
    assert answer.status_code == 404


def test_a_list_shows_ones_own_operations(
    browser: Browser, owner: User, stranger: User, staff: User, stopped: Operation
) -> None:
    seen = {
        user.username: "stopped one" in browser(user).get("/operations/").content.decode()
        for user in (owner, stranger, staff)
    }
    assert seen == {"owner": True, "stranger": False, "staff": True}


def test_the_rows_of_a_page_are_ones_own(
    browser: Browser, stranger: User, stopped: Operation
) -> None:
    answer = browser(stranger).get(f"/operations/-/rows/?id={stopped.pk}")
    assert stopped.pk not in answer.content.decode().partition("hx-trigger")[2]


@pytest.mark.parametrize("name", ["resume", "cancel", "restart"])
def test_anothers_operation_cannot_be_acted_on(
    browser: Browser, stranger: User, stopped: Operation, name: str
) -> None:
    assert browser(stranger).post(reverse(name, args=[stopped.pk])).status_code == 404
    assert scenes.reread(stopped).status == Status.CANCELLED
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("name", ["resume", "restart"])
def test_who_lacks_the_permission_is_told_which_and_nothing_happens(
    browser: Browser, owner: User, stopped: Operation, name: str
) -> None:
    owner.groups.clear()
    answer = browser(owner).post(reverse(name, args=[stopped.pk]), follow=True)
    assert "This needs the permission operations." in answer.content.decode()
    assert scenes.reread(stopped).status == Status.CANCELLED
    assert Operation.objects.count() == 1


def test_a_button_that_one_may_not_press_is_disabled_and_says_why(
    browser: Browser, owner: User, stopped: Operation
) -> None:
    address = reverse("operation-header", args=[stopped.pk])
    assert "operations.resume_operation" not in browser(owner).get(address).content.decode()
    owner.groups.clear()
    shown = browser(owner).get(address).content.decode()
    assert "This needs the permission operations.resume_operation" in shown


def test_several_at_once_need_the_permission_too(
    browser: Browser, owner: User, stopped: Operation
) -> None:
    owner.groups.clear()
    answer = browser(owner).post(
        "/operations/-/act/", {"action": "resume", "operation": stopped.pk}
    )
    assert answer.status_code == 403
    assert scenes.reread(stopped).status == Status.CANCELLED


def test_a_post_from_elsewhere_is_refused(owner: User, stopped: Operation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post(reverse("resume", args=[stopped.pk])).status_code == 403
    assert scenes.reread(stopped).status == Status.CANCELLED


def test_an_action_leads_back_to_this_site_only(page: Client) -> None:
    answer = page.post("/operations/-/act/", {"action": "cancel", "next": "https://example.com/"})
    assert answer.headers["Location"] == "/operations/"


def test_signing_out_is_a_post(page: Client) -> None:
    assert page.get("/logout/").status_code == 405
    page.post("/logout/")
    assert page.get("/operations/").status_code == 302

"""What users do about their own account, without an administrator and without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from operations.access import tokens
from operations.access.tokens import ApiToken, Scope
from tests.asking.clients import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_down")]

OLD, NEW = "until now it was this", "from now on it is that"


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user("anna", password=OLD)


def change(client: Client, *, old: str = OLD, new: str = NEW, **more: str) -> int:
    form = {"old_password": old, "new_password1": new, "new_password2": new, **more}
    return client.post("/account/password/", form).status_code


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def opens(secret: str) -> bool:
    api = APIClient(headers={"authorization": f"Bearer {secret}"})
    return bool(api.get("/api/v1/operations").status_code == 200)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    browser: Browser, anna: User
) -> None:
    here, there = browser(anna), browser(anna)
    _, secret = tokens.issue(anna, scope=Scope.READ)
    assert change(here) == 302
    assert (is_in(here), is_in(there), opens(secret)) == (True, False, True)
    anna.refresh_from_db()
    assert anna.check_password(NEW)


def test_a_new_password_ends_the_tokens_if_asked(browser: Browser, anna: User) -> None:
    _, secret = tokens.issue(anna, scope=Scope.READ)
    assert change(browser(anna), end_tokens="on") == 302
    assert not opens(secret)


@pytest.mark.parametrize("faulty", [{"old": "wrong"}, {"new": "short"}, {"new": "password1234"}])
def test_a_password_that_may_not_be_changes_nothing(
    browser: Browser, anna: User, faulty: dict[str, str]
) -> None:
    there = browser(anna)
    _, secret = tokens.issue(anna, scope=Scope.READ)
    assert change(browser(anna), **faulty, end_tokens="on") == 400
    assert (is_in(there), opens(secret)) == (True, True)


def test_the_old_password_cannot_be_guessed_at(
    browser: Browser, anna: User, settings: Settings
) -> None:
    settings.KTRDR_FAILED_LOGINS_PER_MINUTE = 2
    here = browser(anna)
    assert [change(here, old=guess) for guess in ("a", "b", OLD)] == [400, 400, 400]
    anna.refresh_from_db()
    assert anna.check_password(OLD)


def test_a_token_is_shown_once_and_is_good_for_what_was_chosen(
    browser: Browser, anna: User
) -> None:
    here = browser(anna)
    made = here.post("/account/tokens/", {"name": "ci", "scope": "read", "days": "30"})
    [secret] = re.findall(r"<code>(ktrdr_[^…<]+)</code>", made.content.decode())
    assert opens(secret)
    assert "no-store" in made["Cache-Control"]
    token = ApiToken.objects.get()
    assert (token.user, token.name, token.scope) == (anna, "ci", "read")
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    listed = here.get("/account/").content.decode()
    assert secret not in listed
    assert token.hint in listed
    assert f"{token.expires_at:%Y-%m-%d %H:%M:%S}</time>" in listed  # not how long ago


@pytest.mark.parametrize("faulty", [{"scope": "all"}, {"days": "31"}, {"name": "x" * 101}])
def test_a_token_that_makes_no_sense_is_not_made(
    browser: Browser, anna: User, faulty: dict[str, str]
) -> None:
    answer = browser(anna).post("/account/tokens/", {"scope": "read", "days": "", **faulty})
    assert (answer.status_code, ApiToken.objects.count()) == (400, 0)


def test_a_revoked_token_opens_nothing(browser: Browser, anna: User) -> None:
    token, secret = tokens.issue(anna, scope=Scope.READ)
    assert opens(secret)
    browser(anna).post("/account/tokens/revoke/", {"token": token.pk})
    assert not opens(secret)


@pytest.mark.parametrize("token", ["", "x", "9" * 18, "9" * 30, "-1", "٣"])
def test_revoking_what_there_is_not_says_so(browser: Browser, anna: User, token: str) -> None:
    answer = browser(anna).post("/account/tokens/revoke/", {"token": token}, follow=True)
    assert "no such token" in answer.content.decode()


def test_anothers_token_is_neither_seen_nor_revoked(
    browser: Browser, anna: User, stranger: User
) -> None:
    token, secret = tokens.issue(anna, scope=Scope.READ)
    here = browser(stranger)
    assert token.hint not in here.get("/account/").content.decode()
    here.post("/account/tokens/revoke/", {"token": token.pk})
    assert opens(secret)


def test_signing_out_everywhere_ends_ones_sessions_and_nobody_elses(
    browser: Browser, anna: User, stranger: User
) -> None:
    here, there, anothers = browser(anna), browser(anna), browser(stranger)
    _, secret = tokens.issue(anna, scope=Scope.READ)
    assert here.post("/account/sign-out/")["Location"] == "/login/"
    assert (is_in(here), is_in(there), is_in(anothers)) == (False, False, True)
    assert opens(secret)


@pytest.mark.parametrize("ends_tokens", [False, True])
def test_an_administrators_change_ends_the_sessions_and_offers_to_end_the_tokens(
    browser: Browser, anna: User, ends_tokens: bool
) -> None:
    there = browser(anna)
    _, secret = tokens.issue(anna, scope=Scope.READ)
    admin = browser(User.objects.create_superuser("root", password=OLD))
    address = f"/admin/auth/user/{anna.pk}/password/"
    assert 'name="end_tokens"' in admin.get(address).content.decode()
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    chosen = {"end_tokens": "on"} if ends_tokens else {}
    assert admin.post(address, {**form, **chosen}).status_code == 302
    assert (is_in(there), opens(secret)) == (False, not ends_tokens)


def test_the_header_leads_there(browser: Browser, anna: User) -> None:
    assert 'href="/account/"' in browser(anna).get("/operations/").content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admin_has_no_second_place_for_ones_own_password(method: str, client: Client) -> None:
    """Its form counted no wrong tries."""
    client.force_login(User.objects.create_superuser("root", password=OLD))
    answer = getattr(client, method)("/admin/password_change/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert 'href="/admin/password_change/"' in client.get("/admin/").content.decode()

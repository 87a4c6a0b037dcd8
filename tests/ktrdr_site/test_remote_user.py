"""Whom a trusted proxy names is signed in; nobody else's word makes anybody a user."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test.client import AsyncClientHandler, FakePayload
from pytest_django import Settings

from ktrdr_site.doorway.entrance import Entrance
from ktrdr_site.environment import env_networks, env_remote_user_header
from ktrdr_site.in_turn import Message, Receive, Scope, Send
from operations.access import tokens
from operations.access.tokens import Scope as TokenScope
from operations.streams.listeners import _signed_in
from tests.asking.asgi import scope_of

pytestmark = pytest.mark.django_db

PROXY, SIX = "10.0.0.7", "2001:db8::7"
STRANGERS = ["127.0.0.1", "::1", "10.0.0.8", "2001:db8::8", "::ffff:10.0.0.7", "no address"]
HEADER = "X-Remote-User"
PASSWORD = "correct horse battery"
PAGE, STREAM, API, METRICS = "/account/", "/stream/", "/api/v1/operations", "/metrics"


@pytest.fixture(autouse=True)
def believed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KTRDR_TRUSTED_PROXIES", f"{PROXY}, {SIX}")
    monkeypatch.setenv("HEADER", HEADER)
    settings.KTRDR_TRUSTED_PROXIES = env_networks("KTRDR_TRUSTED_PROXIES", "")
    settings.KTRDR_REMOTE_USER_HEADER = env_remote_user_header("HEADER")
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "operations.access.remote_user.KnownRemoteUser",
    ]


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", password=PASSWORD)


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


@dataclass
class Visitor:
    """A browser behind a proxy, or beside it: each request through the door and all of Django."""

    peer: str = PROXY
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str = PAGE, *said: tuple[str, str], **scope: Any) -> int:
        """Its status; `said` are headers."""
        async_to_sync(Entrance(self._django))(
            self._scope(path, said, **scope), _no_body, self._heard
        )
        return self.status

    def post(self, path: str, form: str, *said: tuple[str, str]) -> int:
        self.body = form.encode()
        said = (*said, ("content-type", "application/x-www-form-urlencoded"))
        size = ("content-length", str(len(self.body)))
        return self.get(path, *said, size, method="POST", scheme="http")

    def _scope(self, path: str, said: tuple[tuple[str, str], ...], **more: Any) -> Scope:
        scope = scope_of(path, {"host": "testserver"}, client=(self.peer, 50000), **more)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        said = (*said, ("cookie", cookies)) if cookies else said
        scope["headers"] += [(name.encode(), value.encode()) for name, value in said]
        return scope

    async def _django(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = FakePayload(getattr(self, "body", b""))
        answer: HttpResponse = await AsyncClientHandler()({**scope, "_body_file": body})  # type: ignore[arg-type, assignment]
        for name, morsel in answer.cookies.items():
            self.cookies[name] = morsel.value
            if not morsel.value:
                del self.cookies[name]
        if answer.streaming:
            answer.close()
        self.text = "" if answer.streaming else answer.content.decode()
        await send({"type": "http.response.start", "status": answer.status_code, "headers": []})

    async def _heard(self, message: Message) -> None:
        self.status = message.get("status") or self.status

    @property
    def user(self) -> str:
        """By its session, as a stream asks again and again."""
        return _signed_in(self.cookies.get("sessionid")).get_username()


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def says(name: str, header: str = HEADER) -> tuple[str, str]:
    return header.lower(), name


@pytest.mark.parametrize("peer", [PROXY, SIX])
def test_a_trusted_proxys_user_is_signed_in(peer: str, anna: User) -> None:
    visitor = Visitor(peer)
    assert visitor.get(PAGE, says("anna"), ("x-forwarded-for", "203.0.113.5")) == 200
    assert "Account of anna" in visitor.text
    assert visitor.user == "anna"


@pytest.mark.parametrize("peer", STRANGERS)
@pytest.mark.parametrize("header", [HEADER, "x-remote-user", "X_Remote_User", "x-remote_user"])
def test_nobody_elses_word_counts(peer: str, header: str, root: User) -> None:
    visitor = Visitor(peer)
    assert visitor.get(PAGE, (header, "root"), ("x-forwarded-for", PROXY)) == 302
    assert visitor.get(PAGE, (header, "root"), (header, "root")) == 302
    assert (visitor.user, Session.objects.count()) == ("", 0)


def test_nothing_of_it_reaches_django(root: User) -> None:
    seen: list[Scope] = []

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    for peer in (PROXY, "127.0.0.1"):
        scope = Visitor(peer)._scope("/", (("X-REMOTE_user", "root"),))
        async_to_sync(Entrance(inside))(scope, _no_body, inside)
    assert [scope["headers"] for scope in seen] == [[(b"host", b"testserver")]] * 2


@pytest.mark.parametrize("spelling", ["x_remote_user", "X-Remote_User"])
def test_a_spelling_that_only_a_client_can_have_sent_is_nobodys(spelling: str, root: User) -> None:
    visitor = Visitor()
    assert visitor.get(PAGE, (spelling, "root")) == 302
    assert visitor.user == ""


@pytest.mark.parametrize(
    "said",
    [
        [says("anna"), says("root")],
        [says("anna"), says("anna")],
        [says("anna"), ("x_remote_user", "root")],
        [says("anna,root")],
        [says("anna\0")],
    ],
)
def test_more_than_one_name_is_refused(said: list[tuple[str, str]], anna: User, root: User) -> None:
    visitor = Visitor()
    assert visitor.get(PAGE, *said) == 400
    assert Session.objects.count() == 0


@pytest.mark.parametrize("name", ["nobody", "Anna", "locked", "<b>"])
def test_who_is_unknown_or_locked_is_told_so_and_made_by_nobody(name: str, anna: User) -> None:
    User.objects.create_user("locked", is_active=False)
    visitor = Visitor()
    for path in (PAGE, "/login/", "/admin/"):
        assert visitor.get(path, says(name)) == 403
        assert "There is no such user here, or it is locked" in visitor.text
    assert "<b>”" not in visitor.text
    assert (User.objects.count(), visitor.user) == (2, "")


def test_another_name_at_the_proxy_ends_the_old_session(anna: User, root: User) -> None:
    visitor = Visitor()
    visitor.get(PAGE, says("root"))
    old = visitor.cookies["sessionid"]
    assert visitor.get(PAGE, says("anna")) == 200
    assert (visitor.user, _signed_in(old).get_username()) == ("anna", "")
    assert visitor.get(PAGE, says("nobody")) == 403
    assert (visitor.user, Session.objects.count()) == ("", 0)


def test_no_name_any_more_is_a_sign_out(anna: User) -> None:
    visitor = Visitor()
    visitor.get(PAGE, says("anna"))
    old = visitor.cookies["sessionid"]
    assert visitor.get(PAGE) == 302
    assert _signed_in(old).get_username() == ""


def test_a_session_of_the_proxy_is_over_when_its_user_is_locked(anna: User) -> None:
    visitor = Visitor()
    visitor.get(PAGE, says("anna"))
    User.objects.update(is_active=False)
    assert visitor.get(PAGE, says("anna")) == 403


def test_a_session_of_the_proxy_opens_nothing_beside_it(anna: User) -> None:
    visitor = Visitor()
    visitor.get(PAGE, says("anna"))
    visitor.peer = "127.0.0.1"
    assert visitor.get(API, says("anna")) == 401
    assert visitor.get(PAGE, says("anna")) == 302


def test_the_api_and_the_metrics_keep_tokens(anna: User, root: User) -> None:
    visitor = Visitor()
    for path in (API, METRICS):
        assert visitor.get(path, says("root")) == 401
    _, secret = tokens.issue(anna, scope=TokenScope.READ)
    bearer = ("authorization", f"Bearer {secret}")
    assert visitor.get(API, says("nobody"), bearer) == 200
    assert Session.objects.count() == 0


def test_a_session_of_the_proxy_counts_at_the_api_beside_its_own_name_alone(anna: User) -> None:
    visitor = Visitor()
    visitor.get(PAGE, says("anna"))
    assert [visitor.get(API, *said) for said in ([says("anna")], [says("nobody")], [])] == [
        200,
        401,
        401,
    ]
    assert visitor.user == "anna"


def test_streams_and_static_files_are_as_ever(anna: User) -> None:
    visitor = Visitor()
    assert visitor.get("/static/operations/dashboard.js", says("nobody")) == 200
    assert Session.objects.count() == 0
    visitor.get(PAGE, says("anna"))
    before = visitor.cookies["sessionid"]
    assert visitor.get(STREAM, says("anna"), ("accept", "text/event-stream")) == 200
    assert visitor.cookies["sessionid"] == before


def test_a_form_of_another_site_is_refused(anna: User) -> None:
    visitor = Visitor()
    visitor.get(PAGE, says("anna"))
    assert visitor.post("/account/tokens/", "scope=read&days=30", says("anna")) == 403
    assert not anna.api_tokens.exists()  # type: ignore[attr-defined]


def test_a_password_is_the_proxys_business(anna: User, root: User) -> None:
    visitor = Visitor()
    visitor.get(PAGE, says("anna"))
    assert "your password is changed where it asks for it" in visitor.text
    assert "Sign out</button>" not in visitor.text
    form = "old_password={0}&new_password1=until+now+it+was&new_password2=until+now+it+was&"
    assert _posted(visitor, "/account/password/", form.format(PASSWORD)) == 403
    form = f"username=root&password={PASSWORD}&"
    assert _posted(visitor, "/login/", form) == 200
    assert "says that you are anna" in visitor.text
    assert visitor.user == "anna"
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def _posted(visitor: Visitor, path: str, form: str) -> int:
    visitor.get(PAGE, says("anna"))
    token = visitor.cookies["csrftoken"]
    return visitor.post(path, f"{form}csrfmiddlewaretoken={token}", says("anna"))


def test_a_password_beside_the_proxy_is_as_ever(anna: User, client: Any) -> None:
    assert client.login(username="anna", password=PASSWORD)
    assert client.get(PAGE).status_code == 200
    assert "Change the password" in client.get(PAGE).content.decode()


def test_without_the_setting_nobody_is_believed(anna: User, settings: Settings) -> None:
    visitor = Visitor()
    visitor.get(PAGE, says("anna"))
    settings.KTRDR_REMOTE_USER_HEADER = ""
    settings.AUTHENTICATION_BACKENDS = settings.AUTHENTICATION_BACKENDS[:1]
    assert visitor.get(PAGE, says("anna")) == 302
    assert visitor.user == ""


@pytest.mark.parametrize("name", ["X Remote", "User", "X_Remote_User", "-X", "X-Forwarded-For"])
def test_what_is_no_header_of_its_own_stops_the_process(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADER", name)
    with pytest.raises(ImproperlyConfigured, match=r"HEADER.*as X-Remote-User"):
        env_remote_user_header("HEADER")


def test_a_header_without_proxies_stops_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KTRDR_TRUSTED_PROXIES")
    monkeypatch.setenv("KTRDR_TLS_PROXY", "true")
    with pytest.raises(ImproperlyConfigured, match="HEADER needs KTRDR_TRUSTED_PROXIES"):
        env_remote_user_header("HEADER")

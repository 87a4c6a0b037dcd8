"""What reaches Django of what anybody may send: bounded while it comes, whoever sends it."""

from collections.abc import Mapping
from typing import Any

import pytest

from ktrdr_site.doorway import bodies, cookies
from ktrdr_site.doorway.bodies import STRANGERS, USUAL, BodyLimit
from ktrdr_site.doorway.entrance import MOST_HEADER_BYTES, Entrance
from ktrdr_site.in_turn import Message, Receive, Scope, Send
from ktrdr_site.turns import TooManyWaiting
from operations.api.problems import WAITING_PAUSE_SECONDS
from tests.asking.asgi import Answer, ask

STRANGER = {"host": "testserver"}
SIGNED_IN = {**STRANGER, "cookie": "theme=dark; sessionid=abc"}
PROGRAM = {**STRANGER, "authorization": "Bearer ktrdr_abc"}
API = "/api/v1/operations"


class Inside:
    """The application behind the door: reads a body whole, and answers."""

    def __init__(self) -> None:
        self.scope: Scope = {}
        self.read = b""
        self.was_left = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        message: Message = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                self.was_left = True
                return
            self.read += message["body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})


@pytest.fixture
def inside() -> Inside:
    return Inside()


def post(inside: Inside, path: str, headers: Mapping[str, str], **told: Any) -> Answer:
    return ask(Entrance(inside), path, headers, method="POST", **told)


def assert_refused(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("headers", "limit"), [(STRANGER, STRANGERS), (SIGNED_IN, USUAL), (PROGRAM, USUAL)]
)
def test_a_body_is_read_up_to_its_limit_and_not_a_byte_beyond(
    headers: Mapping[str, str], limit: BodyLimit, inside: Inside
) -> None:
    whole = b"x" * limit.size_bytes
    assert post(inside, API, headers, body=[whole[:-1], b"x"]).status == 200
    assert inside.read == whole
    assert_refused(post(inside, API, headers, body=[whole, b"x"]), 413, "body_too_large")
    assert inside.was_left


def test_a_body_that_is_announced_as_too_large_is_not_even_begun(inside: Inside) -> None:
    announced = {**SIGNED_IN, "content-length": str(USUAL.size_bytes + 1)}
    assert_refused(post(inside, API, announced), 413, "body_too_large")
    assert not inside.scope


@pytest.mark.parametrize(
    ("is_of_all", "status", "code"), [(False, 429, "too_many_waiting"), (True, 503, "site_busy")]
)
def test_whom_there_is_no_room_for_is_told_when_to_come_back(
    is_of_all: bool, status: int, code: str
) -> None:
    async def full(scope: Scope, receive: Receive, send: Send) -> None:
        raise TooManyWaiting(is_of_all=is_of_all)

    answer = ask(Entrance(full), API, PROGRAM)
    assert_refused(answer, status, code)
    assert answer.headers["retry-after"] == str(WAITING_PAUSE_SECONDS)


def test_an_address_may_have_a_limit_of_its_own_for_who_is_known(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bodies.BY_PATH, API, BodyLimit(size_bytes=2 * USUAL.size_bytes, seconds=5))
    large = [b"x" * (USUAL.size_bytes + 1)]
    assert post(inside, API, PROGRAM, body=large).status == 200
    assert post(inside, API, STRANGER, body=large).status == 413
    assert post(inside, "/start/", SIGNED_IN, body=large).status == 413


def test_a_body_that_does_not_come_is_given_up(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "STRANGERS", BodyLimit(size_bytes=100, seconds=0.01))
    answer = post(inside, API, STRANGER, body=[b"half of"], stalls=True)
    assert_refused(answer, 408, "body_too_slow")


def test_headers_over_their_limit_are_431(inside: Inside) -> None:
    room = MOST_HEADER_BYTES - len("hosttestserverx-long")
    assert ask(Entrance(inside), API, {**STRANGER, "x-long": "x" * room}).status == 200
    inside.scope = {}
    too_long = {**STRANGER, "x-long": "x" * (room + 1)}
    assert_refused(ask(Entrance(inside), API, too_long), 431, "headers_too_large")
    assert not inside.scope


def test_a_page_is_refused_in_plain_words(inside: Inside) -> None:
    answer = post(inside, "/login/", {**STRANGER, "content-length": "70000"})
    assert (answer.status, answer.headers["content-type"]) == (413, "text/plain; charset=utf-8")
    assert answer.body.decode() == (
        "The body is too large: 65,536 bytes are read here at most of who has not signed in.\n"
    )


def cookie_inside(inside: Inside, cookie: str) -> str:
    ask(Entrance(inside), "/", {**STRANGER, "cookie": cookie})
    return dict(inside.scope["headers"]).get(b"cookie", b"").decode()


def test_many_cookies_are_reduced_to_our_own(inside: Inside) -> None:
    few = "theirs=1; sessionid=abc; csrftoken=def"
    assert cookie_inside(inside, few) == few
    many = f"theirs={'x' * cookies.MOST_BYTES}; sessionid=abc; messages=[]; csrftoken=def"
    assert cookie_inside(inside, many) == "sessionid=abc; messages=[]; csrftoken=def"


def test_a_cookie_that_takes_seconds_to_parse_is_never_parsed(inside: Inside) -> None:
    costly = '"' + "\\a" * 6_000 + '"'
    assert cookie_inside(inside, f"a={costly}; sessionid=abc") == "sessionid=abc"
    assert cookie_inside(inside, f"sessionid={costly}") == ""

"""A text that cannot be stored is refused at every door, on both databases, the admin's too."""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.models import Operation
from tests.operations import scenes
from tests.operations.fake_type import fake_type as fake_type

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]

OPERATION = "/admin/operations/operation"
YEAR_1 = "0001-01-01T00:00:00%2B14:00"


@pytest.fixture
def page() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def operation() -> Operation:
    return scenes.running()


@pytest.mark.parametrize(
    "address",
    [
        "/operations/{id}/?against=%00",
        "/operations/{id}/?against=x%00",
        "/operations/-/rows/?id=%00",
        "/operations/?search=%00",
        "/operations/?since=" + YEAR_1,
        "/operations/?since=9999-12-31T23:59:59-14:00",
        "/compare/?ids=%00",
        "/start/?like=%00",
        "/models/?cursor=%00",
        "/models/?search=%00",
        "/?%00=1",
        "/api/v1/operations?search=%00",
        "/api/v1/workers?x=%00",
        f"{OPERATION}/?status__exact=%00",
        f"{OPERATION}/?q=%00",
        f"{OPERATION}/?created_at__gte={YEAR_1}",
        "/admin/auth/group/1/delete/?_to_field=",
        "/login/?next=%00",
        "/healthz?%00",
    ],
)
def test_in_a_query_it_is_400(page: Client, operation: Operation, address: str) -> None:
    assert page.get(address.format(id=operation.pk)).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/operations/%00/",
        "/%00",
        "/static/%00",
        f"{OPERATION}/%00/change/",
        f"{OPERATION}/%00/history/",
        "/admin/auth/user/%00/password/",
        "/api/v1/operations/op%00",
    ],
)
def test_in_a_path_it_is_404(page: Client, address: str) -> None:
    assert page.get(address).status_code == 404
    assert page.post(address).status_code == 404


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/operations/{id}/cancel/", {"reason": "a\0"}),
        ("/operations/-/act/", {"action": "cancel", "operation": "\0"}),
        ("/operations/-/act/", {"action": "cancel", "ope\0ration": "x"}),
        ("/start/", {"action": "load", "shipped": "\0"}),
        ("/login/", {"username": "\0", "password": "x"}),
        (f"{OPERATION}/", {"action": "cancel_selected", "_selected_action": "\0"}),
        ("/admin/auth/user/add/", {"username": "\0"}),
        ("/admin/auth/user/1/delete/", {"_to_field": ""}),
    ],
)
def test_in_a_form_it_is_400(
    page: Client, operation: Operation, address: str, form: dict[str, str]
) -> None:
    answer = page.post(address.format(id=operation.pk), form)
    assert answer.status_code == 400
    operation.refresh_from_db()
    assert operation.cancel_requested_at is None


def test_in_a_cookie_it_is_400(page: Client) -> None:
    """A quoted cookie may hold what no header may: in octal."""
    page.cookies.clear()
    answer = page.get("/operations/", headers={"cookie": r'sessionid="\000aaaaaaaaaaaa"'})
    assert answer.status_code == 400


def test_half_of_a_surrogate_pair_is_refused_where_another_charset_smuggles_it(
    page: Client, operation: Operation
) -> None:
    smuggler = "multipart/form-data; boundary=x; charset=utf-7"
    form = b'--x\r\nContent-Disposition: form-data; name="reason"\r\n\r\n+2AA-\r\n--x--\r\n'
    address = f"/operations/{operation.pk}/cancel/"
    assert page.generic("POST", address, form, smuggler).status_code == 400
    assert page.generic("GET", "/operations/?search=%2B2AA-", b" ", smuggler).status_code == 400


def test_in_json_it_is_400_and_so_is_what_is_nested_deeply(
    page: Client, operation: Operation
) -> None:
    address = f"/api/v1/operations/{operation.pk}/cancel"
    for depth in (60, 600, 990, 100_000):
        for opening, closing in (("[", "]"), ('{"set":', "}")):
            inner = '""' if closing == "}" else ""
            body = opening * depth + inner + closing * depth
            answer = page.post(address, body, content_type="application/json")
            assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    for text in ("\0", "\ud800"):
        answer = page.post(address, json.dumps({"reason": text}), content_type="application/json")
        assert answer.status_code == 400
        assert f"U+{ord(text):04X}" in answer.json()["detail"]


def test_the_api_says_what_was_wrong(page: Client) -> None:
    answer = page.get("/api/v1/workers?x=%00")
    assert answer.json()["code"] == "bad_request"
    assert "U+0000" in answer.json()["detail"]


def test_the_page_of_a_malformed_request_is_one_of_ours(page: Client) -> None:
    answer = page.get("/operations/?search=%00")
    assert "Malformed" in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers

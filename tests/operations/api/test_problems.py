"""Every error is a problem document (RFC 9457), whoever makes it."""

import pytest
from rest_framework.test import APIClient

from operations.api.parsers import MOST_VALUES
from operations.api.problems import MOST_FAULTS
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")

LIST = "/api/v1/operations"


def assert_problem(answer, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert (problem["status"], problem["code"]) == (status, code)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/",
        "/api/v1/nothing",
        f"{LIST}/",
        f"{LIST}/op_unknown/nothing",
        f"{LIST}/..%2f..%2fetc%2fpasswd",
        f"{LIST}/op%00",
        f"{LIST}/op%0A",
        f"{LIST}/{'x' * 65}",
        f"{LIST}/{'x' * 300}",
        f"{LIST}/op%20x/resume",
        f"{LIST}/\u2603",
    ],
)
def test_an_address_that_means_nothing_is_404(api: APIClient, path: str) -> None:
    for method in (api.get, api.post, api.delete):
        assert_problem(method(path), 404, "not_found")


def test_a_method_that_does_not_exist_is_405_and_says_which_do(api: APIClient) -> None:
    for method in (api.put, api.patch, api.options):
        assert_problem(method(LIST), 405, "method_not_allowed")
    assert api.put(LIST)["Allow"] == "GET, HEAD, OPTIONS"


def test_a_body_that_is_not_json_is_415(api: APIClient) -> None:
    path = f"{LIST}/{scenes.cancelled(1).pk}/resume"
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = api.post(path, data="a=1", content_type=content_type)
        assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"device": NaN}',
        b'{"device": "c\\u0000pu"}',
        b'{"device": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 5000,
    ],
)
def test_json_that_cannot_be_read_or_stored_is_400(api: APIClient, body: bytes) -> None:
    path = f"{LIST}/{scenes.cancelled(1).pk}/resume"
    answer = api.post(path, data=body, content_type="application/json")
    assert_problem(answer, 400, "parse_error")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"device": "abacus"}, {"#/device"}),
        ({"device": ["cpu"], "accept_changed_data": {}}, {"#/device", "#/accept_changed_data"}),
        ({"a/b~c": 1}, {"#/a~1b~0c"}),
        ([], {"#"}),
        ("text", {"#"}),
        (17, {"#"}),
    ],
)
def test_bad_input_is_named_by_json_pointers(
    api: APIClient, body: object, pointers: set[str]
) -> None:
    path = f"{LIST}/{scenes.cancelled(1).pk}/resume"
    answer = api.post(path, body, format="json")
    assert_problem(answer, 400, "invalid")
    assert {fault["pointer"] for fault in answer.json()["errors"]} == pointers
    assert all(fault["detail"] for fault in answer.json()["errors"])


def test_a_body_over_the_limit_is_413_and_not_read_as_json(api: APIClient) -> None:
    path = f"{LIST}/{scenes.cancelled(1).pk}/resume"
    body = b'{"device": "' + b"x" * 3_000_000 + b'"}'
    answer = api.post(path, data=body, content_type="application/json")
    assert_problem(answer, 413, "body_too_large")


def test_asking_for_another_format_is_406(api: APIClient) -> None:
    assert_problem(api.get(LIST, headers={"accept": "text/html"}), 406, "not_acceptable")


def test_a_failure_of_ours_is_500_without_its_inside(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("operations.selectors.visible_to", fail)
    api.raise_request_exception = False
    answer = api.get(LIST)
    assert_problem(answer, 500, "server_error")
    assert "secret" not in answer.content.decode()


def test_errors_outside_the_api_are_pages(api: APIClient) -> None:
    answer = api.get("/nothing")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "body",
    [
        {"reason": [None] * (MOST_VALUES + 1)},
        {f"key{number}": 1 for number in range(MOST_VALUES + 1)},
        {"reason": [[None] * 100] * (MOST_VALUES // 100)},
    ],
    ids=["a list", "keys", "lists"],
)
def test_more_values_than_are_checked_soon_are_400(api: APIClient, body: object) -> None:
    answer = api.post(f"{LIST}/{scenes.cancelled(1).pk}/resume", body, format="json")
    assert_problem(answer, 400, "parse_error")
    assert "more than 10,000 values" in answer.json()["detail"]


def test_of_thousands_of_faults_the_first_hundred_are_told(api: APIClient) -> None:
    body = {f"key{number}": 1 for number in range(MOST_VALUES)}
    answer = api.post(f"{LIST}/{scenes.cancelled(1).pk}/resume", body, format="json")
    assert_problem(answer, 400, "invalid")
    assert len(answer.json()["errors"]) == MOST_FAULTS

"""What is done at a click counts among the same requests and actions as the API's."""

from collections.abc import Iterator

import pytest
import redis
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from operations.access import rates, tokens
from operations.access.tokens import Scope
from tests.asking.clients import Browser

pytestmark = pytest.mark.django_db

START = "/start/"
CANCEL = "/operations/op_unknown/cancel/"


@pytest.fixture(autouse=True)
def rates_allowed(settings: Settings, valkey: redis.Redis) -> Iterator[None]:
    settings.KTRDR_API_REQUESTS_PER_MINUTE = 6
    settings.KTRDR_API_ACTIONS_PER_MINUTE = 2
    yield
    rates._quiet_until.clear()


@pytest.fixture
def user() -> User:
    return User.objects.create_user("someone")


@pytest.fixture
def page(browser: Browser, user: User) -> Client:
    return browser(user)


def assert_told_to_wait(answer: HttpResponse) -> None:
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= rates.WINDOW_SECONDS
    assert b"Too many requests of yours" in answer.content


def test_a_button_acts_and_one_action_too_many_is_a_plain_page_with_the_seconds_to_wait(
    page: Client,
) -> None:
    assert [page.post(CANCEL).status_code for _ in range(2)] == [404, 404]
    assert_told_to_wait(page.post(CANCEL))
    assert_told_to_wait(page.post(START, {"action": "preview"}))


def test_the_api_and_the_pages_count_together(page: Client, user: User) -> None:
    _, secret = tokens.issue(user, scope=Scope.OPERATE)
    api = Client(headers={"authorization": f"Bearer {secret}"})
    assert [api.post("/api/v1/operations/op_unknown/cancel").status_code for _ in range(2)] == [
        404,
        404,
    ]
    assert_told_to_wait(page.post(CANCEL))


def test_a_check_as_one_types_counts_as_a_request_and_not_as_an_action(page: Client) -> None:
    check = {"action": "check", "strategy_yaml": "name: x"}
    assert [page.post(START, check).status_code for _ in range(6)] == [200] * 6
    assert_told_to_wait(page.post(START, check))


def test_what_is_looked_at_or_fetched_by_a_page_is_not_counted(page: Client) -> None:
    for _ in range(10):
        assert page.get("/operations/").status_code == 200
        assert page.get("/operations/-/summary/").status_code == 200
    assert page.get(START).status_code == 200


def test_a_prediction_is_counted_on_its_page(page: Client) -> None:
    address = "/models/12345/predict/"
    assert [page.get(address).status_code for _ in range(6)] == [404] * 6
    assert_told_to_wait(page.get(address))

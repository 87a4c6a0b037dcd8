"""So many requests a minute, over all web processes; without Redis as many as come."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from operations.access import rates
from tests.asking.clients import ClientFor
from tests.running.servers import NOBODY_LISTENS

pytestmark = pytest.mark.usefixtures("fake_type")

LIST = "/api/v1/operations"
UNKNOWN = "/api/v1/operations/op_unknown/cancel"
VALIDATE = "/api/v1/strategies/validate"


@pytest.fixture(autouse=True)
def rates_allowed(settings: Settings, valkey: redis.Redis) -> Iterator[None]:
    settings.KTRDR_API_REQUESTS_PER_MINUTE = 6
    settings.KTRDR_API_ACTIONS_PER_MINUTE = 2
    settings.KTRDR_FAILED_LOGINS_PER_MINUTE = 2
    yield
    rates._quiet_until.clear()
    rates._own_counts = rates._OwnCounts()


def statuses(client: APIClient, path: str, times: int) -> list[int]:
    return [client.get(path).status_code for _ in range(times)]


def assert_throttled(answer: Response) -> None:
    assert answer.status_code == 429
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "throttled"
    assert 1 <= int(answer["Retry-After"]) <= rates.WINDOW_SECONDS


def test_one_request_too_many_is_429_with_the_seconds_to_wait(api: APIClient) -> None:
    assert statuses(api, LIST, 6) == [200] * 6
    assert_throttled(api.get(LIST))


def test_every_client_of_a_user_counts_and_no_other_users(
    client_for: ClientFor, owner: User, stranger: User
) -> None:
    assert statuses(client_for(owner), LIST, 3) + statuses(client_for(owner), LIST, 4) == (
        [200] * 6 + [429]
    )
    assert client_for(stranger).get(LIST).status_code == 200


def test_acting_has_a_rate_of_its_own(api: APIClient) -> None:
    assert [api.post(UNKNOWN).status_code for _ in range(2)] == [404, 404]
    assert_throttled(api.post(UNKNOWN))
    assert api.get(LIST).status_code == 200


def test_a_post_that_only_reads_is_no_action(api: APIClient) -> None:
    body = {"strategy_yaml": "name: x"}
    answers = [api.post(VALIDATE, body, format="json").status_code for _ in range(3)]
    assert answers == [200] * 3


def test_nought_is_no_limit(api: APIClient, settings: Settings) -> None:
    settings.KTRDR_API_REQUESTS_PER_MINUTE = 0
    assert statuses(api, LIST, 10) == [200] * 10


def test_without_redis_a_process_counts_by_itself_and_does_not_ask_it_each_time(
    api: APIClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = NOBODY_LISTENS
    rates._quiet_until[NOBODY_LISTENS] = 0.0
    assert statuses(api, LIST, 2) == [200] * 2
    assert rates._quiet_until[NOBODY_LISTENS] > 0.0
    rates._quiet_until[NOBODY_LISTENS] = math.inf
    caplog.clear()
    assert statuses(api, LIST, 5) == [200] * 4 + [429]
    assert "while Redis is away" not in caplog.text


def test_bad_tokens_are_throttled_and_good_ones_from_there_are_not(api: APIClient) -> None:
    guessing = APIClient(headers={"authorization": "Bearer ktrdr_guess"})
    assert statuses(guessing, LIST, 2) == [401, 401]
    assert_throttled(guessing.get(LIST))
    assert api.get(LIST).status_code == 200


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_guessed_passwords_are_refused_after_a_few_even_the_right_one(page: str, db: None) -> None:
    User.objects.create_user("ada", password="correct horse", is_staff=True)
    User.objects.create_user("bob", password="correct horse", is_staff=True)
    for _ in range(2):
        assert "Too many" not in sign_in(page, "ada", "wrong").content.decode()
    refused = sign_in(page, "ada", "correct horse")
    assert "Too many failed tries to sign in. Try again in" in refused.content.decode()
    assert sign_in(page, "bob", "correct horse").status_code == 302


def test_a_sign_in_that_succeeds_forgets_the_failed_ones(db: None) -> None:
    User.objects.create_user("ada", password="correct horse")
    for password in ["wrong", "correct horse", "wrong"]:
        sign_in("/login/", "ada", password)
    assert sign_in("/login/", "ada", "correct horse").status_code == 302


def test_one_password_over_many_names_is_refused_but_no_other_address(
    db: None, settings: Settings
) -> None:
    settings.KTRDR_FAILED_LOGINS_PER_ADDRESS = 3
    User.objects.create_user("ada", password="correct horse")
    assert sign_in("/login/", "ada", "correct horse").status_code == 302, "no failure"
    told = [sign_in("/login/", f"user{number}", "guess").status_code for number in range(4)]
    assert told == [200, 200, 200, 429]
    refused = sign_in("/login/", "ada", "correct horse")
    assert refused.status_code == 429
    assert 60 < int(refused["Retry-After"]) <= 600
    elsewhere = Client(REMOTE_ADDR="203.0.113.5")
    form = {"username": "ada", "password": "correct horse"}
    assert elsewhere.post("/login/", form).status_code == 302


def sign_in(page: str, username: str, password: str) -> Any:
    return Client().post(page, {"username": username, "password": password})

"""`operations/ID/logs`: what an attempt logged, while it runs and afterwards."""

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from operations import lifecycle
from operations.models import AttemptLog, Operation
from operations.reading import attempt_logs
from tests.asking.clients import ClientFor
from tests.operations import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]


def url(operation: Operation, query: str = "") -> str:
    return f"/api/v1/operations/{operation.pk}/logs{query}"


def test_the_log_of_the_current_attempt(api: APIClient) -> None:
    operation = scenes.running()
    attempt_logs.write(operation.pk, 1, text="first\n", left_out_bytes=3)
    answer = api.get(url(operation)).json()["data"]
    assert (answer["attempt"], answer["text"], answer["left_out_bytes"]) == (1, "first\n", 3)


def test_a_later_write_takes_the_place_of_an_earlier_one(api: APIClient) -> None:
    operation = scenes.running()
    attempt_logs.write(operation.pk, 1, text="first\n")
    attempt_logs.write(operation.pk, 1, text="first\nsecond\n")
    assert api.get(url(operation)).json()["data"]["text"] == "first\nsecond\n"
    assert AttemptLog.objects.count() == 1


def test_each_attempt_has_its_own(api: APIClient) -> None:
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)
    attempt_logs.write(operation.pk, 1, text="first\n")
    assert api.get(url(operation)).json()["data"]["text"] == ""
    assert api.get(url(operation, "?attempt=1")).json()["data"]["text"] == "first\n"


@pytest.mark.parametrize("attempt", ["0", "2", "one", "9" * 30])
def test_an_attempt_that_never_was_is_refused(api: APIClient, attempt: str) -> None:
    operation = scenes.running()
    assert api.get(url(operation, f"?attempt={attempt}")).status_code == 400


def test_nobody_reads_anothers(client_for: ClientFor, owner: User) -> None:
    assert client_for(owner).get(url(scenes.running())).status_code == 404

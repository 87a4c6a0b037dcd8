"""One request, sent any number of times, does its work once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from checkpoints.models import Checkpoint
from operations.access import idempotency
from operations.access.idempotency import Claim, IdempotencyKey, Key
from operations.models import EventType, Operation
from operations.restart import prepare_restart, restart_prepared
from tests.asking.clients import ClientFor
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")


def restart(api: APIClient, operation: Operation, key: str, **body: object) -> Response:
    path = f"/api/v1/operations/{operation.pk}/restart"
    return api.post(path, body, format="json", headers={"idempotency-key": key})


def resume(api: APIClient, operation: Operation, key: str, **body: object) -> Response:
    path = f"/api/v1/operations/{operation.pk}/resume"
    return api.post(path, body, format="json", headers={"idempotency-key": key})


def test_the_second_request_gets_the_first_ones_answer(api: APIClient) -> None:
    operation = scenes.cancelled(1)
    first, second = restart(api, operation, "k1"), restart(api, operation, "k1")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.content == second.content
    assert first["Location"] == second["Location"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Operation.objects.filter(parent=operation).count() == 1


def test_another_key_is_another_request(api: APIClient) -> None:
    operation = scenes.cancelled(1)
    for key in ("k1", "k2"):
        restart(api, operation, key)
    assert Operation.objects.filter(parent=operation).count() == 2


def test_a_key_is_one_users_and_one_paths(
    api: APIClient, client_for: ClientFor, owner: User
) -> None:
    first, second = scenes.cancelled(1), scenes.cancelled(1)
    Operation.objects.filter(pk=first.pk).update(owner=owner)
    answers = [
        restart(api, first, "k1"),
        restart(api, second, "k1"),
        restart(client_for(owner), first, "k1"),
    ]
    assert len({answer["Location"] for answer in answers}) == 3


def test_the_same_key_with_another_body_is_422(api: APIClient) -> None:
    operation = scenes.cancelled(1)
    resume(api, operation, "k1")
    answer = resume(api, operation, "k1", device="cpu")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_a_resume_that_is_sent_again_does_not_hear_that_it_is_running(api: APIClient) -> None:
    operation = scenes.cancelled(1)
    assert resume(api, operation, "k1").status_code == 200
    assert resume(api, operation, "k1").status_code == 200
    assert resume(api, operation, "k2").status_code == 409
    assert scenes.reread(operation).attempt == 2


def test_what_was_refused_may_be_tried_again_under_its_key(api: APIClient) -> None:
    operation = scenes.running()
    assert resume(api, operation, "k1").status_code == 409
    assert not IdempotencyKey.objects.exists()
    scenes.save(operation, 3)
    api.post(f"/api/v1/operations/{operation.pk}/cancel", {"force": True}, format="json")
    assert resume(api, operation, "k1").status_code == 200


def test_what_a_refused_request_found_out_stays(api: APIClient) -> None:
    """A quarantine mark is made on the way to a 422, and must not go with it."""
    operation = scenes.cancelled(1)
    scenes.spoil(scenes.newest(operation))
    assert resume(api, operation, "k1").status_code == 422
    assert Checkpoint.objects.get(operation=operation).quarantined_at is not None
    assert scenes.last_event(operation).event_type == EventType.CHECKPOINT_QUARANTINED


def test_while_the_first_is_under_way_the_second_is_409(api: APIClient, staff: User) -> None:
    operation = scenes.cancelled(1)
    path = f"/api/v1/operations/{operation.pk}/restart"
    idempotency.claim(Key(staff, path, "k1", b"{}"))
    answer = restart(api, operation, "k1")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")


def test_a_key_whose_process_died_can_be_claimed_again(api: APIClient, staff: User) -> None:
    operation = scenes.cancelled(1)
    path = f"/api/v1/operations/{operation.pk}/restart"
    idempotency.claim(Key(staff, path, "k1", b"{}"))
    long_ago = timezone.now() - idempotency.ABANDONED_AFTER * 2
    IdempotencyKey.objects.update(claimed_at=long_ago)
    assert restart(api, operation, "k1").status_code == 202


def test_a_sender_that_was_replaced_does_no_work(staff: User) -> None:
    key = Key(staff, "/x", "k1", b"{}")
    slow = idempotency.claim(key)
    IdempotencyKey.objects.update(claimed_at=timezone.now() - idempotency.ABANDONED_AFTER * 2)
    assert isinstance(idempotency.claim(key), Claim)
    assert isinstance(slow, Claim)

    def work(operation: Operation) -> dict[str, str]:
        return {"operation_id": restart_prepared(prepare_restart(operation.pk, owner=staff)).pk}

    with pytest.raises(idempotency.IdempotencyKeyInFlight):
        idempotency.write_claimed(slow, lambda: scenes.cancelled(1), work)
    assert not Operation.objects.exclude(parent=None).exists()
    assert IdempotencyKey.objects.count() == 1


def test_after_a_day_the_key_is_new(api: APIClient) -> None:
    operation = scenes.cancelled(1)
    restart(api, operation, "k1")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert "Idempotency-Replayed" not in restart(api, operation, "k1")
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "snow\u2603"])
def test_a_key_that_cannot_be_one_is_refused(api: APIClient, key: str) -> None:
    answer = restart(api, scenes.cancelled(1), key)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.fixture
def senders() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.mark.django_db(transaction=True)
def test_of_many_senders_at_once_one_does_the_work(
    api: APIClient, senders: ThreadPoolExecutor
) -> None:
    operation = scenes.cancelled(1)

    def send(_: int) -> int:
        try:
            return restart(api, operation, "k1").status_code
        finally:
            connection.close()

    codes = set(senders.map(send, range(16)))
    assert 202 in codes
    assert codes <= {202, 409}
    assert Operation.objects.filter(parent=operation).count() == 1

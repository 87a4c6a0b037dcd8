"""A cancel, over HTTP."""

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from operations.models import EventType, Operation, Status
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")


def cancel(api: APIClient, operation: Operation, **body: object) -> Response:
    return api.post(f"/api/v1/operations/{operation.pk}/cancel", body, format="json")


def test_what_no_worker_has_claimed_is_cancelled_at_once(api: APIClient) -> None:
    operation = scenes.pending()
    answer = cancel(api, operation, reason="a mistake")
    assert answer.status_code == 200
    assert answer.json()["data"] == {"operation_id": operation.pk, "status": "cancelled"}
    assert scenes.reread(operation).cancel_reason == "a mistake"


def test_a_running_operation_keeps_the_intent_for_its_worker(api: APIClient) -> None:
    operation = scenes.running()
    answer = cancel(api, operation)
    assert answer.status_code == 202
    assert answer.json()["data"] == {"operation_id": operation.pk, "status": "running"}
    assert scenes.reread(operation).cancel_requested_at is not None


def test_asking_twice_keeps_the_first_reason(api: APIClient) -> None:
    operation = scenes.running()
    cancel(api, operation, reason="first")
    assert cancel(api, operation, reason="second").status_code == 202
    assert scenes.reread(operation).cancel_reason == "first"
    assert scenes.events(operation).count(EventType.CANCEL_REQUESTED) == 1


def test_force_fences_a_worker_off(api: APIClient) -> None:
    operation = scenes.running()
    answer = cancel(api, operation, force=True, reason="it hangs")
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "cancelled")
    assert scenes.last_event(operation).data == {"forced": True, "reason": "it hangs"}


def test_force_after_an_intent_ends_it(api: APIClient) -> None:
    operation = scenes.running()
    cancel(api, operation)
    assert cancel(api, operation, force=True).status_code == 200
    assert scenes.reread(operation).status == Status.CANCELLED


@pytest.mark.parametrize("scene", [scenes.completed, scenes.failed, scenes.cancelled])
def test_what_has_ended_stays_as_it_is(api: APIClient, scene) -> None:
    operation = scene()
    before = scenes.rows(operation)
    for force in (False, True):
        answer = cancel(api, operation, force=force)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_cancellable")
    assert scenes.rows(operation) == before


def test_delete_is_a_cancel(api: APIClient) -> None:
    operation = scenes.pending()
    answer = api.delete(f"/api/v1/operations/{operation.pk}")
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "cancelled")


def test_a_reason_that_is_too_long_is_refused(api: APIClient) -> None:
    operation = scenes.pending()
    answer = cancel(api, operation, reason="x" * 501)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/reason")
    assert scenes.reread(operation).status == Status.PENDING

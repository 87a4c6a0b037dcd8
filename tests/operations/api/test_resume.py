"""A resume and its refusals, over HTTP."""

import pytest
from rest_framework.test import APIClient

from operations.models import Operation
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type", "redis_down")


def resume(api: APIClient, operation: Operation, **body: object):
    return api.post(f"/api/v1/operations/{operation.pk}/resume", body, format="json")


def test_a_cancelled_operation_goes_on_from_its_newest_checkpoint(api: APIClient) -> None:
    operation = scenes.cancelled(20, 25)
    answer = resume(api, operation)
    checkpoint = scenes.newest(operation)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert answer.json()["success"] is True
    assert (data["operation_id"], data["status"], data["attempt"]) == (operation.pk, "running", 2)
    assert data["resumed_from"] == {
        "checkpoint_id": checkpoint.pk,
        "checkpoint_type": "cancellation",
        "created_at": checkpoint.created_at.isoformat(),
        "epoch": 25,
        "batch": 0,
    }
    resumed = scenes.reread(operation)
    assert (resumed.attempt, resumed.completed_at, resumed.error_code) == (2, None, "")


def test_a_failed_operation_goes_on(api: APIClient) -> None:
    answer = resume(api, scenes.failed(3))
    assert answer.json()["data"]["resumed_from"]["checkpoint_type"] == "periodic"


def test_an_unknown_operation_is_not_found(api: APIClient) -> None:
    answer = api.post("/api/v1/operations/op_training_nothing/resume")
    assert (answer.status_code, answer.json()["code"]) == (404, "operation_not_found")


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (scenes.running, "is already running"),
        (scenes.completed, "is already completed"),
        (scenes.pending, "from status pending"),
    ],
)
def test_an_operation_that_has_not_stopped_stays_as_it_is(
    api: APIClient, scene, words: str
) -> None:
    operation = scene()
    before = scenes.rows(operation)
    answer = resume(api, operation)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_resumable")
    assert words in answer.json()["detail"]
    assert scenes.rows(operation) == before


def test_without_a_checkpoint_nothing_changes(api: APIClient) -> None:
    operation = scenes.failed()
    before = scenes.rows(operation)
    answer = resume(api, operation)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_checkpoint")
    assert "restart_operation" in answer.json()["detail"]
    assert scenes.rows(operation) == before


def test_with_no_checkpoint_that_verifies_the_answer_is_422(api: APIClient) -> None:
    operation = scenes.cancelled(1)
    scenes.spoil(scenes.newest(operation))
    before = scenes.row(operation)
    answer = resume(api, operation)
    assert (answer.status_code, answer.json()["code"]) == (422, "checkpoint_corrupted")
    after = scenes.row(operation)
    assert after.pop("last_event") > before.pop("last_event")  # of the quarantine
    assert after == before


def test_changed_data_stop_it_unless_accepted(api: APIClient) -> None:
    operation = scenes.cancelled(1, data_changed=True)
    refused = resume(api, operation)
    assert (refused.status_code, refused.json()["code"]) == (409, "data_changed")
    assert resume(api, operation, accept_changed_data=True).status_code == 200


def test_the_device_may_be_chosen_anew(api: APIClient) -> None:
    operation = scenes.cancelled(1)
    assert resume(api, operation, device="cpu").status_code == 200
    assert scenes.reread(operation).request["device"] == "cpu"


def test_an_option_that_does_not_exist_is_refused(api: APIClient) -> None:
    operation = scenes.cancelled(1)
    answer = resume(api, operation, accept_change_data=True)
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/accept_change_data"]
    assert scenes.reread(operation).status == "cancelled"

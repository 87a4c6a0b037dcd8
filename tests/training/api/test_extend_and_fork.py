"""POST operations/{id}/extend and /fork, on a training that has really been trained."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.response import Response
from rest_framework.test import APIClient

from operations.models import Operation, Status
from tests.acceptance import trainings
from tests.asking.clients import ClientFor
from training.jobs import run_training

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trained(owner: User) -> Operation:
    operation = trainings.start(epochs=2)
    Operation.objects.filter(pk=operation.pk).update(owner=owner)
    run_training(operation.pk, 1)
    operation.refresh_from_db()
    assert operation.status == Status.COMPLETED
    return operation


def post(api: APIClient, operation: Operation, verb: str, **body: Any) -> Response:
    return api.post(f"/api/v1/operations/{operation.pk}/{verb}", body, format="json")


def test_an_extension_is_a_child_for_more_epochs(api: APIClient, trained: Operation) -> None:
    answer = post(api, trained, "extend", epochs=5)
    assert answer.status_code == 202
    data = answer.json()["data"]
    assert (data["parent_id"], data["owner"], data["status"]) == (trained.pk, "owner", "pending")
    assert data["request"]["strategy"]["training"]["epochs"] == 5
    assert {"part": "weights", "fate": "carried"} in data["carried_over"]
    assert api.get(answer["Location"]).status_code == 200


def test_a_fork_is_a_child_with_other_settings(api: APIClient, trained: Operation) -> None:
    settings = {"training.learning_rate": 0.01, "training.epochs": 6}
    answer = post(api, trained, "fork", set=settings)
    assert answer.status_code == 202
    assert answer.json()["data"]["request"]["strategy"]["training"]["learning_rate"] == 0.01


@pytest.mark.parametrize(
    ("verb", "body", "status", "code"),
    [
        ("extend", {"epochs": 2}, 409, "cannot_branch"),
        ("extend", {"epochs": 0}, 400, "strategy_invalid"),
        ("extend", {}, 400, "invalid"),
        ("extend", {"epochs": 10**30}, 400, "strategy_invalid"),
        ("fork", {"set": {"training.learning_rat": 1}}, 400, "strategy_invalid"),
        ("fork", {"set": {"": {}}}, 400, "strategy_invalid"),
        ("fork", {"set": []}, 400, "invalid"),
        ("fork", {"checkpoint": 10**17, "set": {"training.epochs": 9}}, 409, "cannot_branch"),
        ("fork", {"checkpoint": 10**30}, 400, "invalid"),
    ],
)
def test_what_cannot_be_branched_starts_nothing(
    api: APIClient, trained: Operation, verb: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = post(api, trained, verb, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert Operation.objects.count() == 1


def test_anothers_operation_cannot_be_branched(client_for: ClientFor, trained: Operation) -> None:
    api = client_for(User.objects.create_user("stranger"))
    assert post(api, trained, "extend", epochs=5).status_code == 404
    assert post(api, trained, "fork").status_code == 404
    assert Operation.objects.count() == 1

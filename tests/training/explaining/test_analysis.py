"""An analysis as an operation: interrupted anywhere, it ends with the same bytes; kept with its
model, and shown wherever that is."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.test import Client
from rest_framework.test import APIClient

from operations.access import tokens
from operations.cancel import cancel_operation
from operations.models import Metric, Operation, Status
from operations.resume import resume_operation
from tests.asking.commands import Manage
from tests.asking.commands import manage as manage  # a fixture
from tests.asking.described_client import DescribedClient
from tests.operations import scenes
from tests.training.explaining.scenes import another, as_bytes, ended, model_of
from training.explaining.start import analysis_prepared, prepare_importance, start_importance
from training.models import TrainedModel
from training.trained.stored_models import read_network

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]


@pytest.fixture
def model(owner: User) -> TrainedModel:
    model = model_of()
    Operation.objects.update(owner=owner)
    model.refresh_from_db()
    return model


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("owner")


def test_cancelled_and_resumed_it_ends_with_the_same_bytes(model: TrainedModel) -> None:
    whole = ended(start_importance(model, owner=model.operation.owner))
    assert whole.status == Status.COMPLETED and whole.result is not None
    told = whole.result
    assert {group["group"] for group in told["groups"]} == {"1d_rsi_14", "1d_macd_std"}
    assert (told["part"], told["repeats"], told["block_bars"]) == ("validation", 30, 10)
    again = another(model)

    def cancel_it(sender: Any, instance: Metric, **signal: Any) -> None:
        cancel_operation(again.pk)

    post_save.connect(cancel_it, sender=Metric)
    try:
        stopped = ended(again)
    finally:
        post_save.disconnect(cancel_it, sender=Metric)
    assert stopped.status == Status.CANCELLED
    (row,) = Metric.objects.filter(operation=again)
    assert resume_operation(again.pk).resumed_from is None
    resumed = ended(scenes.reread(again))
    assert as_bytes(resumed) == as_bytes(whole)
    rows = Metric.objects.filter(operation=again).values_list("step", "attempt")
    assert sorted(rows) == [(0, 1), (1, 2)], "what was measured is not measured again"
    assert row.values.keys() == {"rise", "standard_error", "changed"}


def test_there_is_one_of_a_model_and_it_is_shown_wherever_that_is(
    model: TrainedModel, owner: User, client: Client, manage: Manage
) -> None:
    client.force_login(owner)
    _, secret = tokens.issue(owner, scope=tokens.Scope.OPERATE)
    api: APIClient = DescribedClient(headers={"authorization": f"Bearer {secret}"})
    address = f"/api/v1/models/{model.pk}/importance"
    nothing = {"operation_id": None, "status": None, "importance": None}
    assert api.get(address).json()["data"] == nothing
    page = client.get(f"/models/{model.pk}/").content.decode()
    assert "Measure it" in page

    first = api.post(address, {}, format="json")
    assert first.status_code == 202
    operation_id = first.json()["data"]["operation_id"]
    assert api.post(address, {}, format="json").json()["data"]["operation_id"] == operation_id
    assert operation_id in manage("importance", str(model.pk)).out
    page = client.get(f"/models/{model.pk}/").content.decode()
    assert "Measure it" not in page and f"/operations/{operation_id}/" in page
    assert client.get(f"/operations/{operation_id}/").status_code == 200

    operation = ended(Operation.objects.get(pk=operation_id))
    told = api.get(address).json()["data"]
    assert (told["status"], told["importance"]) == ("completed", operation.result)
    shown = manage("importance", str(model.pk), "--json").json
    assert shown == {"operation_id": operation_id, **(operation.result or {})}
    for where in (f"/models/{model.pk}/", f"/operations/{operation_id}/"):
        page = client.get(where).content.decode()
        assert "1d_macd_std" in page and "of the validation part, in" in page
        assert "nothing of causes" in page
    in_words = manage("importance", str(model.pk))
    assert in_words.out.count("\n") == 4 and "break seasons and trends" in in_words.err
    described = manage("show_operation", operation_id)
    assert "can be told from 0" in described.out and "1d_rsi_14" in described.out
    assert api.get(f"/api/v1/operations/{operation_id}").status_code == 200
    other = api.post(address, {"part": "test"}, format="json").json()["data"]
    assert other["operation_id"] != operation_id


def test_of_two_who_asked_before_either_has_it_there_is_one(model: TrainedModel) -> None:
    owner = model.operation.owner
    first, second = (prepare_importance(model, part="test", owner=owner) for _ in range(2))
    assert analysis_prepared(first).pk == analysis_prepared(second).pk


def test_a_model_that_is_gone_ends_it_with_its_own_words(model: TrainedModel) -> None:
    started = start_importance(model, owner=model.operation.owner)
    Operation.objects.filter(pk=started.pk).update(request={**started.request, "model_id": 999})
    failed = ended(started)
    assert (failed.status, failed.error_code) == (Status.FAILED, "model_not_found")


def test_sets_are_told_before_and_after(model: TrainedModel, owner: User) -> None:
    _, secret = tokens.issue(owner, scope=tokens.Scope.READ)
    api: APIClient = DescribedClient(headers={"authorization": f"Bearer {secret}"})
    (found,) = api.get(f"/api/v1/models/{model.pk}/sets").json()["data"]
    learned = read_network(model).manifest["sets"]["1d_momentum"]["memberships"]
    assert (found["id"], found["of"], found["is_learned"]) == ("1d_momentum", "1d_rsi_14", True)
    low, high = found["memberships"]
    assert (low["type"], low["before"]) == ("trapezoidal", [0.0, 25.0, 25.0, 50.0])
    assert (high["type"], high["before"]) == ("gaussian", [70.0, 12.0])
    assert [low["after"], high["after"]] == [one["parameters"] for one in learned]
    assert low["after"] != low["before"]

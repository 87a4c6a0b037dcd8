"""What somebody waits for takes 10 s and 512 MB at most; the command takes what it needs."""

import time
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from operations.access.tokens import Scope
from operations.bounded.room import Room
from operations.bounded.visit import Visit
from operations.selectors import MAX_ROWS
from tests.asking.clients import ClientFor
from tests.training.jobs.large_models import grow, owned
from tests.training.jobs.scenes import CLASSES, LSTM, trained
from training.bounded_work import ACCOUNT, PREDICTION, ROOM
from training.errors import TooLargeHere
from training.models import TrainedModel
from training.trained import account_asking, asking
from training.trained.asking import ask
from training.trained.prediction import forecast
from training.trained.stored_models import read_network

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 10
"""Within which a refusal comes: half of what was asked for would take longer."""


def answer_of(client_for: ClientFor, model: TrainedModel, owner: User, **query: str) -> Any:
    return client_for(owner, Scope.READ).get(f"/api/v1/models/{model.pk}/predict", query)


def test_a_network_that_would_compute_for_minutes_is_refused_at_once(
    client_for: ClientFor, owner: User
) -> None:
    model = owned(trained(LSTM), owner)
    grow(model, hidden=256, length=1000)
    began = time.monotonic()
    refused = answer_of(client_for, model, owner, since="2005-01-03")
    assert time.monotonic() - began < SECONDS
    assert (refused.status_code, refused.json()["code"]) == (422, "too_large_here")
    assert f"manage.py predict {model.pk}`" in refused.json()["detail"]
    assert f"{MAX_ROWS} bars would take" in refused.json()["detail"]


def test_weights_that_take_more_memory_than_there_may_be_are_not_read(
    client_for: ClientFor, owner: User
) -> None:
    model = owned(trained(CLASSES), owner)
    model.artifacts.filter(name="model.safetensors").update(size_bytes=200 * 1024**2)
    refused = answer_of(client_for, model, owner)
    assert (refused.status_code, refused.json()["code"]) == (422, "too_large_here")
    assert "The model's weights alone need more than 512 MB" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("limit", "reason"),
    [({"seconds": 0.001}, r"took longer than 0\.001 s"), ({"memory_mb": 0}, "more than 0 MB")],
)
def test_what_the_estimate_lets_through_meets_the_limits(
    owner: User, monkeypatch: pytest.MonkeyPatch, limit: dict[str, float], reason: str
) -> None:
    model = trained(CLASSES)
    monkeypatch.setattr(asking, "PREDICTION", replace(PREDICTION, **limit))  # type: ignore[arg-type]
    with pytest.raises(TooLargeHere, match=reason):
        ask(model, user=owner, visit=Visit(), limit=10)
    monkeypatch.setattr(account_asking, "ACCOUNT", replace(ACCOUNT, **limit))  # type: ignore[arg-type]
    with pytest.raises(TooLargeHere, match=f"{reason}.* export {model.operation_id} --to csv"):
        account_asking.ask_account(model, user=owner, visit=Visit())


def test_where_there_is_no_room_it_is_429_with_the_seconds_to_wait(
    client_for: ClientFor, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROOM", Room(ROOM.children, waiting=0))
    refused = answer_of(client_for, owned(trained(CLASSES), owner), owner)
    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert refused.json()["code"] == "too_busy"


def test_what_is_computed_there_has_the_bits_of_the_command(owner: User) -> None:
    model = trained(LSTM)
    here = ask(model, user=owner, visit=Visit(), limit=200, since="2010-01-04")
    network = read_network(model)
    assert here.shown == forecast(network, limit=200, since="2010-01-04").to_json()

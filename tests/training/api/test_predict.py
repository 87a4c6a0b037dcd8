"""GET models/{id}/predict."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from operations.access.tokens import Scope
from operations.models import Operation
from operations.selectors import MAX_ROWS
from tests.acceptance import trainings
from tests.asking.clients import ClientFor
from training.jobs import run_training
from training.launch.start import StartRequest, start_training
from training.trained.prediction import forecast
from training.trained.stored_models import read_network


@pytest.fixture
def trained(transactional_db: None, owner: User) -> Operation:
    request = StartRequest(strategy_yaml=trainings.STRATEGY, epochs=1)
    operation = start_training(request, owner=owner)
    run_training(operation.pk, 1)
    return operation


def ask(api: APIClient, operation: Operation, **query: str) -> Any:
    return api.get(f"/api/v1/models/{operation.trained_model.pk}/predict", query)


def test_it_answers_with_what_the_model_decides_on_each_bar(
    trained: Operation, client_for: ClientFor, owner: User
) -> None:
    answer = ask(client_for(owner, Scope.READ), trained, symbol="SP500", since="2018-01-02")
    assert answer.status_code == 200
    shown = answer.json()["data"]
    expected = forecast(read_network(trained.trained_model), since="2018-01-02")
    assert shown["predictions"] == list(expected.rows())
    assert shown["predictions"][0]["time"] == "2018-01-02"
    assert (shown["symbol"], shown["timeframe"]) == ("SP500", "1d")


def test_it_says_what_to_keep_in_mind(trained: Operation, api: APIClient) -> None:
    shown = ask(api, trained, since="2010-01-04").json()["data"]
    assert [note["code"] for note in shown["notes"]] == ["no_forecast"]
    assert "is no forecast" in shown["notes"][0]["text"]


def test_another_symbol_is_asked_on_purpose(
    transactional_db: None, owner: User, api: APIClient
) -> None:
    text = trainings.STRATEGY.replace("normalization: zscore", "normalization: none")
    operation = start_training(StartRequest(strategy_yaml=text, epochs=1), owner=owner)
    run_training(operation.pk, 1)
    refused = ask(api, operation, symbol="NASDAQ")
    assert (refused.status_code, refused.json()["code"]) == (422, "symbol_not_trained")
    assert "any_symbol" in refused.json()["detail"]
    answer = ask(api, operation, symbol="NASDAQ", any_symbol="true")
    assert answer.status_code == 200
    assert "symbol_not_trained" in [note["code"] for note in answer.json()["data"]["notes"]]


def test_a_long_answer_comes_in_pages(trained: Operation, api: APIClient) -> None:
    first = ask(api, trained, since="2009-01-02").json()
    assert len(first["data"]["predictions"]) == MAX_ROWS
    second = api.get(first["next"]).json()
    everything = forecast(read_network(trained.trained_model), since="2009-01-02")
    times = [row["time"] for row in everything.rows()]
    pages = first["data"]["predictions"] + second["data"]["predictions"]
    assert [row["time"] for row in pages] == times[: 2 * MAX_ROWS]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"symbol": "NASDAQ"}, 422, "symbol_not_trained"),
        ({"symbol": "../x"}, 400, "invalid"),
        ({"since": "yesterday"}, 400, "invalid"),
        ({"since": "0001-01-01T00:00:00Z+14"}, 400, "invalid"),
        ({"until": "2018-01-02"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_predicted_is_a_problem_with_its_code(
    trained: Operation, api: APIClient, query: dict[str, str], status: int, code: str
) -> None:
    answer = ask(api, trained, **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_anothers_model_predicts_nothing(trained: Operation, client_for: ClientFor) -> None:
    answer = ask(client_for(User.objects.create_user("stranger")), trained)
    assert (answer.status_code, answer.json()["code"]) == (404, "model_not_found")

"""POST training/start: everything that can be checked is checked before anything is made."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.response import Response
from rest_framework.test import APIClient

from operations.access.tokens import Scope
from operations.models import Operation
from tests.asking.clients import ClientFor
from training.strategy import find_strategy

PATH = "/api/v1/training/start"


def start(api: APIClient, **body: Any) -> Response:
    return api.post(PATH, body, format="json")


def test_a_shipped_strategy_starts_as_an_operation_of_its_owner(
    api: APIClient, owner: User
) -> None:
    answer = start(api, strategy="sp500_daily", epochs=3, seed=7, name="mine", device="cpu")
    assert answer.status_code == 202
    data = answer.json()["data"]
    assert (data["status"], data["name"], data["owner"]) == ("pending", "mine", "owner")
    assert data["phase"] == "waiting for a worker"
    assert data["request"]["strategy"]["training"]["epochs"] == 3
    assert data["request"]["strategy"]["training"]["seed"] == 7
    assert api.get(answer["Location"]).json()["data"]["operation_id"] == data["operation_id"]
    assert Operation.objects.get().owner == owner


def test_a_strategys_text_starts_too(api: APIClient) -> None:
    text = find_strategy("sp500_daily").text
    answer = start(
        api,
        strategy_yaml=text,
        symbols=["NASDAQ"],
        start_date="2005-01-03",
        end_date="2015-12-31",
        priority="low",
        max_restarts=0,
        checkpoint={"every_epochs": 2, "every_seconds": 1.5, "keep": 4},
    )
    assert answer.status_code == 202, answer.json()
    data = answer.json()["data"]
    assert (data["queue"], data["max_restarts"]) == ("training-low", 0)
    assert data["request"]["checkpoint"] == {"every_epochs": 2, "every_seconds": 1.5, "keep": 4}
    assert list(data["request"]["data"]) == ["NASDAQ/1d"]


def test_a_text_in_place_of_a_name_is_told_where_it_goes(api: APIClient) -> None:
    answer = start(api, strategy=find_strategy("sp500_daily").text)
    assert answer.status_code == 400
    assert "a strategy's text is `strategy_yaml`" in answer.json()["detail"]


def test_an_invalid_strategy_is_400_with_every_fault_and_its_path(api: APIClient) -> None:
    text = find_strategy("sp500_daily").text
    broken = text.replace("period: 14", "perod: 14").replace("type: macd", "type: macdx")
    answer = start(api, strategy_yaml=broken)
    assert (answer.status_code, answer.json()["code"]) == (400, "strategy_invalid")
    pointers = {fault["pointer"] for fault in answer.json()["errors"]}
    assert {"#/indicators/rsi_14/perod", "#/indicators/macd_std"} <= pointers
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid_request"),
        ({"strategy": "sp500_daily", "strategy_yaml": "x: 1"}, 400, "invalid_request"),
        ({"strategy": "nothing"}, 404, "strategy_not_found"),
        ({"strategy": "../../../etc/passwd"}, 404, "strategy_not_found"),
        ({"strategy": "/etc/passwd"}, 404, "strategy_not_found"),
        ({"strategy": "training/strategies/sp500_daily.yaml"}, 404, "strategy_not_found"),
        ({"strategy": "sp500_daily", "symbols": ["GOLD"]}, 422, "market_data_missing"),
        ({"strategy": "sp500_daily", "symbols": ["../x"]}, 400, "strategy_invalid"),
        ({"strategy": "sp500_daily", "symbols": []}, 400, "strategy_invalid"),
        ({"strategy": "sp500_daily", "epochs": 0}, 400, "strategy_invalid"),
        ({"strategy": "sp500_daily", "epochs": 10**30}, 400, "strategy_invalid"),
        ({"strategy": "sp500_daily", "seed": -(10**30)}, 400, "strategy_invalid"),
        ({"strategy": "sp500_daily", "start_date": "soon"}, 400, "strategy_invalid"),
        ({"strategy": "sp500_daily", "epochs": "many"}, 400, "invalid"),
        ({"strategy": "sp500_daily", "device": "abacus"}, 400, "invalid"),
        ({"strategy": "sp500_daily", "checkpoint": {"kep": 3}}, 400, "invalid"),
        ({"strategy": "sp500_daily", "checkpoint": {"keep": 1}}, 400, "invalid"),
        ({"strategy": "sp500_daily", "checkpoint": {"every_seconds": -1}}, 400, "invalid_request"),
        ({"strategy": "sp500_daily", "max_restarts": 10**12}, 400, "invalid_request"),
        ({"strategy": "sp500_daily", "name": "x" * 201}, 400, "invalid"),
        ({"strategy": "sp500_daily", "color": 1}, 400, "invalid"),
        ({"strategy_yaml": "&a [*a]"}, 400, "strategy_invalid"),
        ({"strategy_yaml": "- " * 5000}, 400, "strategy_invalid"),
    ],
)
def test_what_cannot_start_leaves_nothing_behind(
    api: APIClient, body: dict[str, Any], status: int, code: str
) -> None:
    answer = start(api, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert not Operation.objects.exists()


def test_the_same_key_starts_one_operation(api: APIClient) -> None:
    answers = [
        api.post(
            PATH,
            {"strategy": "sp500_daily"},
            format="json",
            headers={"idempotency-key": "k1"},
        )
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert Operation.objects.count() == 1
    other = api.post(
        PATH, {"strategy": "two_indices"}, format="json", headers={"idempotency-key": "k1"}
    )
    assert other.status_code == 422
    assert Operation.objects.count() == 1


def test_starting_needs_a_token_that_may_operate(client_for: ClientFor, owner: User) -> None:
    answer = start(client_for(owner, Scope.READ), strategy="sp500_daily")
    assert answer.status_code == 403
    assert start(APIClient(), strategy="sp500_daily").status_code == 401
    assert not Operation.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}], ids=["plain", "with a key"])
def test_bars_are_read_before_the_transaction_of_the_start_begins(
    api: APIClient, headers: dict[str, str]
) -> None:
    within: list[bool] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "marketdata" in sql and sql.startswith("SELECT"):
            within.append(context["connection"].in_atomic_block)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        answer = api.post(PATH, {"strategy": "sp500_daily"}, format="json", headers=headers)
    assert answer.status_code == 202
    assert within
    assert not any(within)

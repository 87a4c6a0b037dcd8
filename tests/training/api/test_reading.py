"""GET strategies, models, data; POST strategies/validate."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from operations import lifecycle, places
from operations.access.tokens import Scope
from operations.models import Operation
from tests.asking.clients import ClientFor
from tests.training.strategy import ktrdr_shapes
from training.models import FINAL_STATE, ModelArtifact, TrainedModel
from training.strategy import find_strategy, list_strategies
from training.trained.columns import places_of


def data(api: APIClient, path: str) -> Any:
    answer = api.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.json()
    return answer.json()["data"]


def test_strategies_are_listed_and_shown_whole(api: APIClient) -> None:
    listed = data(api, "strategies")
    assert [row["name"] for row in listed] == [file.name for file in list_strategies()]
    shown = data(api, "strategies/sp500_daily")
    assert shown["yaml"] == find_strategy("sp500_daily").text
    assert shown["strategy"]["name"] == "sp500_daily"
    assert (shown["symbols"], shown["model"]) == (["SP500"], "mlp")


@pytest.mark.parametrize("name", ["nothing", "..%5c..", "op%00", "%0a", "x" * 300])
def test_a_strategy_that_is_not_there_is_404(api: APIClient, name: str) -> None:
    answer = api.get(f"/api/v1/strategies/{name}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_a_validation_answers_with_every_fault_and_its_line(
    client_for: ClientFor, owner: User
) -> None:
    api = client_for(owner, Scope.READ)
    path, text = "/api/v1/strategies/validate", find_strategy("sp500_daily").text
    valid = api.post(path, {"strategy_yaml": text}, format="json").json()["data"]
    assert valid == {"valid": True, "faults": [], "warnings": []}

    broken = text.replace("period: 14", "perod: 14")
    answer = api.post(path, {"strategy_yaml": broken}, format="json")
    assert answer.status_code == 200
    assert answer.json()["data"]["valid"] is False
    fault = next(
        fault
        for fault in answer.json()["data"]["faults"]
        if fault["pointer"] == "#/indicators/rsi_14/perod"
    )
    assert fault["line"] == 1 + text[: text.index("period: 14")].count("\n")


def test_a_strategy_of_the_original_is_answered_with_one_of_this_grammar(
    client_for: ClientFor, owner: User
) -> None:
    api, path = client_for(owner, Scope.READ), "/api/v1/strategies/validate"
    sent = {"strategy_yaml": ktrdr_shapes.text(12), "convert": True}
    found = api.post(path, sent, format="json").json()["data"]
    assert found["valid"] and not found["faults"]
    again = api.post(path, {"strategy_yaml": found["yaml"]}, format="json").json()["data"]
    assert again["valid"]
    told = {change["path"]: change for change in found["changes"]}
    assert told["indicators.bands.type"]["message"] == "bbands is bollinger here"
    assert told["decisions.on_hold"]["kind"] == "written"

    refused = api.post(path, {**sent, "strategy_yaml": ktrdr_shapes.text(20)}, format="json")
    assert refused.status_code == 200
    told_of = refused.json()["data"]
    assert (told_of["valid"], told_of["yaml"], told_of["changes"]) == (False, None, [])
    assert told_of["faults"][0]["path"] == "training.labels.source"


def test_the_market_data_there_are_can_be_looked_up(api: APIClient) -> None:
    assert {"SP500", "NASDAQ"} <= {row["symbol"] for row in data(api, "data")}
    [row] = data(api, "data/SP500")
    assert (row["timeframe"], row["is_sample"]) == ("1d", True)
    assert row["rows"] > 5000
    answer = api.get("/api/v1/data/GOLD")
    assert (answer.status_code, answer.json()["code"]) == (404, "symbol_not_found")
    for symbol in ("..%2fx", "op%00", "x" * 33):
        assert api.get(f"/api/v1/data/{symbol}").status_code == 404


STATE_DIGEST = "12" * 32  # which SQLite's JSON could take for a number


@pytest.fixture
def model(owner: User) -> TrainedModel:
    operation = lifecycle.start(
        operation_type="training", request={}, queue="training", owner=owner
    )
    Operation.objects.update(result={"state_digest": STATE_DIGEST})
    model = TrainedModel.objects.create(
        operation=operation,
        name="mine",
        size_bytes=10,
        weights_sha256="ab" * 32,
        evaluation={"metrics": {"accuracy": 0.4}, "baselines": {}},
        strategy={"name": "mine"},
    )
    places.tell(operation.pk, places_of(model))
    for name in ("model.safetensors", FINAL_STATE + "optimizer.pt"):
        ModelArtifact.objects.create(
            trained_model=model, name=name, file=f"models/x/{name}", size_bytes=5, sha256="cd" * 32
        )
    return model


def test_models_are_listed_with_metrics_and_shown_with_their_bundle(
    api: APIClient, model: TrainedModel
) -> None:
    [row] = data(api, "models")
    assert (row["id"], row["operation_id"]) == (model.pk, model.operation_id)
    assert row["metrics"] == {"accuracy": 0.4}
    assert (row["state_digest"], row["weights_sha256"]) == (STATE_DIGEST, model.weights_sha256)
    assert "evaluation" not in row
    shown = data(api, f"models/{model.pk}")
    assert shown["evaluation"] == {**model.evaluation, "times_scored": 1, "notes": []}
    assert shown["strategy"] == {"name": "mine"}
    assert [artifact["name"] for artifact in shown["artifacts"]] == ["model.safetensors"]


def test_anothers_model_is_not_there(client_for: ClientFor, model: TrainedModel) -> None:
    api = client_for(User.objects.create_user("stranger"))
    assert data(api, "models") == []
    answer = api.get(f"/api/v1/models/{model.pk}")
    assert (answer.status_code, answer.json()["code"]) == (404, "model_not_found")
    Operation.objects.update(owner=None)
    staff = client_for(User.objects.create_user("staff", is_staff=True))
    assert len(data(staff, "models")) == 1


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 18, "9" * 19, "9" * 5000])
def test_a_model_number_that_is_none_is_404(api: APIClient, number: str) -> None:
    assert api.get(f"/api/v1/models/{number}").status_code == 404


def test_models_come_in_pages(api: APIClient, owner: User) -> None:
    for number in range(3):
        operation = lifecycle.start(
            operation_type="training", request={}, queue="training", owner=owner
        )
        model = TrainedModel.objects.create(
            operation=operation,
            name=str(number),
            size_bytes=1,
            weights_sha256="",
            evaluation={"metrics": {}},
            strategy={},
        )
        places.tell(operation.pk, places_of(model))
    first = api.get("/api/v1/models?page_size=2").json()
    second = api.get(first["next"]).json()
    assert [row["name"] for row in first["data"] + second["data"]] == ["2", "1", "0"]
    assert second["next"] is None

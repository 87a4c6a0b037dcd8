"""Tables to take away: what each format has is what the pages of JSON have."""

import csv
import io
from datetime import datetime
from typing import Any

import polars as pl
import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from operations.models import Metric, Operation
from tests.acceptance import trainings
from tests.asking.clients import ClientFor
from tests.asking.downloads import received
from tests.training.jobs.test_account import TRADERS, quick
from tests.training.views.scenes import started
from training.jobs import run_training
from training.launch.start import StartRequest, start_training
from training.tables import asking
from training.trained.stored_models import read_network


@pytest.fixture
def trained(transactional_db: None, owner: User) -> Operation:
    request = StartRequest(strategy_yaml=trainings.STRATEGY, epochs=1)
    operation = start_training(request, owner=owner)
    run_training(operation.pk, 1)
    return operation


def file(api: APIClient, address: str, **query: str) -> bytes:
    answer = api.get(address, query)
    assert answer.status_code == 200, answer.content
    try:
        return received(answer)  # type: ignore[arg-type]
    finally:
        for close in answer._resource_closers:  # type: ignore[attr-defined]
            close()


def in_csv(api: APIClient, address: str, **query: str) -> list[dict[str, str]]:
    text = file(api, address, format="csv", **query).decode()
    return list(csv.DictReader(io.StringIO(text)))


def in_parquet(api: APIClient, address: str, **query: str) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(file(api, address, format="parquet", **query)))


def pages(api: APIClient, address: str | None, **query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while address:
        page = api.get(address, query).json()
        rows, address, query = rows + page["data"], page["next"], {}
    return rows


def same_in_all(api: APIClient, address: str, **query: str) -> list[dict[str, Any]]:
    """The rows, which every format has, floats to the bit."""
    rows = pages(api, address, **query)
    text, frame = in_csv(api, address, **query), in_parquet(api, address, **query)
    assert len(rows) == len(text) == frame.height > 0
    for row, line, told in zip(rows, text, frame.to_dicts(), strict=True):
        assert list(line) == list(told)
        for name, value in row.items():
            if isinstance(value, float):
                assert float(line[name]) == value == told[name]
            elif isinstance(told[name], datetime):
                assert line[name] == value
                assert datetime.fromisoformat(value) == told[name]
            else:
                assert line[name] == str(value) and told[name] == value
    return rows


def test_features_and_memberships_are_the_same_in_every_format(
    trained: Operation, api: APIClient
) -> None:
    model = trained.trained_model
    manifest = read_network(model).manifest
    address = f"/api/v1/models/{model.pk}/"
    span = {"from": "2009-01-01", "to": "2013-12-31"}
    rows = same_in_all(api, f"{address}features", **span)
    assert len(rows) > 1_000
    assert rows[0]["time"] == "2009-01-02T00:00:00Z" and rows[-1]["time"][:7] == "2013-12"
    assert list(rows[0])[-len(manifest["feature_ids"]) :] == manifest["feature_ids"]
    fuzzy = same_in_all(api, f"{address}memberships", **span)
    assert fuzzy[0].items() <= rows[0].items() and len(fuzzy[0]) < len(rows[0])
    for feature, scaling in manifest["normalization"]["SP500"].items():
        source = next(name for name in rows[0] if f"1d_{name.split('@')[0]}_raw" == feature)
        expected = (rows[7][source] - scaling["offset"]) / scaling["scale"]
        assert rows[7][feature] == pytest.approx(expected, rel=1e-6)


def test_predictions_as_a_file_are_those_of_the_pages(trained: Operation, api: APIClient) -> None:
    address = f"/api/v1/models/{trained.trained_model.pk}/predict"
    rows = api.get(address, {"since": "2015-06-01"}).json()["data"]["predictions"]
    frame = in_parquet(api, address, since="2015-06-01")
    assert frame.height > len(rows) / 2
    flat = [
        {f"probability_{name}": share for name, share in row.pop("probabilities").items()} | row
        for row in rows
    ]
    told = frame.head(len(flat)).drop("symbol", "time").to_dicts()
    assert told == [{name: row[name] for name in told[0]} for row in flat]
    assert {row["is_fitted"] for row in flat} == {True, False}
    text = in_csv(api, address, since="2015-06-01")
    assert [float(line["probability_buy"]) for line in text] == frame["probability_buy"].to_list()
    assert [line["time"][:10] for line in text[: len(rows)]] == [row["time"] for row in rows]


@pytest.mark.django_db(transaction=True)
def test_equity_and_trades_are_those_that_scored_it(owner: User, api: APIClient) -> None:
    model = quick(TRADERS[0])
    Operation.objects.update(owner=owner)
    address, scored = f"/api/v1/models/{model.pk}/", model.evaluation["metrics"]
    equity, trades = (same_in_all(api, f"{address}{name}") for name in ("equity", "trades"))
    assert equity[-1]["equity"] - 1.0 == scored["net_return"]
    assert max(row["drawdown"] for row in equity) == scored["max_drawdown"]
    assert len(trades) == scored["trades"] > 0
    assert {row["side"] for row in trades} == {"long"}
    later = api.get(f"{address}equity", {"after": "7"}).json()["data"]
    assert later == equity[7:]


@pytest.fixture
def reported(owner: User) -> Operation:
    """Resumed once: its second attempt trained the second epoch again."""
    operation = started(owner)
    for attempt, step, loss in ((1, 0, 0.1), (1, 1, 7.0), (2, 1, 1 / 3), (2, 2, 1e-17)):
        values = {"train_loss": loss, "val_loss": None, "replayed": attempt == 2, "note": "=1+1"}
        if step == 2:
            values["seconds"] = 1
        Metric.objects.create(operation=operation, attempt=attempt, step=step, values=values)
    return operation


@pytest.mark.django_db
def test_metrics_have_one_row_a_step_in_every_format(reported: Operation, api: APIClient) -> None:
    address = f"/api/v1/operations/{reported.pk}/metrics"
    rows = api.get(address).json()["data"]
    frame, text = in_parquet(api, address), in_csv(api, address)
    assert frame["epoch"].to_list() == [0, 1, 2] and frame["attempt"].to_list() == [1, 2, 2]
    assert frame["train_loss"].to_list() == [row["values"]["train_loss"] for row in rows]
    assert [float(line["train_loss"]) for line in text] == [0.1, 1 / 3, 1e-17]
    assert frame["seconds"].to_list() == [None, None, 1] and text[0]["seconds"] == ""
    assert frame["replayed"].to_list() == [False, True, True]
    assert frame["note"].to_list() == ["=1+1"] * 3 and text[0]["note"] == "'=1+1"
    assert frame["created_at"][2] == Metric.objects.get(step=2).created_at
    assert [line["created_at"] for line in text] == [row["created_at"] for row in rows]
    assert in_parquet(api, address, after_epoch="1").height == 1
    empty = file(api, address, format="csv", after_epoch="9").decode()
    assert empty == "epoch,attempt,created_at\n"


@pytest.mark.django_db(transaction=True)
def test_long_metrics_are_written_in_the_room_and_are_the_same(
    reported: Operation, api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/api/v1/operations/{reported.pk}/metrics"
    here = file(api, address, format="csv")
    monkeypatch.setattr(asking, "SHORT", -10)
    assert file(api, address, format="csv") == here


@pytest.mark.django_db
def test_another_format_or_moment_is_refused_with_what_there_is(
    reported: Operation, api: APIClient
) -> None:
    address = f"/api/v1/operations/{reported.pk}/metrics"
    answer = api.get(address, {"format": "xlsx"})
    assert answer.status_code == 400
    assert '"xlsx" is no format here: json, csv or parquet.' in str(answer.json())
    asked = api.get(address, headers={"accept": "text/csv"})
    assert asked["Content-Type"] == "text/csv" and received(asked).startswith(b"epoch,")  # type: ignore[arg-type]
    asked = api.get(address, {"format": "json"}, headers={"accept": "text/csv"})
    assert asked["Content-Type"] == "application/json" and asked.json()["success"]
    assert api.get(address, headers={"accept": "image/png"}).status_code == 406


def test_what_a_model_cannot_tell_is_a_problem_with_its_code(
    trained: Operation, api: APIClient, client_for: ClientFor
) -> None:
    address = f"/api/v1/models/{trained.trained_model.pk}/features"
    for query, status, code in (
        ({"symbol": "NASDAQ", "format": "csv"}, 422, "symbol_not_trained"),
        ({"from": "yesterday"}, 400, "invalid"),
        ({"since": "2018-01-02"}, 400, "invalid"),
    ):
        answer = api.get(address, query)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = client_for(User.objects.create_user("stranger")).get(address, {"format": "csv"})
    assert (answer.status_code, answer.json()["code"]) == (404, "model_not_found")
    assert api.get(address, {"from": "2090-01-01"}).json()["data"] == []

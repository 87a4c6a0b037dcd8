"""`explain` says why a model decides as it does on one bar; the API gives the same."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import User

from checkpoints import files
from operations.access.tokens import Scope
from operations.models import Operation
from tests.asking.clients import ClientFor
from tests.asking.commands import Manage
from tests.training.api.conftest import client_for as client_for
from tests.training.jobs.scenes import LSTM, trained
from tests.training.launch.attempts import import_rows, sample_without_last
from training.features.assembly import load_histories
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.features.splits import cut
from training.market_data import load_bars
from training.models import TrainedModel
from training.strategy import Strategy
from training.trained.bundle_reader import MANIFEST
from training.trained.prediction import forecast
from training.trained.stored_models import read_network

pytestmark = pytest.mark.django_db(transaction=True)

AT = "2018-11-05"


@pytest.fixture
def model(transactional_db: None) -> TrainedModel:
    return trained(LSTM.replace("batch_size: 1\n", "batch_size: 64\n"), epochs=1)


def without_medians(model: TrainedModel) -> None:
    """As a bundle from before has it."""
    artifact = model.artifacts.get(name=MANIFEST)
    manifest = json.loads(files.read(artifact.file.name))
    del manifest["medians"]
    content = json.dumps(manifest).encode()
    [path] = files.write_each(f"models/old-{model.pk}", {MANIFEST: content})
    model.artifacts.filter(pk=artifact.pk).update(
        file=path, sha256=hashlib.sha256(content).hexdigest()
    )


def test_it_says_what_predict_says_and_why_in_the_same_bytes_each_time(
    model: TrainedModel, manage: Manage, client_for: ClientFor
) -> None:
    first = manage("explain", model.operation_id, "--at", AT, "--json")
    assert first.out == manage("explain", str(model.pk), "--at", AT, "--json").out
    told = first.json
    assert (told["symbol"], told["timeframe"], told["time"], told["rows"]) == (
        *("SP500", "1d", AT),
        12,
    )
    decided = next(forecast(read_network(model), since=AT, limit=1).rows())
    assert told["decision"] == decided["decision"]
    for name, share in decided["probabilities"].items():
        parts = [line["change"][name] for line in told["changes"]]
        whole = told["at_medians"][name] + sum(parts) + told["together"][name]
        assert told["output"][name] == pytest.approx(share, abs=1e-9)
        assert whole == pytest.approx(share, abs=1e-6)
    assert {line["group"] for line in told["changes"]} == {"1d_rsi_14", "1d_macd_std"}
    medians = read_network(model).manifest["medians"]["SP500"]
    assert medians["1d_rsi_14"] == median_of_training_rows(model)

    words = manage("explain", model.operation_id, "--at", "2018-11-04")  # a Sunday
    assert "the bar of 2018-11-02" in words.out and "nothing of causes" in words.err
    assert manage("explain", model.operation_id, "--at", "1950-01-03").code == 2
    assert manage("explain", model.operation_id, "--at", "soon").code == 2

    owner = User.objects.create_user("owner")
    Operation.objects.update(owner=owner)
    api = client_for(owner, Scope.READ)
    answer = api.get(f"/api/v1/models/{model.pk}/explain", {"at": AT})
    assert answer.status_code == 200
    of_api = answer.json()["data"]
    assert of_api == {name: told[name] for name in of_api}


def median_of_training_rows(model: TrainedModel) -> float:
    """Of RSI, computed from the bars and cut by the split."""
    strategy = Strategy.from_snapshot(model.strategy)
    (history,) = load_histories(strategy, load_bars=load_bars)
    values = compute_indicator(strategy.indicators["rsi_14"], Prices(history.bars["1d"]))[""]
    part = cut([history.periods], strategy.training.data_split)["train"]
    return float(np.median(values[history.first_row :][part.rows(history.periods)]))


def test_of_an_older_bundle_the_medians_are_those_of_its_bars_or_it_is_refused(
    model: TrainedModel, manage: Manage, tmp_path: Path
) -> None:
    new = manage("explain", model.operation_id, "--at", AT, "--json").out
    without_medians(model)
    assert manage("explain", model.operation_id, "--at", AT, "--json").out == new
    import_rows(tmp_path, sample_without_last(100))
    request = {name: value for name, value in model.operation.request.items() if name != "imports"}
    Operation.objects.update(request=request)
    refused = manage("explain", model.operation_id, "--at", AT)
    assert refused.code == 3
    assert "was trained on other bars of SP500/1d than are stored now" in refused.err

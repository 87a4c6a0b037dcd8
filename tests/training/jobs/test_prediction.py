"""A stored model says of the test part again what it was evaluated on, and goes on from there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checkpoints import files
from operations.errors import InvalidInput
from operations.models import Operation
from tests.training.jobs.predictions import RETURNS, since_of
from tests.training.jobs.scenes import CLASSES, LSTM, TWO_SYMBOLS, WEEKS, trained, write_csv
from training.errors import ModelDamaged
from training.evaluation.decisions import decide
from training.evaluation.predictions import predict
from training.features.assembly import build_dataset
from training.market_data.importing import import_market_data
from training.market_data.samples import SAMPLES, load_sample
from training.models import TrainedModel
from training.strategy import Strategy
from training.trained.bundle import network_from
from training.trained.prediction import DEFAULT_BARS, Forecast, forecast
from training.trained.stored_models import read_network
from training.trained.supply import PriceFile
from training.trainer.pinned import Pinned

pytestmark = pytest.mark.django_db(transaction=True)

UNSURE = CLASSES + "decisions: {confidence_threshold: 0.45, allow_short: false}\n"


def bytes_of(model: TrainedModel, name: str) -> bytes:
    return files.read(model.artifacts.get(name=name).file.name)


def evaluated(model: TrainedModel) -> dict[tuple[str, int], Any]:
    """What torch said of each sample of the test part, by symbol and time."""
    operation = Operation.objects.get(pk=model.operation_id)
    strategy = Strategy.from_snapshot(model.strategy)
    pinned = Pinned.from_json(operation.pinned["training"])
    dataset = build_dataset(strategy)
    network = network_from(bytes_of(model, "model.safetensors"), strategy, dataset, pinned)
    outputs = predict(strategy, dataset, network, pinned, dataset.test)
    keys = [
        (dataset.symbol_names[dataset.symbols[row]], int(dataset.times[row]))
        for row in dataset.test
    ]
    decisions = decide(strategy, outputs)
    return dict(zip(keys, zip(outputs, decisions, strict=True), strict=True))


def said(found: Forecast) -> dict[tuple[str, int], Any]:
    keys = [(found.symbol, time) for time in found.times.tolist()]
    return dict(zip(keys, zip(found.outputs, found.decisions, strict=True), strict=True))


@pytest.mark.parametrize(
    "text",
    [CLASSES, LSTM, RETURNS, TWO_SYMBOLS, WEEKS, UNSURE],
    ids=["classes", "lstm", "returns", "two symbols", "two timeframes", "unsure"],
)
def test_predicting_the_test_part_again_gives_the_evaluated_predictions(text: str) -> None:
    model = trained(text)
    network, expected = read_network(model), evaluated(model)
    again: dict[tuple[str, int], Any] = {}
    for symbol in Strategy.from_snapshot(model.strategy).symbols:
        again |= said(forecast(network, symbol=symbol, since=since_of(model)))
    assert expected.keys() <= again.keys()
    for key, (outputs, decision) in expected.items():
        np.testing.assert_allclose(again[key][0], outputs, atol=1e-6, rtol=0)
        assert again[key][1] == decision
    assert len({decision for _, decision in expected.values()}) > 1


def test_a_short_that_is_not_allowed_is_decided_but_not_taken() -> None:
    network = read_network(trained(UNSURE))
    rows = list(forecast(network, since="2009-01-02").rows())
    assert {row["position"] for row in rows if row["decision"] == "buy"} == {1}
    assert {row["position"] for row in rows if row["decision"] == "sell"} <= {0}
    unsure = [row for row in rows if max(row["probabilities"].values()) < 0.45]
    assert unsure
    assert {row["decision"] for row in unsure} == {"hold"}


def test_a_return_within_the_costs_is_a_hold() -> None:
    rows = list(forecast(read_network(trained(RETURNS)), since="2009-01-02").rows())
    edge = 0.0005 * 1.5
    for row in rows:
        predicted = row["predicted_return"]
        assert row["decision"] == (
            "buy" if predicted > edge else "sell" if predicted < -edge else "hold"
        )


def test_without_a_date_it_is_the_newest_bars() -> None:
    found = forecast(read_network(trained(LSTM)))
    newest = load_sample("SP500", "1d").times[-DEFAULT_BARS:]
    assert found.times.tolist() == newest.tolist()


def test_a_limit_keeps_the_first_bars_and_says_where_to_go_on() -> None:
    network = read_network(trained(LSTM))
    everything = forecast(network, since="2016-01-01")
    part = forecast(network, since="2016-01-01", limit=7)
    assert part.times.tolist() == everything.times[:7].tolist()
    np.testing.assert_array_equal(part.outputs, everything.outputs[:7])
    assert part.next_time == everything.times[7]
    assert everything.next_time is None


def test_bars_that_arrived_since_are_decided_on_and_change_nothing_before(tmp_path: Path) -> None:
    bars = load_sample("SP500", "1d")
    write_csv(tmp_path / "then.csv", bars.rows(slice(0, -40)))
    import_market_data(tmp_path / "then.csv", symbol="GROWING", timeframe="1d")
    model = trained(CLASSES.replace("symbol: SP500", "symbol: GROWING"))
    then = forecast(read_network(model), since="2016-01-01")
    write_csv(tmp_path / "now.csv", bars)
    import_market_data(tmp_path / "now.csv", symbol="GROWING", timeframe="1d")
    now = forecast(read_network(model), since="2016-01-01")
    assert now.times.size == then.times.size + 40
    np.testing.assert_array_equal(now.outputs[: then.times.size], then.outputs)


@pytest.mark.parametrize("text", [CLASSES, WEEKS], ids=["days", "days and weeks"])
def test_a_file_is_predicted_as_the_same_bars_imported_are(text: str) -> None:
    network = read_network(trained(text))
    file = PriceFile(path=SAMPLES["SP500", "1d"])
    found = forecast(network, file=file, since="2016-01-01")
    expected = forecast(network, since="2016-01-01")
    assert found.times.tolist() == expected.times.tolist()
    np.testing.assert_array_equal(found.outputs, expected.outputs)


def test_of_several_symbols_one_must_be_said() -> None:
    with pytest.raises(InvalidInput, match="SP500, NASDAQ: say which"):
        forecast(read_network(trained(TWO_SYMBOLS)))


def test_a_damaged_model_is_named(checkpoint_root: Path) -> None:
    model = trained(CLASSES)
    path = checkpoint_root / model.artifacts.get(name="model.safetensors").file.name
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelDamaged, match=r"model\.safetensors of model \d+ is not what was"):
        read_network(model)
    path.unlink()
    with pytest.raises(ModelDamaged, match="missing"):
        read_network(model)

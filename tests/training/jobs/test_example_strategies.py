"""Every strategy that ships trains on the data that ship, to a model that is scored and decides,
and whose bundle decides the same with NumPy alone."""

import math
from pathlib import Path

import numpy as np
import pytest

from operations.models import Operation, Status
from tests.training.jobs.scenes import write_csv
from training.evaluation.decisions import decide
from training.features.assembly import build_dataset
from training.features.plan import plan_features
from training.jobs import run_training
from training.launch.start import StartRequest, start_training
from training.market_data import load_bars
from training.strategy import Strategy, list_strategies, load_strategy
from training.trained.bundle_reader import TrainedNetwork
from training.trained.from_bars.bar_file import read_bars, seconds_at
from training.trained.from_bars.command import decide_on_bars
from training.trained.prediction import DEFAULT_BARS, forecast
from training.trained.stored_models import read_network
from training.trained.written_rules import network_of, written
from training.views.snapshots import as_yaml

pytestmark = pytest.mark.django_db(transaction=True)

EPOCHS = 2
BASELINES = {
    "classification": {"class_prior", "logistic_regression"},
    "regression": {"mean_return", "linear_regression"},
}


def trained(name: str) -> Operation:
    operation = start_training(StartRequest(strategy=name, epochs=EPOCHS))
    run_training(operation.pk, 1)
    operation.refresh_from_db()
    assert operation.status == Status.COMPLETED, operation.error_message
    return operation


@pytest.mark.parametrize("name", [file.name for file in list_strategies()])
def test_it_trains_and_is_scored_beside_its_baselines_and_decides(
    name: str, tmp_path: Path
) -> None:
    operation = trained(name)
    strategy = Strategy.from_snapshot(operation.request["strategy"])
    losses = [row.values["train_loss"] for row in operation.metrics.order_by("step")]
    assert len(losses) == EPOCHS
    assert all(math.isfinite(loss) for loss in losses)

    test = operation.result["test"]
    assert test["samples"] > 500
    assert test["baselines"].keys() == BASELINES[strategy.output_format]
    for scored in (test["metrics"], test["buy_and_hold"], *test["baselines"].values()):
        assert math.isfinite(scored["net_return"])

    network = read_network(operation.trained_model)
    assert network.manifest["feature_ids"] == [column.id for column in plan_features(strategy)]
    assert bool(network.manifest["sets"]) == bool(strategy.learned_inputs())
    for symbol in strategy.symbols:
        assert forecast(network, symbol=symbol).times.size == DEFAULT_BARS
        path = write_csv(tmp_path / f"{symbol}.csv", load_bars(symbol, strategy.base_timeframe))
        decides_with_numpy_alone(network, symbol, path)
    if strategy.model.type == "tsk":
        decides_by_its_rules_alone(network, strategy)


def decides_with_numpy_alone(network: TrainedNetwork, symbol: str, path: Path) -> None:
    """As a bundle's reader does, on a file of the bars: the whole test part, and before."""
    since = "2014-01-01"
    expected = forecast(network, symbol=symbol, since=since)
    found = decide_on_bars(network, read_bars(path), symbol=symbol, since=seconds_at(since))
    np.testing.assert_array_equal(found.times, expected.times)
    np.testing.assert_array_equal(found.decisions, expected.decisions)
    np.testing.assert_array_equal(found.positions, expected.positions)
    np.testing.assert_allclose(found.outputs, expected.outputs, rtol=0, atol=1e-6)


def decides_by_its_rules_alone(network: TrainedNetwork, strategy: Strategy) -> None:
    """What `rules --yaml` prints, read without a training, on all rows of the test part."""
    text = as_yaml(written(network).snapshot())
    again = load_strategy(text, source="rules").strategy
    before, after = (build_dataset(it, load_bars=load_bars) for it in (strategy, again))
    said = network.predict(before.features[before.test])
    alone = network_of(again).predict(after.features[after.test])
    np.testing.assert_array_equal(decide(strategy, said), decide(again, alone))
    np.testing.assert_allclose(said, alone, rtol=0, atol=1e-5)
    assert len({*decide(strategy, said).tolist()}) > 1

"""Every strategy that ships trains on the data that ship, to a model that is scored and decides."""

import math

import pytest

from operations.models import Operation, Status
from training.jobs import run_training
from training.launch.start import StartRequest, start_training
from training.strategy import Strategy, list_strategies
from training.trained.prediction import DEFAULT_BARS, forecast
from training.trained.stored_models import read_network

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
def test_it_trains_and_is_scored_beside_its_baselines_and_decides(name: str) -> None:
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
    assert network.manifest["feature_ids"] == list(strategy.feature_ids())
    for symbol in strategy.symbols:
        assert forecast(network, symbol=symbol).times.size == DEFAULT_BARS

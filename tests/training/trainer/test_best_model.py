"""The model that is delivered is the one of the best epoch."""

import pytest
import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy, mlp
from tests.training.trainer.watching import Watcher
from training.model_trainer import ModelTrainer
from training.trainer.batches import Batches, DeviceData
from training.trainer.best_model import BestModel
from training.trainer.losses import row_losses
from training.trainer.networks import make_network
from training.trainer.run import Request
from training.trainer.validation import Validation


@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy"])
def test_the_best_model_scores_the_recorded_best(monitor: str) -> None:
    """At this learning rate the best epoch is far from the last one."""
    strategy = make_strategy(
        model=mlp(dropout=0.2),
        epochs=10,
        learning_rate=0.2,
        early_stopping={"patience": 100, "monitor": monitor},
    )
    dataset = make_dataset(strategy)
    result = ModelTrainer(strategy).train(dataset)
    values = result.history[monitor]
    best = min(values) if monitor == "val_loss" else max(values)
    assert result.best_value == best
    assert result.best_epoch == values.index(best), "the first of equals wins"
    assert result.best_epoch < len(values) - 1

    network = make_network(strategy, inputs=4, outputs=3)
    network.load_state_dict(result.best_model)
    data = DeviceData(strategy, dataset, torch.device("cpu"))
    way = data.evaluation_pass(dataset.validation, 8192)
    validation = Validation(Batches(data, 8192), way, row_losses(strategy))
    for _ in validation.steps(network):
        pass
    assert validation.metrics()[monitor] == pytest.approx(best, rel=1e-6)


def test_the_best_never_gets_worse_from_checkpoint_to_checkpoint() -> None:
    run = Watcher(lambda position: Request.NONE if position.batch else Request.SAVE)
    strategy = make_strategy(epochs=10, learning_rate=0.2)
    ModelTrainer(strategy, run=run).train(make_dataset(strategy))
    values = [snapshot.parts["best"]["value"] for snapshot in run.saved]
    assert values == sorted(values, reverse=True)


def test_an_equal_value_is_not_better() -> None:
    best = BestModel(monitor="val_loss")
    network = torch.nn.Linear(1, 1)
    assert best.consider(0, 0.5, network)
    assert not best.consider(1, 0.5, network)
    assert best.epoch == 0


def test_the_copy_does_not_follow_the_network() -> None:
    best = BestModel(monitor="val_loss")
    network = torch.nn.Linear(1, 1)
    best.consider(0, 0.5, network)
    kept = best.weights.tensors["weight"].clone()
    with torch.no_grad():
        network.weight.add_(1.0)
    assert torch.equal(best.weights.tensors["weight"], kept)

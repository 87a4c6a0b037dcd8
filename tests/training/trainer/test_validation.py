import pytest
import torch
from torch.nn import functional

from tests.training.trainer.synthetic import make_dataset, make_strategy, mlp
from training.strategy import Strategy
from training.trainer.batches import Batches, DeviceData
from training.trainer.losses import row_losses
from training.trainer.networks import initial_network
from training.trainer.validation import Validation


def metrics_of(strategy: Strategy, batch_size: int) -> dict[str, float]:
    dataset = make_dataset(strategy)
    network = initial_network(strategy, inputs=4, outputs=len(dataset.class_names) or 1)
    data = DeviceData(strategy, dataset, torch.device("cpu"))
    way = data.evaluation_pass(dataset.validation, batch_size)
    validation = Validation(Batches(data, batch_size), way, row_losses(strategy))
    for _ in validation.steps(network):
        pass
    return validation.metrics()


@pytest.mark.parametrize("class_weights", ["none", "inverse"])
def test_the_loss_does_not_depend_on_the_batches(class_weights: str) -> None:
    strategy = make_strategy(class_weights=class_weights)
    whole = metrics_of(strategy, 8192)
    for batch_size in (1, 7, 16):
        assert metrics_of(strategy, batch_size) == pytest.approx(whole, rel=1e-7)


def test_the_loss_is_the_weighted_mean_over_all_rows() -> None:
    strategy = make_strategy(class_weights={"buy": 2.0, "sell": 0.5})
    dataset = make_dataset(strategy)
    network = initial_network(strategy, inputs=4, outputs=3)
    outputs = network(torch.from_numpy(dataset.features[dataset.validation]))
    targets = torch.from_numpy(dataset.labels[dataset.validation])
    expected = functional.cross_entropy(outputs, targets, torch.tensor([2.0, 1.0, 0.5]))
    assert metrics_of(strategy, 16)["val_loss"] == pytest.approx(expected.item(), rel=1e-6)


def test_accuracy_is_the_share_of_rows_classified_right() -> None:
    strategy = make_strategy()
    dataset = make_dataset(strategy)
    network = initial_network(strategy, inputs=4, outputs=3)
    chosen = network(torch.from_numpy(dataset.features[dataset.validation])).argmax(dim=1)
    right = chosen.numpy() == dataset.labels[dataset.validation]
    assert metrics_of(strategy, 16)["val_accuracy"] == right.mean()


def test_a_regression_has_no_accuracy() -> None:
    strategy = make_strategy(labels={"source": "forward_return"})
    assert metrics_of(strategy, 16).keys() == {"val_loss"}


def test_nothing_is_dropped_in_validation() -> None:
    strategy = make_strategy(model=mlp(dropout=0.9))
    assert metrics_of(strategy, 16) == metrics_of(strategy, 16)

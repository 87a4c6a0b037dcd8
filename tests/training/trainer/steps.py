"""One step of the kernel, beside one of autograd in float64."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.trainer.synthetic import make_dataset
from training.features.plan import plan_features
from training.strategy import Strategy
from training.trainer.batches import Batch, DeviceData, Pass
from training.trainer.engines.autograd import AutogradEngine
from training.trainer.engines.engine import Epoch
from training.trainer.engines.kernel import KernelEngine
from training.trainer.epoch_losses import EpochLosses
from training.trainer.networks import Network, initial_network
from training.trainer.run import Attention

ROWS = 37  # a row left over from pairs; 5 units: a term left over from fours
RETURNS = {"source": "forward_return"}
LOSSES: dict[str, dict[str, Any]] = {
    "cross entropy": {},
    "focal": {"loss": "focal"},
    "focal below 1": {"loss": "focal", "focal_gamma": 0.5},
    "focal of 0": {"loss": "focal", "focal_gamma": 0.0},
    "mse": {"loss": "mse", "labels": RETURNS},
    "huber": {"loss": "huber", "labels": RETURNS, "huber_delta": 0.5},
}


def batch_for(strategy: Strategy, *, rows: int = ROWS, weighted: bool = False) -> Batch:
    generator = torch.Generator().manual_seed(rows)
    inputs = torch.randn(rows, length_of(strategy), strategy.num_columns, generator=generator)
    if strategy.model.type in ("mlp", "tsk"):
        inputs = inputs[:, 0]
    for place, feature in enumerate(plan_features(strategy)):
        if feature.membership is not None:
            inputs[..., place].clamp_(0.0, 1.0)
    targets = torch.randint(0, 3, (rows,), generator=generator)
    if strategy.output_format == "regression":
        targets = torch.randn(rows, generator=generator)
    weights = torch.rand(rows, generator=generator) if weighted else None
    return Batch(inputs, targets, None if weights is None else weights / weights.sum())


def length_of(strategy: Strategy) -> int:
    return getattr(strategy.model.architecture, "sequence_length", 1)


def network_for(strategy: Strategy) -> Any:
    outputs = 3 if strategy.output_format == "classification" else 1
    return initial_network(strategy, inputs=strategy.num_columns, outputs=outputs)


class KernelStep:
    """The kernel, one batch at a time."""

    def __init__(
        self, strategy: Strategy, network: Network, *, rows: int, address: int = 0
    ) -> None:
        self._length = length_of(strategy)
        self._columns = strategy.num_columns
        room = torch.zeros(address + rows * self._length * self._columns)
        self._features = room[address:].view(-1, self._columns)
        self._engine = KernelEngine(strategy, network, self._features, rows=rows)
        self._losses = EpochLosses(1, torch.device("cpu"))
        self.optimizer = self._engine.optimizer
        self.is_finite = self._engine.is_finite

    def __call__(self, batch: Batch, learning_rate: float, dropout_seed: int) -> float:
        rows, length = len(batch.inputs), self._length
        self._features[: rows * length] = batch.inputs.reshape(-1, self._columns)
        epoch = Epoch(
            way=Pass(
                samples=torch.arange(length - 1, rows * length, length),
                targets=batch.targets,
                weights=batch.weights,
                weight_sums=torch.ones(1),
            ),
            learning_rates=np.array([learning_rate]),
            dropout_seeds=np.array([dropout_seed], np.uint32),
        )
        assert list(self._engine.train(epoch, range(1), self._losses, Attention())) == [1]
        return float(self._losses.on_cpu[0])


def autograd_for(strategy: Strategy, network: torch.nn.Module) -> AutogradEngine:
    flavour = "single" if strategy.training.optimizer == "rmsprop" else "fused"
    data = DeviceData(strategy, make_dataset(strategy), torch.device("cpu"))
    return AutogradEngine(strategy, network, data, optimizer_flavour=flavour)


def exact(batch: Batch) -> Batch:
    weights = None if batch.weights is None else batch.weights.double()
    targets = batch.targets.double() if batch.targets.is_floating_point() else batch.targets
    return Batch(batch.inputs.double(), targets, weights)


def assert_same_steps(strategy: Strategy, batches: list[Batch], *, rtol: float = 1e-5) -> None:
    """Weights, what the optimizer remembers and losses, after every one of the batches."""
    mine, theirs = network_for(strategy), network_for(strategy).double()
    step = KernelStep(strategy, mine, rows=ROWS)
    reference = autograd_for(strategy, theirs)
    for batch in batches:
        loss, expected = step(batch, 0.01, 0), reference.step(exact(batch), 0.01, 0)
        assert loss == pytest.approx(float(expected), rel=1e-5)
        for name, tensor in theirs.state_dict().items():
            assert_close(mine.state_dict()[name], tensor, rtol)
        for name, tensor in reference.optimizer.state_dict().items():
            assert_close(step.optimizer.state_dict()[name], tensor, rtol)


def assert_close(mine: Tensor, expected: Tensor, rtol: float) -> None:
    """Up to a share of the largest value of the tensor."""
    scale = float(expected.abs().max())
    torch.testing.assert_close(mine.double(), expected.double(), rtol=0, atol=rtol * scale)


def assert_nothing_left_behind_is_read(strategy: Strategy) -> None:
    """A step after a larger batch is that of an engine that has seen none."""
    fresh, used = network_for(strategy), network_for(strategy)
    first, second = KernelStep(strategy, fresh, rows=3), KernelStep(strategy, used, rows=ROWS)
    start = {name: tensor.clone() for name, tensor in used.state_dict().items()}
    second(batch_for(strategy), 0.1, 1)
    used.load_state_dict(start)
    second.optimizer.load_state_dict({})
    batch = batch_for(strategy, rows=3)
    assert first(batch, 0.1, 2) == second(batch, 0.1, 2)
    for name, tensor in fresh.state_dict().items():
        assert torch.equal(tensor, used.state_dict()[name])

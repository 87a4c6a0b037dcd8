"""Which engine trains a strategy: a fixed rule of model, batch size and device."""

from typing import TYPE_CHECKING

import torch
from torch import nn

from training.networks import MLP
from training.trainer.engines.autograd import AutogradStep
from training.trainer.engines.kernel import KernelStep
from training.trainer.engines.step import Step

if TYPE_CHECKING:
    from training.strategy import Strategy
    from training.trainer.pinned import Pinned

AUTOGRAD, KERNEL = "autograd", "kernel"

MOST_WEIGHTS_OF_KERNEL = 65_536


def engine_by_rule(strategy: "Strategy", device: torch.device, *, num_weights: int) -> str:
    """`kernel` for a perceptron on the CPU that is small enough, else `autograd`."""
    if strategy.model.type != "mlp" or device.type != "cpu":
        return AUTOGRAD
    return KERNEL if num_weights <= MOST_WEIGHTS_OF_KERNEL else AUTOGRAD


def make_step(strategy: "Strategy", network: nn.Module, pinned: "Pinned", *, rows: int) -> Step:
    """The pinned engine's step; `rows` of the largest batch."""
    if pinned.engine == KERNEL:
        assert isinstance(network, MLP)
        return KernelStep(strategy, network, rows=rows)
    return AutogradStep(strategy, network, optimizer_flavour=pinned.optimizer_flavour)

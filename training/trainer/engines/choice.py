"""Which engine trains a strategy: a fixed rule of model, batch size and device."""

from typing import TYPE_CHECKING

import torch
from torch import nn

from training.networks import MLP
from training.trainer.batches import DeviceData
from training.trainer.engines.autograd import AutogradEngine
from training.trainer.engines.engine import Engine
from training.trainer.engines.kernel import KernelEngine

if TYPE_CHECKING:
    from training.strategy import Strategy
    from training.trainer.pinned import Pinned

AUTOGRAD, KERNEL = "autograd", "kernel"

MOST_WEIGHTS_OF_KERNEL = 160_000
MOST_WEIGHTS_AT_LARGE_BATCHES = 50_000
LARGE_BATCH = 2048  # from here on what a layer puts out leaves the cache before it is read again
"""Above, the libraries behind autograd multiply matrices as fast, and on two threads.

Autograd's time over the kernel's, 50 features, dropout, adam, two cores of an AMD Zen 4; the last
row's autograd is on two threads:

| hidden layers | weights | batch 32 | 256 | 1024 | 8192 |
|---|---|---|---|---|---|
| 64, 32 | 5,443 | 12.4 | 3.4 | 2.2 | 1.8 |
| 128, 64 | 14,979 | 6.9 | 2.6 | 2.0 | 1.6 |
| 256, 128 | 46,339 | 3.7 | 2.0 | 1.6 | 1.3 |
| 512, 256 | 158,211 | 2.1 | 1.4 | 1.2 | 0.89 |
| 1024, 512 | 578,563 | 0.95 | 0.62 | 0.55 | 0.36 |
"""


def engine_by_rule(strategy: "Strategy", device: torch.device, *, num_weights: int) -> str:
    """`kernel` for a perceptron on the CPU that is small enough, else `autograd`."""
    if strategy.model.type != "mlp" or device.type != "cpu":
        return AUTOGRAD
    large = strategy.training.batch_size >= LARGE_BATCH
    most = MOST_WEIGHTS_AT_LARGE_BATCHES if large else MOST_WEIGHTS_OF_KERNEL
    return KERNEL if num_weights <= most else AUTOGRAD


def make_engine(
    strategy: "Strategy", network: nn.Module, pinned: "Pinned", data: DeviceData
) -> Engine:
    """The pinned engine."""
    if pinned.engine == KERNEL:
        assert isinstance(network, MLP)
        return KernelEngine(strategy, network, data.features, rows=data.largest_batch)
    flavour = pinned.optimizer_flavour
    return AutogradEngine(strategy, network, data, optimizer_flavour=flavour)

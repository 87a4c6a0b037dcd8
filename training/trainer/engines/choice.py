"""The engine that a training is pinned to."""

from typing import TYPE_CHECKING

from training.trainer.batches import DeviceData
from training.trainer.engines.autograd import AutogradEngine
from training.trainer.engines.engine import Engine
from training.trainer.engines.kernel import KernelEngine
from training.trainer.engines.rule import KERNEL
from training.trainer.networks import Network
from training.trainer.pinned import Pinned

if TYPE_CHECKING:
    from training.strategy import Strategy


def make_engine(strategy: "Strategy", network: Network, pinned: Pinned, data: DeviceData) -> Engine:
    """The pinned engine."""
    if pinned.engine == KERNEL:
        return KernelEngine(strategy, network, data.features, rows=data.largest_batch)
    flavour = pinned.optimizer_flavour
    return AutogradEngine(strategy, network, data, optimizer_flavour=flavour)

"""The best epoch so far, and a copy of its weights."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from training.strategy.training_settings import cost
from training.trainer.state import Unchanging


class BestModel:
    """Keeps the epoch with the best monitored value. Strictly better only: the first one wins."""

    def __init__(self, *, monitor: str) -> None:
        self._monitor = monitor
        self.epoch: int | None = None
        self.value: float | None = None
        self.weights = Weights()

    def consider(self, epoch: int, value: float, network: nn.Module) -> bool:
        """Whether this epoch is the new best; if so its weights are copied."""
        best = math.inf if self.value is None else cost(self._monitor, self.value)
        if not cost(self._monitor, value) < best:
            return False
        self.epoch, self.value = epoch, value
        self.weights.copy_from(network)
        return True

    def state_dict(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "value": self.value}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epoch, self.value = state["epoch"], state["value"]


class Weights:
    """A deep copy of a network's state_dict, empty until the first epoch has ended.

    A better epoch brings new tensors, and leaves those that snapshots share as they are.
    """

    def __init__(self) -> None:
        self.tensors = Unchanging()

    def copy_from(self, network: nn.Module) -> None:
        self.tensors = _copied(_weights(network))

    def state_dict(self) -> Unchanging:
        return self.tensors

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        self.tensors = _copied(state)


def _copied(tensors: dict[str, Tensor]) -> Unchanging:
    return Unchanging({name: torch.clone(tensor.detach()) for name, tensor in tensors.items()})


def _weights(network: nn.Module) -> dict[str, Tensor]:
    return network.state_dict()

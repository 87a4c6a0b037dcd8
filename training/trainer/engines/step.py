"""What an engine is to the training: one batch, from its rows to new weights."""

from collections.abc import Iterable
from typing import Protocol

import torch
from torch import Tensor

from training.trainer.batches import Batch
from training.trainer_state import Stateful


class Step(Protocol):
    """Forward, loss, backward, clip, optimizer: the weights of the network change in place."""

    @property
    def optimizer(self) -> Stateful:
        """What the optimizer remembers, under the same names and shapes in every engine."""

    def __call__(self, batch: Batch, learning_rate: float, dropout_seed: int) -> Tensor | float:
        """Train one batch; its weighted mean loss. A tensor stays on the device."""

    def is_finite(self) -> bool:
        """Whether every weight and everything the optimizer remembers is a number."""


def all_finite(tensors: Iterable[Tensor]) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)

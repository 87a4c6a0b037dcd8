"""What an engine is to the training: batches of one epoch, from their rows to new weights."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.trainer.batches import Pass
from training.trainer.epoch_losses import EpochLosses
from training.trainer.run import Attention
from training.trainer.state import Stateful


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """Everything that one epoch's batches are trained with."""

    way: Pass
    learning_rates: NDArray[np.float64]  # [batches]
    dropout_seeds: NDArray[np.uint32]  # [batches]


class Engine(Protocol):
    """Forward, loss, backward, clip, optimizer: the weights of the network change in place."""

    @property
    def optimizer(self) -> Stateful:
        """What the optimizer remembers, under the same names and shapes in every engine."""

    def train(
        self, epoch: Epoch, batches: range, losses: EpochLosses, attention: Attention
    ) -> Iterator[int]:
        """Train the batches in their order; each one's weighted mean loss goes to `losses`.

        Yields the number of the next batch whenever it lets go of the training, which is as seldom
        as it likes, but at once after the batch during which somebody called for attention.
        """

    def is_finite(self) -> bool:
        """Whether every weight and everything the optimizer remembers is a number."""


def all_finite(tensors: Iterable[Tensor]) -> bool:
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)

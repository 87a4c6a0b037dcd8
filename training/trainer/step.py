"""One batch: forward, loss, backward, clip, optimizer."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from training.trainer.batches import Batch
from training.trainer.losses import row_losses
from training.trainer.optimizers import FlatParameters, Optimizer

if TYPE_CHECKING:
    from training.strategy import Strategy


class AutogradStep:
    """The general engine: torch's autograd, any network, any loss."""

    def __init__(self, strategy: "Strategy", network: nn.Module, *, optimizer_flavour: str) -> None:
        self._network = network
        self._parameters = FlatParameters(network)
        self._row_losses = row_losses(strategy)
        self._max_norm: float | None = strategy.training.gradient_clip
        self.optimizer = Optimizer(strategy, self._parameters, flavour=optimizer_flavour)

    def __call__(self, batch: Batch, learning_rate: float) -> Tensor:
        """Train one batch; its weighted mean loss, a scalar that stays on the device."""
        losses = self._row_losses(self._network(batch.inputs), batch.targets)
        loss = losses.mean() if batch.weights is None else torch.dot(losses, batch.weights)
        self._parameters.gradient.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._max_norm is not None:
            self._parameters.clip_gradient(self._max_norm)
        self.optimizer.step(learning_rate)
        return loss.detach()

    def is_finite(self) -> bool:
        """Whether every weight and everything the optimizer remembers is a number."""
        tensors = [self._parameters.values, *self.optimizer.state_dict().values()]
        return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)

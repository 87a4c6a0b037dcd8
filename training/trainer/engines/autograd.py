"""The general engine: torch's autograd, any network, any loss, any device."""

from typing import TYPE_CHECKING

from torch import Tensor, nn

from training.trainer.batches import Batch
from training.trainer.engines.step import all_finite
from training.trainer.losses import row_losses
from training.trainer.optimizers import FlatParameters, Optimizer
from training.trainer.randomness import seed_dropout

if TYPE_CHECKING:
    from training.strategy import Strategy


class AutogradStep:
    """A `Step` of some ten calls to torch."""

    def __init__(self, strategy: "Strategy", network: nn.Module, *, optimizer_flavour: str) -> None:
        self._network = network
        self._parameters = FlatParameters(network)
        self._row_losses = row_losses(strategy)
        self._drops = strategy.model.architecture.dropout > 0
        self._max_norm: float | None = strategy.training.gradient_clip
        self.optimizer = Optimizer(strategy, self._parameters, flavour=optimizer_flavour)

    def __call__(self, batch: Batch, learning_rate: float, dropout_seed: int) -> Tensor:
        if self._drops:
            seed_dropout(batch.inputs.device, dropout_seed)
        losses = self._row_losses(self._network(batch.inputs), batch.targets)
        loss = losses.mean() if batch.weights is None else losses.dot(batch.weights)
        self._parameters.gradient.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._max_norm is not None:
            self._parameters.clip_gradient(self._max_norm)
        self.optimizer.step(learning_rate)
        return loss.detach()

    def is_finite(self) -> bool:
        return all_finite([self._parameters.values, *self.optimizer.state_dict().values()])

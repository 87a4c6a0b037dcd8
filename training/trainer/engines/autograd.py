"""The general engine: torch's autograd, any network, any loss, any device."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from torch import Tensor

from training.trainer.batches import Batch, Batches, DeviceData
from training.trainer.engines.engine import Epoch, all_finite
from training.trainer.epoch_losses import EpochLosses
from training.trainer.losses import row_losses
from training.trainer.networks import Network
from training.trainer.optimizers import FlatParameters, Optimizer
from training.trainer.randomness import seed_dropout
from training.trainer.run import Attention

if TYPE_CHECKING:
    from training.strategy import Strategy


class AutogradEngine:
    """An `Engine` of some ten calls to torch for each batch."""

    def __init__(
        self,
        strategy: "Strategy",
        network: Network,
        data: DeviceData,
        *,
        optimizer_flavour: str,
    ) -> None:
        self._network = network
        self._parameters = FlatParameters(network)
        self._batches = Batches(data, strategy.training.batch_size)
        self._row_losses = row_losses(strategy)
        self._drops = getattr(strategy.model.architecture, "dropout", 0) > 0
        self._max_norm: float | None = strategy.training.gradient_clip
        self.optimizer = Optimizer(
            strategy, self._parameters, flavour=optimizer_flavour, sets=network.sets
        )

    def train(
        self, epoch: Epoch, batches: range, losses: EpochLosses, attention: Attention
    ) -> Iterator[int]:
        rows = self._batches.of(epoch.way, start=batches.start)
        for number, batch in zip(batches, rows, strict=False):
            rate, seed = epoch.learning_rates[number], epoch.dropout_seeds[number]
            losses.append(self.step(batch, float(rate), int(seed)))
            yield number + 1

    def step(self, batch: Batch, learning_rate: float, dropout_seed: int) -> Tensor:
        """Train one batch; its loss stays on the device."""
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

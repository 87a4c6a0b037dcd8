"""The metrics of one pass over the validation part."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from training.trainer.batches import Batch, Batches, Pass
from training.trainer.losses import RowLosses


class Validation:
    """Scores a network batch by batch and keeps nothing from one pass to the next.

    The loss is the sum of the rows' losses in float64 over their summed weights, so it does not
    depend on the batches.
    """

    def __init__(self, batches: Batches, way: Pass, row_losses: RowLosses) -> None:
        self._batches = batches
        self._way = way
        self._row_losses = row_losses
        self._sums = torch.empty(0)

    def steps(self, network: nn.Module) -> Iterator[None]:
        """A new pass, one batch a step. Raises FloatingPointError if its loss is not finite."""
        network.eval()
        self._sums = torch.zeros(2, dtype=torch.float64, device=self._way.samples.device)
        for batch in self._batches.of(self._way):
            self._sums += self._score(network, batch)
            yield
        network.train()
        if not torch.isfinite(self._sums[0]):
            raise FloatingPointError("val_loss is not finite")

    def metrics(self) -> dict[str, float]:
        """Metrics of the pass that has just ended: val_loss, and val_accuracy for classes."""
        loss, right = self._sums.tolist()
        metrics = {"val_loss": loss / float(self._way.weight_sums.sum())}
        if not self._way.targets.is_floating_point():
            metrics["val_accuracy"] = right / len(self._way.targets)
        return metrics

    @torch.no_grad()
    def _score(self, network: nn.Module, batch: Batch) -> Tensor:
        """float64 [2]: summed loss, and the number of rows classified right."""
        outputs = network(batch.inputs)
        losses = self._row_losses(outputs, batch.targets).double()
        loss = losses.sum() if batch.weights is None else losses.dot(batch.weights.double())
        right = (outputs.argmax(dim=1) == batch.targets).sum().double()
        return torch.stack((loss, right))

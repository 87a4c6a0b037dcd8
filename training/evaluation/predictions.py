"""A network's predictions, in the batches that are pinned: other batches change the last bits."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.features.dataset import Dataset
from training.strategy import Strategy
from training.trainer.batches import Batches, DeviceData
from training.trainer.pinned import Pinned


@torch.no_grad()
def predict(
    strategy: Strategy,
    dataset: Dataset,
    network: nn.Module,
    pinned: Pinned,
    rows: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Probabilities [rows, classes], or values [rows] of a regression."""
    data = DeviceData(strategy, dataset, torch.device(pinned.device))
    way = data.prediction_pass(rows, pinned.validation_batch)
    network.eval()
    batches = Batches(data, pinned.validation_batch).of(way)
    outputs = torch.cat([network(batch.inputs).cpu() for batch in batches])
    return _as_predictions(outputs, is_regression=not dataset.class_names)


def _as_predictions(outputs: Tensor, *, is_regression: bool) -> NDArray[np.float64]:
    values = outputs.double()
    predictions = values[:, 0] if is_regression else torch.softmax(values, dim=1)
    return predictions.numpy()

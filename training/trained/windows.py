"""Windows of rows through a network, a batch at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.features.arrays import Float32Array, Float64Array
from training.trained.bundle_reader import TrainedNetwork

BATCH_BYTES = 64 * 1024**2
"""What the arrays of a step through a layer take; a prediction's other memory is its weights."""
FEWEST_ROWS = 64
"""Of more than one batch: fewer go through other code of BLAS, whose last bits may differ."""
ARRAYS_AT_ONCE = 4
"""As wide as the widest layer, float64: from inputs, from the state before, sum, result."""


def outputs(network: TrainedNetwork, matrix: Float32Array, window: int) -> Float64Array:
    """Predictions for every whole window of rows."""
    if window == 1:
        rows = np.array_split(matrix, num_batches(network, len(matrix)))
        return np.concatenate([network.predict(part) for part in rows])
    windows = _windows(network.inputs(matrix), window)
    parts = np.array_split(windows, num_batches(network, len(windows)))
    return np.concatenate([network.predict_inputs(part) for part in parts])


def num_operations(network: TrainedNetwork, num_windows: int) -> int:
    """Multiplications and additions of so many predictions."""
    weights = sum(matrix.size for matrix in network.weights.values() if matrix.ndim == 2)
    return 2 * weights * num_windows * int(network.manifest["sequence_length"])


def _windows(matrix: NDArray[Any], window: int) -> NDArray[Any]:
    """[samples, features], or windows [samples, window, features]; a view, not a copy."""
    if window == 1:
        return matrix
    if len(matrix) < window:
        return np.empty((0, window, matrix.shape[1]), matrix.dtype)
    views = np.lib.stride_tricks.sliding_window_view(matrix, window, axis=0)
    return views.transpose(0, 2, 1)


def num_batches(network: TrainedNetwork, num_windows: int) -> int:
    """In how many parts so many windows go through it."""
    widest = max(len(matrix) for matrix in network.weights.values() if matrix.ndim == 2)
    needed = num_windows * widest * ARRAYS_AT_ONCE * np.dtype(np.float64).itemsize
    return max(1, min(-(-needed // BATCH_BYTES), num_windows // FEWEST_ROWS))

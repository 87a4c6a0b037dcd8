"""Weights of overlapping labels (López de Prado 2018, ch. 4, snippets 4.1 and 4.2)."""

import numpy as np

from training.features.arrays import Float64Array, Int64Array


def average_uniqueness(rows: Int64Array, end_rows: Int64Array) -> Float64Array:
    """Return each label's average uniqueness, [labels], in (0, 1].

    A label spans its own bar and all up to its end row. On a bar that c labels span, each of them
    is 1 / c unique; a label's weight is the mean of that over its span.
    """
    if rows.size == 0:
        return np.empty(0)
    num_bars = int(end_rows.max()) + 1
    begun = np.bincount(rows, minlength=num_bars + 1)
    ended = np.bincount(end_rows + 1, minlength=num_bars + 1)
    concurrency = np.cumsum(begun - ended)[:num_bars]
    uniqueness = 1.0 / np.maximum(concurrency, 1)
    sums = np.concatenate(([0.0], np.cumsum(uniqueness)))
    weights: Float64Array = (sums[end_rows + 1] - sums[rows]) / (end_rows + 1 - rows)
    return weights

"""Which rows an epoch trains, and in which order: a pure function of seed and epoch."""

import numpy as np
from numpy.typing import NDArray

from training.trainer.randomness import Purpose, stream

Rows = NDArray[np.int64]


def epoch_order(
    samples: Rows,
    *,
    sampling: str,
    seed: int,
    epoch: int,
    weights: NDArray[np.float32] | None = None,
) -> Rows:
    """The samples of one epoch in the order they are trained: int64 [len(samples)].

    `shuffle` permutes them, `sequential` keeps their order, `weighted` draws as many with
    replacement, each with probability proportional to `weights` float32 [len(samples)].
    """
    if sampling == "sequential":
        return samples
    generator = stream(Purpose.ORDER, seed, epoch)
    if sampling == "shuffle":
        return generator.permutation(samples)
    if weights is None:
        raise ValueError("weighted sampling needs the labels' compute_weights")
    probabilities = weights.astype(np.float64)
    return generator.choice(samples, size=len(samples), p=probabilities / probabilities.sum())

"""Losses of single rows, and the weights they are summed with."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from training.strategy import Strategy

RowLosses = Callable[[Tensor, Tensor], Tensor]
"""(outputs [rows, outputs], targets [rows]) to losses [rows]."""


def cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(outputs, targets, reduction="none")


def focal(gamma: float) -> RowLosses:
    """(1 - p)^gamma times the cross-entropy, p the true class's probability (Lin et al. 2017)."""

    def rows(outputs: Tensor, targets: Tensor) -> Tensor:
        entropy = cross_entropy(outputs, targets)
        # Kept above 0: below gamma 1 the power has an infinite slope there.
        return (-torch.expm1(-entropy)).clamp_min(1e-12).pow(gamma) * entropy

    return rows


def mse(outputs: Tensor, targets: Tensor) -> Tensor:
    return functional.mse_loss(outputs.squeeze(1), targets, reduction="none")


def huber(delta: float) -> RowLosses:
    """Quadratic up to an error of `delta`, linear beyond (Huber 1964)."""

    def rows(outputs: Tensor, targets: Tensor) -> Tensor:
        return functional.huber_loss(outputs.squeeze(1), targets, reduction="none", delta=delta)

    return rows


def row_losses(strategy: "Strategy") -> RowLosses:
    training = strategy.training
    losses: dict[str, RowLosses] = {
        "cross_entropy": cross_entropy,
        "focal": focal(training.focal_gamma),
        "mse": mse,
        "huber": huber(training.huber_delta),
    }
    return losses[training.loss]


def class_weights(
    strategy: "Strategy", labels: NDArray[np.int64], class_names: tuple[str, ...]
) -> NDArray[np.float32] | None:
    """One weight per class: float32 [classes], or None when all rows count alike.

    `labels` are the training rows' own. `inverse` weighs a class by the inverse of its frequency,
    never more than `class_weight_cap` times the lightest class, and on average 1.
    """
    chosen = strategy.training.class_weights
    if chosen == "none":
        return None
    if chosen != "inverse":
        return np.array([getattr(chosen, name) for name in class_names], dtype=np.float32)
    counts = np.bincount(labels, minlength=len(class_names))
    if not counts.all():
        missing = class_names[int(counts.argmin())]
        raise ValueError(f"class_weights inverse: no training row has the class {missing!r}")
    inverse = 1.0 / counts
    heaviest = inverse.min() * strategy.training.class_weight_cap
    capped: NDArray[np.float64] = np.minimum(inverse, heaviest)
    weights: NDArray[np.float64] = capped / capped.mean()
    return weights.astype(np.float32)

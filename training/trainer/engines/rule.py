"""Which engine trains a strategy: a fixed rule of model, batch size and device."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.trainer.engines.native.memory import LOSSES, OPTIMIZERS

if TYPE_CHECKING:
    from training.strategy import Strategy

AUTOGRAD, KERNEL = "autograd", "kernel"


@dataclass(frozen=True)
class Limits:
    """Weights up to which the kernel is the faster engine."""

    weights: int
    large_batch: int  # rows from which on fewer weights do
    weights_at_large_batches: int


KERNEL_LIMITS = {
    "mlp": Limits(160_000, large_batch=2048, weights_at_large_batches=50_000),
    "gru": Limits(100_000, large_batch=128, weights_at_large_batches=25_000),
    "lstm": Limits(100_000, large_batch=128, weights_at_large_batches=25_000),
    "tsk": Limits(200_000, large_batch=2048, weights_at_large_batches=200_000),
}
"""Above, the libraries behind autograd multiply matrices as fast, and large batches on two threads:
what a layer puts out, or the gates of a batch's windows, leaves the cache before it is read again.
Where both are as fast, the kernel leaves a core to others.

Autograd's time over the kernel's, 50 features, dropout, adam, two cores of an AMD Zen 4; the last
row's autograd is on two threads:

| hidden layers | weights | batch 32 | 256 | 1024 | 8192 |
|---|---|---|---|---|---|
| 64, 32 | 5,443 | 12.4 | 3.4 | 2.2 | 1.8 |
| 128, 64 | 14,979 | 6.9 | 2.6 | 2.0 | 1.6 |
| 256, 128 | 46,339 | 3.7 | 2.0 | 1.6 | 1.3 |
| 512, 256 | 158,211 | 2.1 | 1.4 | 1.2 | 0.89 |
| 1024, 512 | 578,563 | 0.95 | 0.62 | 0.55 | 0.36 |

The same for windows of 20 rows, adam, two cores of an AMD Zen 3; autograd is on two threads from
batches of 128 on:

| hidden units | weights | batch 32 | 64 | 128 | 256 |
|---|---|---|---|---|---|
| GRU 32 | 8,163 | 6.9 | 4.2 | 2.8 | 1.8 |
| GRU 64 | 22,467 | 3.5 | 1.9 | 1.5 | 0.94 |
| GRU 128 | 69,507 | 1.8 | 1.3 | 0.92 | 0.63 |
| GRU 256 | 237,315 | 1.1 | 0.89 | 0.56 | 0.44 |
| LSTM 32 | 10,851 | 2.5 | 1.8 | 1.4 | 0.98 |
| LSTM 64 | 29,891 | 1.6 | 1.4 | 0.72 | 0.7 |
| LSTM 128 | 92,547 | 1.2 | 1 | 0.62 | 0.72 |
| LSTM 256 | 316,163 | 0.47 | 0.45 | 0.54 | 0.5 |

The same for rules of 60 memberships, adam, one thread each, beside other work:

| rules of premises | weights | batch 32 | 256 | 2048 | 8192 |
|---|---|---|---|---|---|
| 12 of 3 | 2,235 | 3.0 | 3.0 | 0.92 | 0.69 |
| 50 of 3 | 9,303 | 2.3 | 2.5 | 1.2 | 1.2 |
| 200 of 6 | 73,803 | 1.7 | 2.0 | 2.2 | 5.8 |
| 200 of 6, linear | 110,586 | 1.8 | 2.1 | 1.9 | 3.5 |
"""


def engine_by_rule(strategy: "Strategy", device_type: str) -> str:
    """`kernel` for a network on the CPU that is small enough, else `autograd`."""
    return AUTOGRAD if why_autograd(strategy, device_type) else KERNEL


def why_autograd(strategy: "Strategy", device_type: str) -> str:
    """What the kernel lacks for a strategy, as the end of a sentence; empty where it trains it."""
    training, kind = strategy.training, strategy.model.type
    if device_type != "cpu":
        return f"the kernel does not run on {device_type}"
    if kind not in KERNEL_LIMITS:
        return f"the kernel has no {kind}"
    if training.loss not in LOSSES:
        return f"the kernel has no loss {training.loss}"
    if training.optimizer not in OPTIMIZERS:
        return f"the kernel has no optimizer {training.optimizer}"
    limits = KERNEL_LIMITS[kind]
    large = training.batch_size >= limits.large_batch
    most = limits.weights_at_large_batches if large else limits.weights
    if strategy.num_weights() <= most:
        return ""
    return f"above {most:,} weights in such batches the kernel is no faster"

"""How much room a training's checkpoints take. Free of torch."""

from training.strategy import Strategy

BYTES_PER_WEIGHT = 4  # float32
COPIES_PER_CHECKPOINT = 4  # the model, up to two moments of the optimizer, the best model
OVERHEAD_BYTES = 1_000_000  # a checkpoint's history and headers, generously


def needed_bytes(strategy: Strategy, *, keep: int) -> int:
    """Room for the checkpoints that are kept, the one being written, and the trained model."""
    checkpoint = strategy.num_weights() * BYTES_PER_WEIGHT * COPIES_PER_CHECKPOINT
    return (keep + 2) * (checkpoint + OVERHEAD_BYTES)

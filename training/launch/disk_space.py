"""How much room a training's checkpoints take. Free of torch."""

from itertools import pairwise

from training.strategy import Strategy

BYTES_PER_WEIGHT = 4  # float32
COPIES_PER_CHECKPOINT = 4  # the model, up to two moments of the optimizer, the best model
OVERHEAD_BYTES = 1_000_000  # a checkpoint's history and headers, generously
GATES = {"lstm": 4, "gru": 3}
MOST_OUTPUTS = 3


def needed_bytes(strategy: Strategy, *, keep: int) -> int:
    """Room for the checkpoints that are kept, the one being written, and the trained model."""
    checkpoint = count_weights(strategy) * BYTES_PER_WEIGHT * COPIES_PER_CHECKPOINT
    return (keep + 2) * (checkpoint + OVERHEAD_BYTES)


def count_weights(strategy: Strategy) -> int:
    """The network's parameters, biases included."""
    inputs, model = len(strategy.feature_ids()), strategy.model
    if model.type == "mlp":
        widths = [inputs, *model.architecture.hidden_layers, MOST_OUTPUTS]
        return sum((before + 1) * after for before, after in pairwise(widths))
    hidden = model.architecture.hidden_size
    widths = [inputs] + [hidden] * model.architecture.num_layers
    recurrent = sum((before + hidden + 2) * hidden for before, _ in pairwise(widths))
    return GATES[model.type] * recurrent + (hidden + 1) * MOST_OUTPUTS

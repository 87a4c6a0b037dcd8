"""Batch after batch: the call from Python."""

import math

import numpy as np
from numpy.typing import NDArray

from training.compilation.machine_code import inlined, machine_code
from training.trainer.engines.native.dense import backward, errors_of_inputs, forward
from training.trainer.engines.native.losses import classification_loss, regression_loss
from training.trainer.engines.native.memberships import add_slopes, see_columns
from training.trainer.engines.native.memory import (
    FOCAL,
    HUBER,
    PERCEPTRON,
    Floats,
    Integers,
    Memory,
    Samples,
    Settings,
)
from training.trainer.engines.native.optimizers import clip, update
from training.trainer.engines.native.recurrent import read_windows, read_windows_backward
from training.trainer.engines.native.rules import decide, decide_backward


@machine_code
def train_batches(
    memory: Memory,
    settings: Settings,
    samples: Samples,
    batch_size: int,
    learning_rates: NDArray[np.float64],
    dropout_seeds: NDArray[np.uint32],
    losses: Floats,
    attention: NDArray[np.uint8],
    first: int,
    last: int,
) -> int:
    """Train the batches from `first` to before `last`; the number of the next one.

    That is `last`, or comes sooner: when another thread has set `attention` [1] to something, or
    when it is a batch with a class that is none of the network's outputs.
    learning_rates, dropout_seeds and losses [batches]: of each batch.
    """
    num_classes = memory.sizes[-1]
    for batch in range(first, last):
        begin = batch * batch_size
        end = min(begin + batch_size, samples.rows.size)
        for target in samples.classes[begin:end]:
            if target < 0 or target >= num_classes:
                return batch
        losses[batch] = _train_batch(
            memory,
            settings,
            _inputs(memory, samples.features, samples.rows[begin:end], settings.length),
            samples.classes[begin:end],
            samples.values[begin:end],
            samples.weights[begin:end],
            learning_rates[batch],
            int(dropout_seeds[batch]),
        )
        if attention[0]:
            return batch + 1
    return last


@machine_code
def _inputs(memory: Memory, features: Floats, rows: Integers, length: int) -> Floats:
    learns_sets = memory.sets.column.size > 0
    room = memory.sets.columns if learns_sets else memory.inputs
    columns = _gather(room, features, rows, length)
    inputs: Floats = memory.inputs[: columns.shape[0]]
    if learns_sets:
        see_columns(memory.sets, columns, inputs)
    return inputs


@machine_code
def _gather(room: Floats, features: Floats, rows: Integers, length: int) -> Floats:
    """Windows that end in these rows: the first row of each, the second of each, and so on."""
    item = 0
    for step in range(1 - length, 1):
        for row in rows:
            source, target = features[row + step], room[item]
            for column in range(source.size):
                target[column] = source[column]
            item += 1
    return room[:item]


@inlined
def _train_batch(
    memory: Memory,
    settings: Settings,
    inputs: Floats,
    classes: Integers,
    values: Floats,
    weights: Floats,
    learning_rate: float,
    dropout_seed: int,
) -> float:
    """Train one batch; its weighted mean loss. Shapes as in `Samples`, [rows] of the batch."""
    has_rules, learns_sets = memory.rules.then.size > 0, memory.sets.column.size > 0
    columns = memory.sets.columns[: inputs.shape[0]] if learns_sets else inputs
    layer_inputs = inputs
    if settings.gates != PERCEPTRON:
        layer_inputs = read_windows(memory, settings, inputs, dropout_seed)
    if has_rules:
        last = decide(memory, inputs, columns)
    else:
        last = forward(memory, settings, layer_inputs, dropout_seed)
    error = memory.errors[0, : last.size].reshape(last.shape)
    loss = _loss(settings, last, error, classes, values, weights)
    memory.whole_gradient[:] = 0.0
    errors = memory.sets.errors[: inputs.shape[0] if learns_sets else 0]
    if has_rules:
        decide_backward(memory.rules, inputs, columns, error, errors)
    else:
        first_error = backward(memory, layer_inputs)
        if settings.gates != PERCEPTRON:
            read_windows_backward(memory, settings, inputs, first_error)
        elif learns_sets:
            errors_of_inputs(memory, first_error, errors)
    if learns_sets:
        add_slopes(memory.sets, inputs, errors)
    clip(memory.whole_gradient, settings.max_norm)
    update(memory, settings, learning_rate)
    return float(loss)


@machine_code
def _loss(
    settings: Settings,
    last: Floats,
    error: Floats,
    classes: Integers,
    values: Floats,
    weights: Floats,
) -> float:
    """The batch's, of the last sums; its slopes by them in `error`."""
    if settings.loss <= FOCAL:
        gamma = settings.focal_gamma if settings.loss == FOCAL else 0.0
        return float(classification_loss(last, error, classes, weights, gamma))
    delta = settings.huber_delta if settings.loss == HUBER else math.inf
    return float(regression_loss(last, error, values, weights, delta))

"""What the kernel reads and writes: settings, samples, and the room that a step works in."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.strategy.networks import GRU_GATES, LSTM_GATES, count_recurrent_weights
from training.trainer.engines.native.room import room, whole
from training.trainer.engines.native.rule_memory import Rules, no_rules
from training.trainer.engines.native.sets import Sets, no_sets

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

ACTIVATIONS = ("relu", "tanh", "gelu", "leaky_relu", "sigmoid")
RELU, TANH, GELU, LEAKY_RELU, SIGMOID = range(len(ACTIVATIONS))

LOSSES = ("cross_entropy", "focal", "mse", "huber")
CROSS_ENTROPY, FOCAL, MSE, HUBER = range(len(LOSSES))

PERCEPTRON, GRU, LSTM = 0, GRU_GATES, LSTM_GATES  # as many gates as each one's cells have

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
ADAM, ADAMW, SGD, RMSPROP = range(len(OPTIMIZERS))


class Settings(NamedTuple):
    """What is the same in every step."""

    gates: int = PERCEPTRON  # or GRU or LSTM
    length: int = 1  # of a window; a perceptron's is 1
    activation: int = RELU  # index in ACTIVATIONS
    dropout: float = 0.0  # share of hidden units set to 0
    loss: int = CROSS_ENTROPY  # index in LOSSES
    focal_gamma: float = 0.0
    huber_delta: float = math.inf
    max_norm: float = math.inf  # of the gradient; infinite: it is not clipped
    optimizer: int = ADAM  # index in OPTIMIZERS
    weight_decay: float = 0.0


class Recurrence(NamedTuple):
    """What the layers of an LSTM or a GRU read and write besides; empty for a perceptron.

    H: hidden units; G: gates * H. Of what has a step more than the window is long, the first one
    is 0: what is known before the first row.
    """

    sizes: Integers  # [layers + 1]: features, then H for each layer
    parameters: Floats  # [R]: of each layer weights [G, inputs] and [G, H], twice biases [G]
    gradient: Floats  # [R]
    gates: Floats  # [layers * length * rows * G]: going back, the errors of their sums
    states: Floats  # [layers * (length + 1) * rows * H]
    kept: Floats  # [layers * (length + 1) * rows * H]: an LSTM's cells, a GRU's sums of its state
    by_state: Floats  # [rows * G]: what the state adds to the gates; going back, errors of that
    errors: Floats  # [length * rows * H]: of a layer's states, by the layer above
    state_error: Floats  # [rows * H]
    cell_error: Floats  # [rows * H]
    across: Floats  # [2, largest number of weights in a matrix]: transposed


class Memory(NamedTuple):
    """What a step reads and writes in place. P: parameters, laid out as torch's, flattened.

    The layers are a perceptron's, or those that come after the recurrent ones. Of a network of
    rules only sizes, outputs and errors are used, as if it had one layer.
    """

    sets: Sets
    rules: Rules
    recurrence: Recurrence
    sizes: Integers  # [layers + 1]: inputs, hidden units, outputs
    whole_gradient: Floats  # [Q + P]: of the sets and the layers
    parameters: Floats  # [P]: R recurrent ones, of each layer weights [outputs, inputs] and biases
    gradient: Floats  # [P]
    step: Floats  # [1]: of adam, adamw and rmsprop
    first: Floats  # [P]: exp_avg or momentum_buffer
    second: Floats  # [P]: exp_avg_sq or square_avg
    outputs: Floats  # [rows * all units]: of each layer, one after another
    slopes: Floats  # [rows * hidden units]: of the activations, dropout in it; or of what is read
    errors: Floats  # [2, rows * widest layer]: the loss's slope by a layer's sums
    transposed: Floats  # [largest number of weights in a layer, their rows of whole vectors]
    inputs: Floats  # [length * rows, features]: of the batch


class Samples(NamedTuple):
    """What an epoch is trained on, in its order. One of classes and values is empty."""

    features: Floats  # [all rows, features]
    rows: Integers  # [samples]: which of them; of a window, its last one
    classes: Integers  # [samples]
    values: Floats  # [samples]
    weights: Floats  # [samples]; each batch's sum to 1; empty: all weigh the same


NO_CLASSES = np.zeros(0, np.int64)
NO_FLOATS = np.zeros(0, np.float32)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the kernel needs room for. Sizes: of the inputs, then of each layer's outputs."""

    recurrent: Sequence[int]  # empty for a perceptron
    dense: Sequence[int]  # of the perceptron, or of what comes after the recurrent layers
    gates: int  # of a recurrent cell
    length: int  # of a window
    rows: int  # of a batch


def new_memory(
    shape: Shape,
    parameters: Floats,
    gradient: Floats,
    optimizer: Mapping[str, Floats],
    new_sets: Callable[[tuple[Floats, Floats, Floats, Floats]], Sets] | None = None,
    new_rules: Callable[[Floats, Floats], Rules] | None = None,
) -> Memory:
    """Room for steps on these parameters and their gradient, [Q + P], and an optimizer's tensors.

    `new_sets` makes room for learned sets, given parameters, gradient and the optimizer's two;
    `new_rules` for rules, given the parameters after theirs, and their gradient.
    """
    first = optimizer.get("exp_avg", optimizer.get("momentum_buffer", NO_FLOATS))
    second = optimizer.get("exp_avg_sq", optimizer.get("square_avg", NO_FLOATS))
    sets = new_sets((parameters, gradient, first, second)) if new_sets else no_sets()
    whole_gradient, moves = gradient, sets.parameters.size
    parameters, gradient = parameters[moves:], gradient[moves:]
    rows, sizes = shape.rows, shape.dense
    units, widest_matrix = sizes[1:], max(whole(one) * other for one, other in pairwise(sizes))
    inputs, read = (shape.recurrent or sizes)[0], sum(shape.recurrent[-1:])
    return Memory(
        sets=sets,
        rules=new_rules(parameters, gradient) if new_rules else no_rules(),
        recurrence=_recurrence(shape, parameters, gradient),
        sizes=np.array(sizes),
        whole_gradient=whole_gradient,
        parameters=parameters,
        gradient=gradient,
        step=optimizer.get("step", NO_FLOATS),
        first=first[moves:],
        second=second[moves:],
        outputs=room(rows * sum(units)),
        slopes=room(rows * (read + sum(units[:-1]))),
        errors=room(2, rows * max(units)),
        transposed=room(widest_matrix),
        inputs=room(shape.length * rows, inputs),
    )


def _recurrence(shape: Shape, parameters: Floats, gradient: Floats) -> Recurrence:
    sizes, length, rows = shape.recurrent, shape.length, shape.rows
    layers, hidden = len(sizes[1:]), sum(sizes[-1:])
    sums = shape.gates * hidden
    num_parameters = count_recurrent_weights(sizes, gates=shape.gates)
    return Recurrence(
        sizes=np.array(sizes, np.int64),
        parameters=parameters[:num_parameters],
        gradient=gradient[:num_parameters],
        gates=room(layers * length * rows * sums),
        states=room(layers * (length + 1) * rows * hidden),
        kept=room(layers * (length + 1) * rows * hidden),
        by_state=room(rows * sums),
        errors=room(length * rows * hidden),
        state_error=room(rows * hidden),
        cell_error=room(rows * hidden),
        across=room(2, sums * max(sizes, default=0)),
    )

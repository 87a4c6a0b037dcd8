"""The training of perceptrons, LSTMs and GRUs as machine code, compiled by numba.

Many batches are one call from Python, each gathered, passed forward and backward, clipped and
stepped: at these sizes a framework's cost per call is many times that of its arithmetic, and a
thread that comes back to Python has to wait for those that save and report beside it.

Its bits are those of the source: no fast-math flag is set, so LLVM may neither reorder a sum nor
fuse a multiplication with an addition, whatever the CPU offers. Only `log` and powers come from
the C library; the fingerprint names it.

All of it is in this one file because numba notices changes of the file a function is in, and not
of others that its callees are in: code in two files could be loaded stale from the disk.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

ACTIVATIONS = ("relu", "tanh", "gelu", "leaky_relu", "sigmoid")
RELU, TANH, GELU, LEAKY_RELU, SIGMOID = range(len(ACTIVATIONS))

LOSSES = ("cross_entropy", "focal", "mse", "huber")
CROSS_ENTROPY, FOCAL, MSE, HUBER = range(len(LOSSES))

PERCEPTRON, GRU, LSTM = 0, 3, 4  # as many gates as each one's cells have

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
ADAM, ADAMW, SGD, RMSPROP = range(len(OPTIMIZERS))


class Settings(NamedTuple):
    """What is the same in every step."""

    gates: int  # PERCEPTRON, GRU or LSTM
    length: int  # of a window; a perceptron's is 1
    activation: int  # index in ACTIVATIONS
    dropout: float  # share of hidden units set to 0
    loss: int  # index in LOSSES
    focal_gamma: float
    huber_delta: float
    max_norm: float  # of the gradient; infinite: it is not clipped
    optimizer: int  # index in OPTIMIZERS
    weight_decay: float


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

    The layers are a perceptron's, or those that come after the recurrent ones.
    """

    recurrence: Recurrence
    sizes: Integers  # [layers + 1]: inputs, hidden units, outputs
    parameters: Floats  # [P]: R recurrent ones, of each layer weights [outputs, inputs] and biases
    gradient: Floats  # [P]
    step: Floats  # [1]: of adam, adamw and rmsprop
    first: Floats  # [P]: exp_avg or momentum_buffer
    second: Floats  # [P]: exp_avg_sq or square_avg
    outputs: Floats  # [rows * all units]: of each layer, one after another
    slopes: Floats  # [rows * hidden units]: of the activations, dropout in it; or of what is read
    errors: Floats  # [2, rows * widest layer]: the loss's slope by a layer's sums
    transposed: Floats  # [largest number of weights in a layer]
    inputs: Floats  # [length * rows, features]: of the batch


class Samples(NamedTuple):
    """What an epoch is trained on, in its order. One of classes and values is empty."""

    features: Floats  # [all rows, features]
    rows: Integers  # [samples]: which of them; of a window, its last one
    classes: Integers  # [samples]
    values: Floats  # [samples]
    weights: Floats  # [samples]; each batch's sum to 1; empty: all weigh the same


def _compiled(function: Callable[..., Any]) -> Any:
    """Machine code at the first call; later processes load it from the disk, if it can be kept."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no directory for the code can be written
        return numba.njit(**options)(function)


_inlined = numba.njit(inline="always", nogil=True, error_model="numpy")
"""For what is given the whole memory: to hand over its arrays takes a third of a compilation."""


@_compiled
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
            _gather(memory.inputs, samples.features, samples.rows[begin:end], settings.length),
            samples.classes[begin:end],
            samples.values[begin:end],
            samples.weights[begin:end],
            learning_rates[batch],
            int(dropout_seeds[batch]),
        )
        if attention[0]:
            return batch + 1
    return last


@_compiled
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


@_inlined
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
    layer_inputs = inputs
    if settings.gates != PERCEPTRON:
        layer_inputs = _read(memory, settings, inputs, dropout_seed)
    last = _forward(memory, settings, layer_inputs, dropout_seed)
    error = memory.errors[0, : last.size].reshape(last.shape)
    if settings.loss <= FOCAL:
        gamma = settings.focal_gamma if settings.loss == FOCAL else 0.0
        loss = _classification_loss(last, error, classes, weights, gamma)
    else:
        delta = settings.huber_delta if settings.loss == HUBER else math.inf
        loss = _regression_loss(last, error, values, weights, delta)
    memory.gradient[:] = 0.0
    first_error = _backward(memory, layer_inputs)
    if settings.gates != PERCEPTRON:
        _read_backward(memory, settings, inputs, first_error)
    _clip(memory.gradient, settings.max_norm)
    _update(memory, settings, learning_rate)
    return float(loss)


@_inlined
def _forward(memory: Memory, settings: Settings, inputs: Floats, dropout_seed: int) -> Floats:
    """The last layer's sums [rows, outputs]; on the way every layer's outputs and slopes."""
    rows, layers = inputs.shape[0], memory.sizes.size - 1
    layer_inputs, first_weight, first_output = inputs, memory.recurrence.parameters.size, 0
    for layer in range(layers):
        width, units = memory.sizes[layer], memory.sizes[layer + 1]
        first_bias = first_weight + units * width
        weights = memory.parameters[first_weight:first_bias].reshape(units, width)
        biases = memory.parameters[first_bias : first_bias + units]
        across = memory.transposed[: units * width].reshape(width, units)
        _transpose(weights, across)
        flat = memory.outputs[first_output : first_output + rows * units]
        sums = flat.reshape(rows, units)
        _fill_rows(sums, biases)
        _add_product(sums, layer_inputs, across)
        if layer < layers - 1:
            slopes = memory.slopes[first_output : first_output + rows * units]
            _activate(flat, slopes, settings.activation)
            if settings.dropout > 0.0:
                _drop(flat, slopes, settings.dropout, dropout_seed, int(first_output))
        layer_inputs = sums
        first_weight, first_output = first_bias + units, first_output + rows * units
    return layer_inputs


@_compiled
def _transpose(matrix: Floats, room: Floats) -> None:
    """A few columns at a time: the 32 lines of the cache that they are written to stay in it."""
    rows, columns = matrix.shape
    for first in range(0, columns, 32):
        source, target = matrix[:, first : first + 32], room[first : first + 32]
        for row in range(rows):
            for column in range(source.shape[1]):
                target[column, row] = source[row, column]


@_compiled
def _fill(matrix: Floats, value: float) -> None:
    for row in range(matrix.shape[0]):
        for column in range(matrix.shape[1]):
            matrix[row, column] = value


@_compiled
def _fill_rows(matrix: Floats, row_of_all: Floats) -> None:
    for row in range(matrix.shape[0]):
        for column in range(row_of_all.size):
            matrix[row, column] = row_of_all[column]


@_compiled
def _add_rows(sums: Floats, matrix: Floats) -> None:
    for row in range(matrix.shape[0]):
        for column in range(sums.size):
            sums[column] += matrix[row, column]


@_inlined
def _backward(memory: Memory, inputs: Floats) -> Floats:
    """The gradient, from the last layer's errors, which are in `errors[0]`; the first one's."""
    rows, layers = inputs.shape[0], memory.sizes.size - 1
    end, end_of_outputs, current = memory.parameters.size, rows * memory.sizes[1:].sum(), 0
    for layer in range(layers - 1, -1, -1):
        width, units = memory.sizes[layer], memory.sizes[layer + 1]
        first_bias, first_weight = end - units, end - units - units * width
        first_output = end_of_outputs - rows * units
        error = memory.errors[current, : rows * units].reshape(rows, units)
        _add_rows(memory.gradient[first_bias:end], error)
        of_weights = memory.gradient[first_weight:first_bias].reshape(units, width)
        if layer == 0:
            _add_product(of_weights, error.T, inputs)
        else:
            first_input = first_output - rows * width
            layer_inputs = memory.outputs[first_input:first_output].reshape(rows, width)
            _add_product(of_weights, error.T, layer_inputs)
            weights = memory.parameters[first_weight:first_bias].reshape(units, width)
            current = 1 - current
            flat = memory.errors[current, : rows * width]
            flat[:] = 0.0
            _add_product(flat.reshape(rows, width), error, weights)
            for item in range(rows * width):
                flat[item] *= memory.slopes[first_input + item]
        end, end_of_outputs = first_weight, first_output
    units = memory.sizes[1]
    return memory.errors[current, : rows * units].reshape(rows, units)


@_compiled
def _add_product(sums: Floats, left: Floats, right: Floats) -> None:
    """sums [m, n] += left [m, k] @ right [k, n], two rows and four terms at a time."""
    rows, terms = left.shape
    columns = right.shape[1]
    even, fours = rows - rows % 2, terms - terms % 4
    for row in range(0, even, 2):
        upper, lower = sums[row], sums[row + 1]
        for term in range(0, fours, 4):
            a0, a1, a2, a3 = (
                left[row, term],
                left[row, term + 1],
                left[row, term + 2],
                left[row, term + 3],
            )
            b0, b1, b2, b3 = (
                left[row + 1, term],
                left[row + 1, term + 1],
                left[row + 1, term + 2],
                left[row + 1, term + 3],
            )
            r0, r1, r2, r3 = right[term], right[term + 1], right[term + 2], right[term + 3]
            for column in range(columns):
                x0, x1, x2, x3 = r0[column], r1[column], r2[column], r3[column]
                upper[column] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
                lower[column] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
        for term in range(fours, terms):
            for column in range(columns):
                upper[column] += left[row, term] * right[term, column]
                lower[column] += left[row + 1, term] * right[term, column]
    for row in range(even, rows):
        for term in range(terms):
            for column in range(columns):
                sums[row, column] += left[row, term] * right[term, column]


@_compiled
def _activate(sums: Floats, slopes: Floats, activation: int) -> None:
    """Replace sums by outputs, and note each one's slope."""
    one, half = np.float32(1.0), np.float32(0.5)
    if activation in (RELU, LEAKY_RELU):
        below = np.float32(0.01) if activation == LEAKY_RELU else np.float32(0.0)
        for item in range(sums.size):
            slopes[item] = one if sums[item] > 0.0 else below
            sums[item] *= slopes[item]
    elif activation == SIGMOID:
        for item in range(sums.size):
            output = _sigmoid(sums[item])
            sums[item], slopes[item] = output, output * (one - output)
    elif activation == TANH:
        for item in range(sums.size):
            output = _tanh(sums[item])
            sums[item], slopes[item] = output, one - output * output
    else:
        for item in range(sums.size):
            value = sums[item]
            bell = _exp(-half * value * value)
            share = _normal_share(value, bell)
            sums[item] = value * share
            slopes[item] = share + value * bell * np.float32(0.3989422804)  # 1 / sqrt(2 pi)


@_compiled
def _sigmoid(value: np.float32) -> np.float32:
    fall: np.float32 = _exp(-value)
    return np.float32(1.0) / (np.float32(1.0) + fall)


@_compiled
def _tanh(value: np.float32) -> np.float32:
    one = np.float32(1.0)
    rise: np.float32 = _exp(value + value)
    return one - (one + one) / (rise + one)


@_compiled
def _drop(outputs: Floats, slopes: Floats, share: float, seed: int, first_unit: int) -> None:
    """Set a share of the outputs to 0 and scale the others, each by a hash of seed and place."""
    limit, scale = np.uint32(share * 2.0**32), np.float32(1.0 / (1.0 - share))
    for item in range(outputs.size):
        mixed = np.uint32(np.uint32(first_unit + item) * np.uint32(0x9E3779B9)) ^ np.uint32(seed)
        mixed = np.uint32((mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x7FEB352D))
        mixed = np.uint32((mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x846CA68B))
        kept = scale if (mixed ^ (mixed >> np.uint32(16))) >= limit else np.float32(0.0)
        outputs[item] *= kept
        slopes[item] *= kept


@_inlined
def _read(memory: Memory, settings: Settings, inputs: Floats, dropout_seed: int) -> Floats:
    """The last layer's states after the windows' last rows [rows, H], some of them dropped.

    On the way every layer's gates and states, and `slopes`: what of the states was not dropped.
    """
    recurrence, length = memory.recurrence, settings.length
    rows, hidden = inputs.shape[0] // length, recurrence.sizes[-1]
    units = settings.gates * hidden
    by_state = recurrence.by_state[: rows * units].reshape(rows, settings.gates, hidden)
    state_sums = by_state.reshape(rows, units)
    layer_inputs, first_weight = inputs, 0
    for layer in range(recurrence.sizes.size - 1):
        weights, state_weights, biases, state_biases = _matrices(
            recurrence.parameters, first_weight, recurrence.sizes[layer], units, hidden
        )
        across = recurrence.across[0, : weights.size].reshape(weights.shape[1], units)
        state_across = recurrence.across[1, : state_weights.size].reshape(hidden, units)
        _transpose(weights, across)
        _transpose(state_weights, state_across)
        gates, states, kept = _records(recurrence, settings, layer, rows)
        sums = gates.reshape(length * rows, units)
        _fill_rows(sums, biases)
        _add_product(sums, layer_inputs, across)
        _fill(states[0], 0.0)
        _fill(kept[0], 0.0)
        for step in range(length):
            _fill_rows(state_sums, state_biases)
            if step > 0:
                _add_product(state_sums, states[step], state_across)
            if settings.gates == LSTM:
                _lstm_cell(gates[step], by_state, kept[step], kept[step + 1], states[step + 1])
            else:
                _gru_cell(gates[step], by_state, states[step], kept[step + 1], states[step + 1])
        layer_inputs = states[1:].reshape(length * rows, hidden)
        first_weight += units * (recurrence.sizes[layer] + hidden + 2)
    last = layer_inputs[(length - 1) * rows :]
    slopes = memory.slopes[: rows * hidden].reshape(rows, hidden)
    _fill(slopes, 1.0)
    if settings.dropout > 0.0:
        _drop(last.reshape(-1), slopes.reshape(-1), settings.dropout, dropout_seed, 0)
    return last


@_inlined
def _read_backward(memory: Memory, settings: Settings, inputs: Floats, error: Floats) -> None:
    """The recurrent layers' gradient, from the errors of the first layer after them."""
    recurrence, length = memory.recurrence, settings.length
    rows, hidden = error.shape[0], recurrence.sizes[-1]
    units, cells = settings.gates * hidden, rows * hidden
    by_state = recurrence.by_state[: rows * units].reshape(rows, settings.gates, hidden)
    state_error = recurrence.state_error[:cells].reshape(rows, hidden)
    cell_error = recurrence.cell_error[:cells].reshape(rows, hidden)
    errors = recurrence.errors[: length * cells].reshape(length, rows, hidden)
    _errors_of_what_was_read(memory, error, errors)
    end = recurrence.parameters.size
    for layer in range(recurrence.sizes.size - 2, -1, -1):
        width = recurrence.sizes[layer]
        first_weight = end - units * (width + hidden + 2)
        weights, state_weights, _, _ = _matrices(
            recurrence.parameters, first_weight, width, units, hidden
        )
        of_weights, of_state_weights, of_biases, of_state_biases = _matrices(
            recurrence.gradient, first_weight, width, units, hidden
        )
        gates, states, kept = _records(recurrence, settings, layer, rows)
        layer_inputs = inputs.reshape(length, rows, inputs.shape[1])
        if layer > 0:
            layer_inputs = _records(recurrence, settings, layer - 1, rows)[1][1:]
        _fill(state_error, 0.0)
        _fill(cell_error, 0.0)
        for step in range(length - 1, -1, -1):
            for row in range(rows):
                for unit in range(hidden):
                    state_error[row, unit] += errors[step, row, unit]
            of_state = gates[step]
            if settings.gates == LSTM:
                _lstm_errors(gates[step], kept[step], kept[step + 1], state_error, cell_error)
            else:
                of_state = by_state
                _gru_errors(gates[step], by_state, states[step], kept[step + 1], state_error)
            sums_error = gates[step].reshape(rows, units)
            state_sums_error = of_state.reshape(rows, units)
            _add_rows(of_biases, sums_error)
            _add_rows(of_state_biases, state_sums_error)
            _add_product(of_weights, sums_error.T, layer_inputs[step])
            if step > 0:
                _add_product(of_state_weights, state_sums_error.T, states[step])
                _add_product(state_error, state_sums_error, state_weights)
            if layer > 0:
                _fill(errors[step], 0.0)
                _add_product(errors[step], sums_error, weights)
        end = first_weight


@_inlined
def _errors_of_what_was_read(memory: Memory, error: Floats, errors: Floats) -> None:
    """errors [length, rows, H] of the last layer's states: nothing but the last ones was read."""
    units, (length, rows, hidden) = error.shape[1], errors.shape
    first_weight = memory.recurrence.parameters.size
    weights = memory.parameters[first_weight : first_weight + units * hidden]
    for step in range(length):
        _fill(errors[step], 0.0)
    _add_product(errors[length - 1], error, weights.reshape(units, hidden))
    for row in range(rows):
        for unit in range(hidden):
            errors[length - 1, row, unit] *= memory.slopes[row * hidden + unit]


@_compiled
def _matrices(
    flat: Floats, first: int, width: int, units: int, hidden: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """A recurrent layer's weights [G, width] and [G, H] and its biases [G] and [G], as views."""
    second, third = first + units * width, first + units * (width + hidden)
    return (
        flat[first:second].reshape(units, width),
        flat[second:third].reshape(units, hidden),
        flat[third : third + units],
        flat[third + units : third + 2 * units],
    )


@_compiled
def _records(
    recurrence: Recurrence, settings: Settings, layer: int, rows: int
) -> tuple[Floats, Floats, Floats]:
    """A layer's gates [length, rows, gates, H]; states and what is kept [length + 1, rows, H]."""
    length, layers, hidden = settings.length, recurrence.sizes.size - 1, recurrence.sizes[-1]
    first_gate = layer * (recurrence.gates.size // layers)
    first_state = layer * (recurrence.states.size // layers)
    last_gate = first_gate + length * rows * settings.gates * hidden
    last_state = first_state + (length + 1) * rows * hidden
    gates, states = recurrence.gates[first_gate:last_gate], (length + 1, rows, hidden)
    return (
        gates.reshape(length, rows, settings.gates, hidden),
        recurrence.states[first_state:last_state].reshape(states),
        recurrence.kept[first_state:last_state].reshape(states),
    )


@_compiled
def _lstm_cell(
    sums: Floats, by_state: Floats, before: Floats, cells: Floats, states: Floats
) -> None:
    """One row of each window: sums [rows, 4, H] become the gates in, forget, new and out."""
    rows, hidden = cells.shape
    for row in range(rows):
        for gate in range(4):
            values, more = sums[row, gate], by_state[row, gate]
            if gate == 2:
                for unit in range(hidden):
                    values[unit] = _tanh(values[unit] + more[unit])
            else:
                for unit in range(hidden):
                    values[unit] = _sigmoid(values[unit] + more[unit])
        let_in, forget, new, out = sums[row, 0], sums[row, 1], sums[row, 2], sums[row, 3]
        cell, old, state = cells[row], before[row], states[row]
        for unit in range(hidden):
            cell[unit] = forget[unit] * old[unit] + let_in[unit] * new[unit]
        for unit in range(hidden):
            state[unit] = out[unit] * _tanh(cell[unit])


@_compiled
def _lstm_errors(
    gates: Floats, before: Floats, cells: Floats, state_error: Floats, cell_error: Floats
) -> None:
    """Replace the gates by the errors of their sums; both errors go one row back."""
    one, (rows, hidden) = np.float32(1.0), cells.shape
    for row in range(rows):
        let_in, forget, new, out = gates[row, 0], gates[row, 1], gates[row, 2], gates[row, 3]
        cell, old = cells[row], before[row]
        of_state, of_cell = state_error[row], cell_error[row]
        for unit in range(hidden):
            shown = _tanh(cell[unit])
            of_cell[unit] += of_state[unit] * out[unit] * (one - shown * shown)
            out[unit] = of_state[unit] * shown * out[unit] * (one - out[unit])
            of_state[unit] = 0.0
        for unit in range(hidden):
            entered, value = let_in[unit], new[unit]
            let_in[unit] = of_cell[unit] * value * entered * (one - entered)
            new[unit] = of_cell[unit] * entered * (one - value * value)
        for unit in range(hidden):
            stayed = forget[unit]
            forget[unit] = of_cell[unit] * old[unit] * stayed * (one - stayed)
            of_cell[unit] *= stayed


@_compiled
def _gru_cell(sums: Floats, by_state: Floats, before: Floats, kept: Floats, states: Floats) -> None:
    """One row of each window: sums [rows, 3, H] become the gates reset, update and new."""
    rows, hidden = states.shape
    for row in range(rows):
        for gate in range(2):
            values, more = sums[row, gate], by_state[row, gate]
            for unit in range(hidden):
                values[unit] = _sigmoid(values[unit] + more[unit])
        reset, update, new, more = sums[row, 0], sums[row, 1], sums[row, 2], by_state[row, 2]
        keep, old, state = kept[row], before[row], states[row]
        for unit in range(hidden):
            keep[unit] = more[unit]
            new[unit] = _tanh(new[unit] + reset[unit] * more[unit])
        for unit in range(hidden):
            state[unit] = new[unit] + update[unit] * (old[unit] - new[unit])


@_compiled
def _gru_errors(
    gates: Floats, by_state: Floats, before: Floats, kept: Floats, state_error: Floats
) -> None:
    """Replace the gates by the errors of their sums; the state's error goes one row back.

    `by_state` [rows, 3, H]: the errors of what the state added to the sums.
    """
    one, (rows, hidden) = np.float32(1.0), kept.shape
    for row in range(rows):
        reset, update, new = gates[row, 0], gates[row, 1], gates[row, 2]
        keep, old, of_state = kept[row], before[row], state_error[row]
        for unit in range(hidden):
            stayed, value = update[unit], new[unit]
            new[unit] = of_state[unit] * (one - stayed) * (one - value * value)
            update[unit] = of_state[unit] * (old[unit] - value) * stayed * (one - stayed)
            of_state[unit] *= stayed
        more_of_new = by_state[row, 2]
        for unit in range(hidden):
            share = reset[unit]
            reset[unit] = new[unit] * keep[unit] * share * (one - share)
            more_of_new[unit] = new[unit] * share
        for gate in range(2):
            error, more = gates[row, gate], by_state[row, gate]
            for unit in range(hidden):
                more[unit] = error[unit]


@_compiled
def _classification_loss(
    logits: Floats, error: Floats, classes: Integers, weights: Floats, gamma: float
) -> float:
    """The mean of (1 - p)^gamma times the cross-entropy; its slope by each logit in `error`."""
    rows, num_classes = logits.shape
    mean, even_share = 0.0, 1.0 / rows
    for row in range(rows):
        target = classes[row]
        peak = logits[row].max()
        total = np.float32(0.0)
        for column in range(num_classes):
            error[row, column] = _exp(logits[row, column] - peak)
            total += error[row, column]
        loss = math.log(float(total)) + float(peak) - float(logits[row, target])
        slope = 1.0
        if gamma > 0.0:
            missing = max(-math.expm1(-loss), 1e-12)
            slope = missing**gamma
            if missing > 1e-12:
                slope += gamma * missing ** (gamma - 1.0) * (1.0 - missing) * loss
            loss *= missing**gamma
        share = float(weights[row]) if weights.size else even_share
        mean += share * loss
        scale = np.float32(share * slope)
        for column in range(num_classes):
            error[row, column] *= scale / total
        error[row, target] -= scale
    return mean


@_compiled
def _regression_loss(
    outputs: Floats, error: Floats, values: Floats, weights: Floats, delta: float
) -> float:
    """The mean of the squared errors, or of Huber's losses; its slope by each output in `error`."""
    rows = outputs.shape[0]
    mean, even_share = 0.0, 1.0 / rows
    for row in range(rows):
        difference = float(outputs[row, 0]) - float(values[row])
        if delta == math.inf:
            loss, slope = difference * difference, 2.0 * difference
        elif abs(difference) <= delta:
            loss, slope = 0.5 * difference * difference, difference
        else:
            loss, slope = delta * (abs(difference) - 0.5 * delta), math.copysign(delta, difference)
        share = float(weights[row]) if weights.size else even_share
        mean += share * loss
        error[row, 0] = share * slope
    return mean


@_compiled
def _clip(gradient: Floats, max_norm: float) -> None:
    """Scale the gradient down to the L2 norm `max_norm`, if it is longer. Summed in 8 lanes."""
    if max_norm == math.inf:
        return
    lanes = np.zeros(8)
    whole = gradient.size - gradient.size % 8
    for first in range(0, whole, 8):
        for lane in range(8):
            item = float(gradient[first + lane])
            lanes[lane] += item * item
    for item in range(whole, gradient.size):
        lanes[0] += float(gradient[item]) * float(gradient[item])
    factor = max_norm / (math.sqrt(lanes.sum()) + 1e-6)
    if not factor >= 1.0:
        for item in range(gradient.size):
            gradient[item] *= np.float32(factor)


@_inlined
def _update(memory: Memory, settings: Settings, learning_rate: float) -> None:
    """The optimizer's step, with the constants of `training.trainer.optimizers`."""
    decay, rate = np.float32(settings.weight_decay), np.float32(learning_rate)
    if settings.optimizer == ADAMW:
        for item in range(memory.parameters.size):
            memory.parameters[item] *= np.float32(1.0) - rate * decay
    elif decay > 0.0:
        for item in range(memory.parameters.size):
            memory.gradient[item] += decay * memory.parameters[item]
    if settings.optimizer == SGD:
        _step_sgd(memory.parameters, memory.gradient, memory.first, rate)
        return
    memory.step[0] += np.float32(1.0)
    if settings.optimizer == RMSPROP:
        _step_rmsprop(memory.parameters, memory.gradient, memory.second, rate)
        return
    steps = int(memory.step[0])
    pace = np.float32(learning_rate / (1.0 - 0.9**steps))
    root = np.float32(1.0 / math.sqrt(1.0 - 0.999**steps))
    _step_adam(memory, pace, root)


@_compiled
def _step_sgd(parameters: Floats, gradient: Floats, momentum: Floats, rate: np.float32) -> None:
    for item in range(parameters.size):
        momentum[item] = _normal(np.float32(0.9) * momentum[item] + gradient[item])
        parameters[item] -= rate * momentum[item]


@_compiled
def _step_rmsprop(parameters: Floats, gradient: Floats, square: Floats, rate: np.float32) -> None:
    for item in range(parameters.size):
        slope = gradient[item]
        square[item] = _normal(np.float32(0.99) * square[item] + np.float32(0.01) * slope * slope)
        parameters[item] -= rate * slope / (np.sqrt(square[item]) + np.float32(1e-8))


@_compiled
def _step_adam(memory: Memory, pace: np.float32, root: np.float32) -> None:
    """`pace` and `root` have the corrections of the two moments' bias in them."""
    parameters, first, second = memory.parameters, memory.first, memory.second
    for item in range(parameters.size):
        slope = memory.gradient[item]
        first[item] = _normal(np.float32(0.9) * first[item] + np.float32(0.1) * slope)
        second[item] = _normal(np.float32(0.999) * second[item] + np.float32(0.001) * slope * slope)
        parameters[item] -= pace * first[item] / (np.sqrt(second[item]) * root + np.float32(1e-8))


@_compiled
def _normal(value: np.float32) -> np.float32:
    """0 for what is as good as 0: a unit that is never active again would decay into denormals."""
    return np.float32(0.0) if abs(value) < np.float32(1e-30) else value


@_compiled
def _exp(value: np.float32) -> np.float32:
    """e^value in plain arithmetic, so that loops over it become vector code (Cephes' expf).

    2^k e^r with |r| <= ln(2) / 2: adding 1.5 * 2^23 rounds to the integer k, which then stands in
    the lowest bits and is shifted to where float32 has its exponent. Below e^-60 it is 0: what it
    is multiplied with would come near the denormal numbers, which take many times as long.
    """
    floor = value < np.float32(-60.0)
    value = np.float32(-60.0) if floor else value
    value = np.float32(88.0) if value > np.float32(88.0) else value
    shifted = value * np.float32(1.44269504) + np.float32(12582912.0)
    k = shifted - np.float32(12582912.0)
    r = value - k * np.float32(0.693359375) - k * np.float32(-2.12194440e-4)
    tail = np.float32(1.9875691500e-4) * r + np.float32(1.3981999507e-3)
    tail = tail * r + np.float32(8.3334519073e-3)
    tail = tail * r + np.float32(4.1665795894e-2)
    tail = tail * r + np.float32(1.6666665459e-1)
    tail = tail * r + np.float32(5.0000001201e-1)
    bits = np.float32(shifted).view(np.int32) + np.int32(127)
    power = np.int32(bits << np.int32(23)).view(np.float32)
    return np.float32(0.0) if floor else (tail * r * r + r + np.float32(1.0)) * power


@_compiled
def _normal_share(value: np.float32, bell: np.float32) -> np.float32:
    """The standard normal distribution function, off by 1e-7 at most.

    `bell` is exp(-value^2 / 2). Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
    """
    one, half = np.float32(1.0), np.float32(0.5)
    t = one / (one + np.float32(0.3275911 * 0.7071067811865476) * abs(value))
    tail = np.float32(1.061405429) * t + np.float32(-1.453152027)
    tail = tail * t + np.float32(1.421413741)
    tail = tail * t + np.float32(-0.284496736)
    tail = (tail * t + np.float32(0.254829592)) * t * bell * half
    return one - tail if value > 0.0 else tail

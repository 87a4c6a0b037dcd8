"""The training of a multilayer perceptron as machine code, compiled by numba.

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

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
ADAM, ADAMW, SGD, RMSPROP = range(len(OPTIMIZERS))


class Settings(NamedTuple):
    """What is the same in every step."""

    activation: int  # index in ACTIVATIONS
    dropout: float  # share of hidden units set to 0
    loss: int  # index in LOSSES
    focal_gamma: float
    huber_delta: float
    max_norm: float  # of the gradient; infinite: it is not clipped
    optimizer: int  # index in OPTIMIZERS
    weight_decay: float


class Memory(NamedTuple):
    """What a step reads and writes in place. P: parameters, laid out as torch's, flattened."""

    sizes: Integers  # [layers + 1]: inputs, hidden units, outputs
    parameters: Floats  # [P]: of each layer weights [outputs, inputs], then biases [outputs]
    gradient: Floats  # [P]
    step: Floats  # [1]: of adam, adamw and rmsprop
    first: Floats  # [P]: exp_avg or momentum_buffer
    second: Floats  # [P]: exp_avg_sq or square_avg
    outputs: Floats  # [rows * all units]: of each layer, one after another
    slopes: Floats  # [rows * hidden units]: of the activations, dropout in it
    errors: Floats  # [2, rows * widest layer]: the loss's slope by a layer's sums
    transposed: Floats  # [largest number of weights in a layer]
    inputs: Floats  # [rows, features]: of the batch


class Samples(NamedTuple):
    """What an epoch is trained on, in its order. One of classes and values is empty."""

    features: Floats  # [all rows, features]
    rows: Integers  # [samples]: which of them
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
            _gather(memory.inputs, samples.features, samples.rows[begin:end]),
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
def _gather(room: Floats, features: Floats, rows: Integers) -> Floats:
    for row in range(rows.size):
        source = features[rows[row]]
        for column in range(source.size):
            room[row, column] = source[column]
    return room[: rows.size]


@_compiled
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
    last = _forward(memory, settings, inputs, dropout_seed)
    error = memory.errors[0, : last.size].reshape(last.shape)
    if settings.loss <= FOCAL:
        gamma = settings.focal_gamma if settings.loss == FOCAL else 0.0
        loss = _classification_loss(last, error, classes, weights, gamma)
    else:
        delta = settings.huber_delta if settings.loss == HUBER else math.inf
        loss = _regression_loss(last, error, values, weights, delta)
    _backward(memory, inputs)
    _clip(memory.gradient, settings.max_norm)
    _update(memory, settings, learning_rate)
    return float(loss)


@_compiled
def _forward(memory: Memory, settings: Settings, inputs: Floats, dropout_seed: int) -> Floats:
    """The last layer's sums [rows, outputs]; on the way every layer's outputs and slopes."""
    rows, layers = inputs.shape[0], memory.sizes.size - 1
    layer_inputs, first_weight, first_output = inputs, 0, 0
    for layer in range(layers):
        width, units = memory.sizes[layer], memory.sizes[layer + 1]
        first_bias = first_weight + units * width
        weights = memory.parameters[first_weight:first_bias].reshape(units, width)
        biases = memory.parameters[first_bias : first_bias + units]
        across = memory.transposed[: units * width].reshape(width, units)
        _transpose(weights, across)
        flat = memory.outputs[first_output : first_output + rows * units]
        sums = flat.reshape(rows, units)
        for row in range(rows):
            for unit in range(units):
                sums[row, unit] = biases[unit]
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
def _backward(memory: Memory, inputs: Floats) -> None:
    """The gradient, from the last layer's errors, which are in `errors[0]`."""
    rows, layers = inputs.shape[0], memory.sizes.size - 1
    memory.gradient[:] = 0.0
    end, end_of_outputs, current = memory.parameters.size, rows * memory.sizes[1:].sum(), 0
    for layer in range(layers - 1, -1, -1):
        width, units = memory.sizes[layer], memory.sizes[layer + 1]
        first_bias, first_weight = end - units, end - units - units * width
        first_output = end_of_outputs - rows * units
        error = memory.errors[current, : rows * units].reshape(rows, units)
        for row in range(rows):
            for unit in range(units):
                memory.gradient[first_bias + unit] += error[row, unit]
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
            output = one / (one + _exp(-sums[item]))
            sums[item], slopes[item] = output, output * (one - output)
    elif activation == TANH:
        for item in range(sums.size):
            output = one - (one + one) / (_exp(sums[item] + sums[item]) + one)
            sums[item], slopes[item] = output, one - output * output
    else:
        for item in range(sums.size):
            value = sums[item]
            bell = _exp(-half * value * value)
            share = _normal_share(value, bell)
            sums[item] = value * share
            slopes[item] = share + value * bell * np.float32(0.3989422804)  # 1 / sqrt(2 pi)


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


@_compiled
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

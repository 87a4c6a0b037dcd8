"""A perceptron's layers, or those that come after recurrent ones, forward and backward."""

import numpy as np

from training.compilation.machine_code import inlined, machine_code
from training.trainer.engines.native.arithmetic import exp, normal_share, sigmoid, tanh
from training.trainer.engines.native.dropout import drop
from training.trainer.engines.native.matrices import (
    add_product,
    add_rows,
    fill,
    fill_rows,
    is_better_turned,
    transpose,
)
from training.trainer.engines.native.memory import (
    LEAKY_RELU,
    RELU,
    SIGMOID,
    TANH,
    Floats,
    Memory,
    Settings,
)


@inlined
def forward(memory: Memory, settings: Settings, inputs: Floats, dropout_seed: int) -> Floats:
    """The last layer's sums [rows, outputs]; on the way every layer's outputs and slopes."""
    rows, layers = inputs.shape[0], memory.sizes.size - 1
    layer_inputs, first_weight, first_output = inputs, memory.recurrence.parameters.size, 0
    for layer in range(layers):
        width, units = memory.sizes[layer], memory.sizes[layer + 1]
        first_bias = first_weight + units * width
        weights = memory.parameters[first_weight:first_bias].reshape(units, width)
        biases = memory.parameters[first_bias : first_bias + units]
        across = memory.transposed[: units * width].reshape(width, units)
        transpose(weights, across)
        flat = memory.outputs[first_output : first_output + rows * units]
        sums = flat.reshape(rows, units)
        fill_rows(sums, biases)
        add_product(sums, layer_inputs, across)
        if layer < layers - 1:
            slopes = memory.slopes[first_output : first_output + rows * units]
            _activate(flat, slopes, settings.activation)
            if settings.dropout > 0.0:
                drop(flat, slopes, settings.dropout, dropout_seed, int(first_output))
        layer_inputs = sums
        first_weight, first_output = first_bias + units, first_output + rows * units
    return layer_inputs


@inlined
def backward(memory: Memory, inputs: Floats) -> Floats:
    """The gradient, from the last layer's errors, which are in `errors[0]`; the first one's."""
    rows, layers = inputs.shape[0], memory.sizes.size - 1
    end, end_of_outputs, current = memory.parameters.size, rows * memory.sizes[1:].sum(), 0
    for layer in range(layers - 1, -1, -1):
        width, units = memory.sizes[layer], memory.sizes[layer + 1]
        first_bias, first_weight = end - units, end - units - units * width
        first_output = end_of_outputs - rows * units
        error = memory.errors[current, : rows * units].reshape(rows, units)
        add_rows(memory.gradient[first_bias:end], error)
        of_weights = memory.gradient[first_weight:first_bias].reshape(units, width)
        first_input, layer_inputs = first_output - rows * width, inputs
        if layer > 0:
            layer_inputs = memory.outputs[first_input:first_output].reshape(rows, width)
        fill_gradient(of_weights, error, layer_inputs, memory.transposed)
        if layer > 0:
            weights = memory.parameters[first_weight:first_bias].reshape(units, width)
            current = 1 - current
            flat = memory.errors[current, : rows * width]
            flat[:] = 0.0
            add_product(flat.reshape(rows, width), error, weights)
            for item in range(rows * width):
                flat[item] *= memory.slopes[first_input + item]
        end, end_of_outputs = first_weight, first_output
    units = memory.sizes[1]
    return memory.errors[current, : rows * units].reshape(rows, units)


@machine_code
def fill_gradient(of_weights: Floats, error: Floats, inputs: Floats, room: Floats) -> None:
    """of_weights [units, width], which are 0, by error [rows, units] and inputs [rows, width]."""
    (rows, width), units = inputs.shape, error.shape[1]
    if is_better_turned(units, width) and width <= rows:  # rows enough to pay for turning it
        across = room[: of_weights.size].reshape(width, units)
        fill(across, 0.0)
        add_product(across, inputs.T, error)
        transpose(across, of_weights)
    else:
        add_product(of_weights, error.T, inputs)


@inlined
def errors_of_inputs(memory: Memory, error: Floats, errors: Floats) -> None:
    """errors [rows, inputs] of what the first layer sees, from its own [rows, units]."""
    units, width = error.shape[1], memory.inputs.shape[1]
    wide = memory.transposed[: units * errors.shape[1]].reshape(units, errors.shape[1])
    _widen(memory.parameters, width, wide)
    fill(errors, 0.0)
    add_product(errors, error, wide)


@machine_code
def _widen(weights: Floats, width: int, wide: Floats) -> None:
    """Rows of so many weights as rows of whole vectors: what follows each fills them."""
    for row in range(wide.shape[0]):
        source, target = weights[row * width :], wide[row]
        for column in range(min(source.size, target.size)):
            target[column] = source[column]


@machine_code
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
            output = sigmoid(sums[item])
            sums[item], slopes[item] = output, output * (one - output)
    elif activation == TANH:
        for item in range(sums.size):
            output = tanh(sums[item])
            sums[item], slopes[item] = output, one - output * output
    else:
        for item in range(sums.size):
            value = sums[item]
            bell = exp(-half * value * value)
            share = normal_share(value, bell)
            sums[item] = value * share
            slopes[item] = share + value * bell * np.float32(0.3989422804)  # 1 / sqrt(2 pi)

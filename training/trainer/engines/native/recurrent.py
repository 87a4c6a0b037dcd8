"""The layers of an LSTM or a GRU along a window, forward and backward."""

from training.compilation.machine_code import inlined, machine_code
from training.trainer.engines.native.cells import gru_cell, gru_errors, lstm_cell, lstm_errors
from training.trainer.engines.native.dropout import drop
from training.trainer.engines.native.matrices import (
    add_product,
    add_rows,
    fill,
    fill_rows,
    is_better_turned,
    transpose,
)
from training.trainer.engines.native.memory import LSTM, Floats, Memory, Recurrence, Settings


@inlined
def read_windows(memory: Memory, settings: Settings, inputs: Floats, dropout_seed: int) -> Floats:
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
        transpose(weights, across)
        transpose(state_weights, state_across)
        gates, states, kept = _records(recurrence, settings, layer, rows)
        sums = gates.reshape(length * rows, units)
        fill_rows(sums, biases)
        add_product(sums, layer_inputs, across)
        fill(states[0], 0.0)
        fill(kept[0], 0.0)
        for step in range(length):
            fill_rows(state_sums, state_biases)
            if step > 0:
                add_product(state_sums, states[step], state_across)
            if settings.gates == LSTM:
                lstm_cell(gates[step], by_state, kept[step], kept[step + 1], states[step + 1])
            else:
                gru_cell(gates[step], by_state, states[step], kept[step + 1], states[step + 1])
        layer_inputs = states[1:].reshape(length * rows, hidden)
        first_weight += units * (recurrence.sizes[layer] + hidden + 2)
    last = layer_inputs[(length - 1) * rows :]
    slopes = memory.slopes[: rows * hidden].reshape(rows, hidden)
    fill(slopes, 1.0)
    if settings.dropout > 0.0:
        drop(last.reshape(-1), slopes.reshape(-1), settings.dropout, dropout_seed, 0)
    return last


@inlined
def read_windows_backward(
    memory: Memory, settings: Settings, inputs: Floats, error: Floats
) -> None:
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
        across = recurrence.across[0, : of_weights.size].reshape(width, units)
        is_turned = is_better_turned(units, width)
        if is_turned:
            fill(across, 0.0)
        fill(state_error, 0.0)
        fill(cell_error, 0.0)
        for step in range(length - 1, -1, -1):
            for row in range(rows):
                for unit in range(hidden):
                    state_error[row, unit] += errors[step, row, unit]
            of_state = gates[step]
            if settings.gates == LSTM:
                lstm_errors(gates[step], kept[step], kept[step + 1], state_error, cell_error)
            else:
                of_state = by_state
                gru_errors(gates[step], by_state, states[step], kept[step + 1], state_error)
            sums_error = gates[step].reshape(rows, units)
            state_sums_error = of_state.reshape(rows, units)
            add_rows(of_biases, sums_error)
            add_rows(of_state_biases, state_sums_error)
            if is_turned:
                add_product(across, layer_inputs[step].T, sums_error)
            else:
                add_product(of_weights, sums_error.T, layer_inputs[step])
            if step > 0:
                add_product(of_state_weights, state_sums_error.T, states[step])
                add_product(state_error, state_sums_error, state_weights)
            if layer > 0:
                fill(errors[step], 0.0)
                add_product(errors[step], sums_error, weights)
            elif memory.sets.errors.size > 0:
                of_inputs = memory.sets.errors[step * rows : (step + 1) * rows]
                fill(of_inputs, 0.0)
                add_product(of_inputs, sums_error, weights)
        if is_turned:
            transpose(across, of_weights)
        end = first_weight


@inlined
def _errors_of_what_was_read(memory: Memory, error: Floats, errors: Floats) -> None:
    """errors [length, rows, H] of the last layer's states: nothing but the last ones was read."""
    units, (length, rows, hidden) = error.shape[1], errors.shape
    first_weight = memory.recurrence.parameters.size
    weights = memory.parameters[first_weight : first_weight + units * hidden]
    for step in range(length):
        fill(errors[step], 0.0)
    add_product(errors[length - 1], error, weights.reshape(units, hidden))
    for row in range(rows):
        for unit in range(hidden):
            errors[length - 1, row, unit] *= memory.slopes[row * hidden + unit]


@machine_code
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


@machine_code
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

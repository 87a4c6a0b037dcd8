"""One row of each window: what an LSTM's and a GRU's cells make of it, and their errors."""

import numpy as np

from training.compilation.machine_code import machine_code
from training.trainer.engines.native.arithmetic import sigmoid, tanh
from training.trainer.engines.native.memory import Floats


@machine_code
def lstm_cell(
    sums: Floats, by_state: Floats, before: Floats, cells: Floats, states: Floats
) -> None:
    """One row of each window: sums [rows, 4, H] become the gates in, forget, new and out."""
    rows, hidden = cells.shape
    for row in range(rows):
        for gate in range(4):
            values, more = sums[row, gate], by_state[row, gate]
            if gate == 2:
                for unit in range(hidden):
                    values[unit] = tanh(values[unit] + more[unit])
            else:
                for unit in range(hidden):
                    values[unit] = sigmoid(values[unit] + more[unit])
        let_in, forget, new, out = sums[row, 0], sums[row, 1], sums[row, 2], sums[row, 3]
        cell, old, state = cells[row], before[row], states[row]
        for unit in range(hidden):
            cell[unit] = forget[unit] * old[unit] + let_in[unit] * new[unit]
        for unit in range(hidden):
            state[unit] = out[unit] * tanh(cell[unit])


@machine_code
def lstm_errors(
    gates: Floats, before: Floats, cells: Floats, state_error: Floats, cell_error: Floats
) -> None:
    """Replace the gates by the errors of their sums; both errors go one row back."""
    one, (rows, hidden) = np.float32(1.0), cells.shape
    for row in range(rows):
        let_in, forget, new, out = gates[row, 0], gates[row, 1], gates[row, 2], gates[row, 3]
        cell, old = cells[row], before[row]
        of_state, of_cell = state_error[row], cell_error[row]
        for unit in range(hidden):
            shown = tanh(cell[unit])
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


@machine_code
def gru_cell(sums: Floats, by_state: Floats, before: Floats, kept: Floats, states: Floats) -> None:
    """One row of each window: sums [rows, 3, H] become the gates reset, update and new."""
    rows, hidden = states.shape
    for row in range(rows):
        for gate in range(2):
            values, more = sums[row, gate], by_state[row, gate]
            for unit in range(hidden):
                values[unit] = sigmoid(values[unit] + more[unit])
        reset, update, new, more = sums[row, 0], sums[row, 1], sums[row, 2], by_state[row, 2]
        keep, old, state = kept[row], before[row], states[row]
        for unit in range(hidden):
            keep[unit] = more[unit]
            new[unit] = tanh(new[unit] + reset[unit] * more[unit])
        for unit in range(hidden):
            state[unit] = new[unit] + update[unit] * (old[unit] - new[unit])


@machine_code
def gru_errors(
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

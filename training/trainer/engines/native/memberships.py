"""Memberships that are learned: from columns to the first layer's inputs, and their slopes.

Row by row, all memberships beside each other: loops over them become vector code.
"""

import math

import numpy as np

from training.compilation.machine_code import inlined, machine_code
from training.trainer.engines.native.arithmetic import exp
from training.trainer.engines.native.memory import Floats, Integers
from training.trainer.engines.native.sets import Sets, Unsigned

HARD = 1e30
"""The slope of an edge without a flank: what lies beside it is 0, or 1."""


@inlined
def see_columns(sets: Sets, columns: Floats, inputs: Floats) -> None:
    """Write the inputs [rows, inputs] of some rows, and note the sets of this step."""
    _move(sets)
    _spread(columns, sets.column, sets.raw, sets.values, inputs)
    _belong(sets.runs, sets.values, sets.drawn, inputs)
    for row in range(columns.shape[0] if sets.bells.size > 0 else 0):
        for bell in range(sets.bells.size):
            member = sets.bells[bell]
            far = (sets.values[row, member] - sets.drawn[0, member]) * sets.drawn[1, member]
            inputs[row, sets.place[member]] = exp(np.float32(-0.5) * far * far)


@inlined
def _move(sets: Sets) -> None:
    """Where the parameters have moved each set to; corners in float64, and rounded once."""
    for member in range(sets.column.size):
        moved = sets.support[member] * float(sets.parameters[sets.shift[member]])
        for part in range(sets.stretch.shape[1]):
            number, wider = sets.stretch[member, part], 0.0
            if number >= 0 and sets.parameters[number] != 0.0:
                by = math.expm1(float(sets.parameters[number]))
                wider = sets.widths[member, part] * by
            sets.wider[part] = wider
        left, half, right = sets.wider[0], sets.wider[1], sets.wider[2]
        climb, fall = sets.widths[member, 0] + left, sets.widths[member, 2] + right
        sets.drawn[0, member] = sets.corners[member, 1] + (moved - half)
        sets.drawn[1, member] = 1.0 / climb if climb > 0.0 else HARD
        sets.drawn[2, member] = sets.corners[member, 2] + (moved + half)
        sets.drawn[3, member] = 1.0 / fall if fall > 0.0 else HARD


@machine_code
def _spread(
    columns: Floats, column: Unsigned, raw: Integers, values: Floats, inputs: Floats
) -> None:
    """Each membership's value beside the others', and what is no membership where it belongs."""
    for row in range(columns.shape[0]):
        for member in range(column.size):
            values[row, member] = columns[row, column[member]]
        for item in range(raw.shape[0]):
            inputs[row, raw[item, 1]] = columns[row, raw[item, 0]]


@machine_code
def _belong(runs: Unsigned, values: Floats, drawn: Floats, inputs: Floats) -> None:
    """Of straight lines; the steeper the flank, the sooner one of them is beyond 0 or 1."""
    zero, one = np.float32(0.0), np.float32(1.0)
    for run in range(runs.shape[0]):
        first, count, place = runs[run, 0], runs[run, 1], runs[run, 2]
        for row in range(inputs.shape[0]):
            for member in range(count):
                at = first + member
                rising = one + (values[row, at] - drawn[0, at]) * drawn[1, at]
                falling = one + (drawn[2, at] - values[row, at]) * drawn[3, at]
                lower = rising if rising < falling else falling
                lower = lower if lower < one else one
                inputs[row, place + member] = lower if lower > zero else zero


@inlined
def add_slopes(sets: Sets, inputs: Floats, errors: Floats) -> None:
    """Add the slopes of all parameters by the errors of the inputs, both [rows, inputs]."""
    sets.sums[:] = 0.0
    _add_flanks(sets.runs, sets.values, sets.drawn, inputs, errors, sets.sums)
    for row in range(inputs.shape[0] if sets.bells.size > 0 else 0):
        for bell in range(sets.bells.size):
            member = sets.bells[bell]
            place = sets.place[member]
            far = (sets.values[row, member] - sets.drawn[0, member]) * sets.drawn[1, member]
            slope = errors[row, place] * inputs[row, place] * far
            sets.sums[4, member] += slope
            sets.sums[5, member] += slope * far
    for member in range(sets.column.size):
        climb, fall = float(sets.drawn[1, member]), float(sets.drawn[3, member])
        left, left_share = float(sets.sums[0, member]), float(sets.sums[1, member])
        right, right_share = float(sets.sums[2, member]), float(sets.sums[3, member])
        by_a, by_b = (left_share - left) * climb, -left_share * climb
        by_c, by_d = right_share * fall, (right - right_share) * fall
        shift = by_a + by_b + by_c + by_d
        sets.wider[0], sets.wider[1], sets.wider[2] = -by_a, by_c + by_d - by_a - by_b, by_d
        if sets.is_gaussian[member]:
            shift = float(sets.sums[4, member]) * climb
            sets.wider[0] = float(sets.sums[5, member]) * climb
        sets.gradient[sets.shift[member]] += np.float32(sets.support[member] * shift)
        for part in range(sets.stretch.shape[1]):
            number = sets.stretch[member, part]
            if number >= 0:
                width = sets.widths[member, part] * math.exp(float(sets.parameters[number]))
                sets.gradient[number] += np.float32(width * sets.wider[part])


@machine_code
def _add_flanks(
    runs: Unsigned, values: Floats, drawn: Floats, inputs: Floats, errors: Floats, sums: Floats
) -> None:
    """Sums of the errors strictly inside a flank, and of errors times memberships there."""
    zero, one = np.float32(0.0), np.float32(1.0)
    for run in range(runs.shape[0]):
        first, count, place = runs[run, 0], runs[run, 1], runs[run, 2]
        for row in range(inputs.shape[0]):
            for member in range(count):
                at, seen = first + member, inputs[row, place + member]
                inside = errors[row, place + member] if seen > zero else zero
                inside = inside if seen < one else zero
                rising = inside if values[row, at] < drawn[0, at] else zero
                falling = inside - rising
                sums[0, at] += rising
                sums[1, at] += rising * seen
                sums[2, at] += falling
                sums[3, at] += falling * seen


@machine_code
def hold(sets: Sets, learning_rate: float) -> None:
    """After the optimizer's step: back by the pull, and within the bounds."""
    for number in range(sets.parameters.size):
        kept = np.float32(1.0) - np.float32(learning_rate) * sets.pull[number]
        value = sets.parameters[number] * max(kept, np.float32(0.0))
        sets.parameters[number] = min(max(value, sets.low[number]), sets.high[number])

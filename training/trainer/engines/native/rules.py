"""A network of rules, forward and backward: `training.trainer.rules.RuleBase`.

Rule by rule, all rows beside each other: loops over them become vector code.
"""

import numpy as np

from training.compilation.machine_code import inlined, machine_code
from training.trainer.engines.native.arithmetic import exp
from training.trainer.engines.native.matrices import add_product, fill, transpose
from training.trainer.engines.native.memory import Floats, Integers, Memory
from training.trainer.engines.native.rule_memory import Rules

OTHERWISE = np.float32(0.05)
"""The strength of what counts where no rule does: that of `training.trained.rule_reader`."""


@inlined
def decide(memory: Memory, inputs: Floats, columns: Floats) -> Floats:
    """The outputs [rows, outputs] of inputs [rows, inputs]; linear consequents see the columns."""
    rules, rows, width = memory.rules, inputs.shape[0], memory.sizes[-1]
    outputs = memory.outputs[: rows * width].reshape(rows, width)
    if rules.choice.size > 0:
        of_a_rule = rules.ends.size // (rules.then.shape[0] - 1)
        _choose(rules.choice, of_a_rule, rules.ends, rules.members)
    seen = rules.seen[: inputs.size].reshape(inputs.shape[1], rows)
    transpose(inputs, seen)
    held = rules.held[: rules.ends.size * rows].reshape(rules.ends.size, rows)
    _hold(rules.ends, rules.members, rules.places, seen, held)
    shares = rules.shares[: rules.then.shape[0] * rows].reshape(rules.then.shape[0], rows)
    _share(held, shares, rules.total[:rows])
    across = rules.outputs[: outputs.size].reshape(outputs.shape[1], rows)
    fill(across, 0.0)
    if rules.factors.size > 0:
        seen_columns = rules.columns[: columns.size].reshape(columns.shape[1], rows)
        transpose(columns, seen_columns)
        said = rules.said[: rules.factors.shape[0] * rows].reshape(rules.factors.shape[0], rows)
        _say(rules.then, said)
        add_product(said, rules.factors, seen_columns)
        _add_weighed(across, shares, said)
    else:
        add_product(across, rules.then.T, shares)
    transpose(across, outputs)
    return outputs


@inlined
def decide_backward(
    rules: Rules, inputs: Floats, columns: Floats, error: Floats, errors: Floats
) -> None:
    """The gradient, from the outputs' errors [rows, outputs]; and where sets are learned those of
    the inputs [rows, inputs] in `errors`."""
    rows = inputs.shape[0]
    across = rules.errors[: error.size].reshape(error.shape[1], rows)
    transpose(error, across)
    held = rules.held[: rules.ends.size * rows].reshape(rules.ends.size, rows)
    by_held = rules.by_held[: held.size].reshape(held.shape)
    shares = rules.shares[: rules.then.shape[0] * rows].reshape(rules.then.shape[0], rows)
    by_share = rules.by_share[: shares.size].reshape(shares.shape)
    if rules.factors.size > 0:
        said = rules.said[: rules.factors.shape[0] * rows].reshape(rules.factors.shape[0], rows)
        _unsay(shares, said, across, by_share, rules.of_then)
        add_product(rules.of_factors, said, columns)
    else:
        fill(by_share, 0.0)
        add_product(by_share, rules.then, across)
        add_product(rules.of_then, shares, error)
    _unshare(held, shares, rules.total[:rows], by_share, rules.mean[:rows], by_held)
    if rules.choice.size > 0:
        fill(rules.worth, 0.0)
        add_product(rules.worth, by_held, inputs)
        _learn_choices(
            rules.choice, rules.softmax, rules.places, by_held, rules.worth, rules.of_choice
        )
    if rules.by_seen.size > 0:
        seen = rules.seen[: inputs.size].reshape(inputs.shape[1], rows)
        by_seen = rules.by_seen[: inputs.size].reshape(inputs.shape[1], rows)
        fill(by_seen, 0.0)
        _unhold(rules.ends, rules.members, rules.places, seen, held, by_held, by_seen)
        transpose(by_seen, errors)


@machine_code
def _choose(choice: Floats, of_a_rule: int, ends: Integers, members: Integers) -> None:
    """Of each slot the membership that weighs most, of equal ones the first; none where that is the
    last weight, or what an earlier slot of its rule counts already."""
    last, end, begin = choice.shape[1] - 1, 0, 0
    for slot in range(choice.shape[0]):
        if slot % of_a_rule == 0:
            begin = end
        best = 0
        for member in range(1, last + 1):
            if choice[slot, member] > choice[slot, best]:
                best = member
        counts = best < last
        for other in range(begin, end):
            counts = counts and members[other] != best
        if counts:
            members[end] = best
            end += 1
        ends[slot] = end


@machine_code
def _hold(ends: Integers, members: Integers, places: Integers, seen: Floats, held: Floats) -> None:
    """Of each slot and row the factor: 1 where it counts nothing, an or at most 1."""
    begin = 0
    for slot in range(ends.size):
        factors = held[slot]
        for row in range(factors.size):
            factors[row] = np.float32(0.0) if ends[slot] > begin else np.float32(1.0)
        for number in range(begin, ends[slot]):
            membership = seen[places[members[number]]]
            for row in range(factors.size):
                factors[row] += membership[row]
        for row in range(factors.size):
            factors[row] = min(factors[row], np.float32(1.0))
        begin = ends[slot]


@machine_code
def _share(held: Floats, shares: Floats, total: Floats) -> None:
    """Of each rule the product of its factors, by the sum of all rules'."""
    rules = shares.shape[0] - 1
    slots = held.shape[0] // rules
    for row in range(total.size):
        total[row] = OTHERWISE
        shares[rules, row] = OTHERWISE
    for rule in range(rules):
        strength = shares[rule]
        for row in range(total.size):
            strength[row] = held[rule * slots, row]
        for slot in range(rule * slots + 1, (rule + 1) * slots):
            for row in range(total.size):
                strength[row] *= held[slot, row]
        for row in range(total.size):
            total[row] += strength[row]
    for rule in range(rules + 1):
        for row in range(total.size):
            shares[rule, row] /= total[row]


@machine_code
def _say(then: Floats, said: Floats) -> None:
    """Of each consequent its constant, for all rows."""
    for rule in range(then.shape[0]):
        for output in range(then.shape[1]):
            values = said[rule * then.shape[1] + output]
            for row in range(values.size):
                values[row] = then[rule, output]


@machine_code
def _add_weighed(sums: Floats, shares: Floats, said: Floats) -> None:
    for rule in range(shares.shape[0]):
        for output in range(sums.shape[0]):
            values = said[rule * sums.shape[0] + output]
            for row in range(values.size):
                sums[output, row] += shares[rule, row] * values[row]


@machine_code
def _unsay(shares: Floats, said: Floats, errors: Floats, by_share: Floats, of_then: Floats) -> None:
    """Slopes by shares and constants; what was said becomes the slope by it."""
    for rule in range(shares.shape[0]):
        slopes = by_share[rule]
        for row in range(slopes.size):
            slopes[row] = np.float32(0.0)
        for output in range(errors.shape[0]):
            values = said[rule * errors.shape[0] + output]
            for row in range(slopes.size):
                slopes[row] += values[row] * errors[output, row]
                values[row] = shares[rule, row] * errors[output, row]
            of_then[rule, output] += _sum(values)


@machine_code
def _unshare(
    held: Floats, shares: Floats, total: Floats, by_share: Floats, mean: Floats, by_held: Floats
) -> None:
    """Slopes by each factor; those by shares become slopes by strengths."""
    rules = shares.shape[0] - 1
    slots = held.shape[0] // rules
    for row in range(total.size):
        mean[row] = np.float32(0.0)
    for rule in range(rules + 1):
        for row in range(total.size):
            mean[row] += shares[rule, row] * by_share[rule, row]
    for rule in range(rules):
        for row in range(total.size):
            by_share[rule, row] = (by_share[rule, row] - mean[row]) / total[row]
        for slot in range(rule * slots, (rule + 1) * slots):
            for row in range(total.size):
                by_held[slot, row] = by_share[rule, row]
            for other in range(rule * slots, (rule + 1) * slots):
                if other != slot:
                    for row in range(total.size):
                        by_held[slot, row] *= held[other, row]


@machine_code
def _learn_choices(
    choice: Floats,
    softmax: Floats,
    places: Integers,
    by_held: Floats,
    worth: Floats,
    gradient: Floats,
) -> None:
    """The slopes of a choice are those of the softmax of its weights (straight-through).

    `worth` [slots, inputs]: slopes by how much each slot would count each input.
    """
    last = choice.shape[1] - 1
    for slot in range(choice.shape[0]):
        peak = choice[slot].max()
        for member in range(last + 1):
            softmax[slot, member] = exp(choice[slot, member] - peak)
        total = softmax[slot].sum()
        idle = _sum(by_held[slot])
        mean = softmax[slot, last] * idle
        for member in range(last):
            mean += softmax[slot, member] * worth[slot, places[member]]
        mean /= total
        for member in range(last):
            share = softmax[slot, member] / total
            gradient[slot, member] = share * (worth[slot, places[member]] - mean)
        gradient[slot, last] = softmax[slot, last] / total * (idle - mean)


@machine_code
def _unhold(
    ends: Integers,
    members: Integers,
    places: Integers,
    seen: Floats,
    held: Floats,
    by_held: Floats,
    by_seen: Floats,
) -> None:
    """Add the slopes by each input: none where an or is more than 1."""
    begin = 0
    for slot in range(ends.size):
        if ends[slot] - begin > 1:
            sums = held[slot]
            for row in range(sums.size):
                sums[row] = np.float32(0.0)
            for number in range(begin, ends[slot]):
                for row in range(sums.size):
                    sums[row] += seen[places[members[number]], row]
            for row in range(sums.size):
                if sums[row] > np.float32(1.0):
                    by_held[slot, row] = np.float32(0.0)
        for number in range(begin, ends[slot]):
            slopes = by_seen[places[members[number]]]
            for row in range(slopes.size):
                slopes[row] += by_held[slot, row]
        begin = ends[slot]


@machine_code
def _sum(values: Floats) -> np.float32:
    """In four lanes, one after another's end."""
    a, b, c, d = np.float32(0.0), np.float32(0.0), np.float32(0.0), np.float32(0.0)
    fours = values.size - values.size % 4
    for item in range(0, fours, 4):
        a += values[item]
        b += values[item + 1]
        c += values[item + 2]
        d += values[item + 3]
    for item in range(fours, values.size):
        a += values[item]
    return (a + b) + (c + d)

"""From a gradient to new parameters."""

import math

import numpy as np

from training.compilation.machine_code import inlined, machine_code
from training.trainer.engines.native.memberships import hold
from training.trainer.engines.native.memory import ADAMW, RMSPROP, SGD, Floats, Memory, Settings


@machine_code
def clip(gradient: Floats, max_norm: float) -> None:
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


@inlined
def update(memory: Memory, settings: Settings, learning_rate: float) -> None:
    """The optimizer's step, with the constants of `training.trainer.optimizers`."""
    decay, rate = np.float32(settings.weight_decay), np.float32(learning_rate)
    if settings.optimizer == ADAMW:
        for item in range(memory.parameters.size):
            memory.parameters[item] *= np.float32(1.0) - rate * decay
    elif decay > 0.0:
        for item in range(memory.parameters.size):
            memory.gradient[item] += decay * memory.parameters[item]
    if settings.optimizer != SGD:
        memory.step[0] += np.float32(1.0)
    steps = memory.step[:1].sum()
    layers = memory.parameters, memory.gradient, memory.first, memory.second
    _step(settings, *layers, steps, learning_rate)
    sets, start = memory.sets, 0
    for run in range(sets.ends.size):
        end = sets.ends[run]
        moves = sets.parameters[start:end], sets.gradient[start:end]
        known = sets.first[start:end], sets.second[start:end]
        _step(settings, *moves, *known, steps, learning_rate * sets.rates[run])
        start = end
    if start > 0:
        hold(sets, learning_rate)


@machine_code
def _step(
    settings: Settings,
    parameters: Floats,
    gradient: Floats,
    first: Floats,
    second: Floats,
    steps: float,
    learning_rate: float,
) -> None:
    rate = np.float32(learning_rate)
    if settings.optimizer == SGD:
        _step_sgd(parameters, gradient, first, rate)
    elif settings.optimizer == RMSPROP:
        _step_rmsprop(parameters, gradient, second, rate)
    else:
        pace = np.float32(learning_rate / (1.0 - 0.9 ** int(steps)))
        root = np.float32(1.0 / math.sqrt(1.0 - 0.999 ** int(steps)))
        _step_adam(parameters, gradient, first, second, pace, root)


@machine_code
def _step_sgd(parameters: Floats, gradient: Floats, momentum: Floats, rate: np.float32) -> None:
    for item in range(parameters.size):
        momentum[item] = _normal(np.float32(0.9) * momentum[item] + gradient[item])
        parameters[item] -= rate * momentum[item]


@machine_code
def _step_rmsprop(parameters: Floats, gradient: Floats, square: Floats, rate: np.float32) -> None:
    for item in range(parameters.size):
        slope = gradient[item]
        square[item] = _normal(np.float32(0.99) * square[item] + np.float32(0.01) * slope * slope)
        parameters[item] -= rate * slope / (np.sqrt(square[item]) + np.float32(1e-8))


@machine_code
def _step_adam(
    parameters: Floats,
    gradient: Floats,
    first: Floats,
    second: Floats,
    pace: np.float32,
    root: np.float32,
) -> None:
    """`pace` and `root` have the corrections of the two moments' bias in them."""
    for item in range(parameters.size):
        slope = gradient[item]
        first[item] = _normal(np.float32(0.9) * first[item] + np.float32(0.1) * slope)
        second[item] = _normal(np.float32(0.999) * second[item] + np.float32(0.001) * slope * slope)
        parameters[item] -= pace * first[item] / (np.sqrt(second[item]) * root + np.float32(1e-8))


@machine_code
def _normal(value: np.float32) -> np.float32:
    """0 for what is as good as 0: a unit that is never active again would decay into denormals."""
    return np.float32(0.0) if abs(value) < np.float32(1e-30) else value

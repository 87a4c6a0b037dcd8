"""The loss of a batch and its slope by each of the network's outputs."""

import math

import numpy as np

from training.compilation.machine_code import machine_code
from training.trainer.engines.native.arithmetic import exp
from training.trainer.engines.native.memory import Floats, Integers


@machine_code
def classification_loss(
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
            error[row, column] = exp(logits[row, column] - peak)
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


@machine_code
def regression_loss(
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

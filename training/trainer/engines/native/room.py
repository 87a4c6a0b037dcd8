"""Room that is not filled yet; free of numba."""

import math

import numpy as np

from training.features.arrays import Float32Array

LINE = 64
"""Bytes of the cache's lines. Vectors that lie across two of them take a tenth longer."""
VECTOR = LINE // 4
"""Numbers that are computed at once, at most. What fills none is computed one by one."""


def whole(count: int) -> int:
    """As many numbers as fill vectors."""
    return -(-count // VECTOR) * VECTOR


def room(*shape: int) -> Float32Array:
    """From a line's begin on."""
    size = math.prod(shape)
    numbers = np.empty(size + VECTOR, np.float32)
    first = -numbers.ctypes.data % LINE // 4
    return numbers[first : first + size].reshape(shape)

"""Functions of one number."""

import numpy as np

from training.compilation.machine_code import machine_code


@machine_code
def sigmoid(value: np.float32) -> np.float32:
    fall: np.float32 = exp(-value)
    return np.float32(1.0) / (np.float32(1.0) + fall)


@machine_code
def tanh(value: np.float32) -> np.float32:
    one = np.float32(1.0)
    rise: np.float32 = exp(value + value)
    return one - (one + one) / (rise + one)


@machine_code
def exp(value: np.float32) -> np.float32:
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


@machine_code
def normal_share(value: np.float32, bell: np.float32) -> np.float32:
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

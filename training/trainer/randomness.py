"""Randomness as a pure function: each purpose has its own stream, keyed by seed and epoch.

No generator's state is ever stored, seeking to any batch is immediate, and nothing that is drawn
for one purpose can shift another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import numpy as np
import torch
from numpy.typing import NDArray


class Purpose(IntEnum):
    """What a stream is for. The numbers are part of the checkpoint format: never reuse one."""

    INITIALISATION = 1
    ORDER = 2
    DROPOUT = 3


def stream(purpose: Purpose, seed: int, epoch: int = 0) -> np.random.Generator:
    """The generator of one purpose in one epoch (NumPy's SeedSequence keeps streams apart)."""
    return np.random.default_rng([purpose, seed, epoch])


def dropout_seeds(seed: int, epoch: int, num_batches: int) -> NDArray[np.uint32]:
    """[batches]: 32 bits each, all that torch's CPU generator takes."""
    return stream(Purpose.DROPOUT, seed, epoch).integers(2**32, size=num_batches, dtype=np.uint32)


def seed_dropout(device: torch.device, seed: int) -> None:
    """Seed the generator that dropout on this device draws from (1 µs on the CPU)."""
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


@contextmanager
def seeded_initialisation(seed: int) -> Iterator[None]:
    """Within it, torch's initialisers draw from the seed's own stream; outside, nothing changed."""
    with torch.random.fork_rng(devices=[]):
        number = stream(Purpose.INITIALISATION, seed).integers(2**32)
        torch.default_generator.manual_seed(int(number))
        yield

"""Which units are dropped."""

import numpy as np

from training.compilation.machine_code import machine_code
from training.trainer.engines.native.memory import Floats


@machine_code
def drop(outputs: Floats, slopes: Floats, share: float, seed: int, first_unit: int) -> None:
    """Set a share of the outputs to 0 and scale the others, each by a hash of seed and place."""
    limit, scale = np.uint32(share * 2.0**32), np.float32(1.0 / (1.0 - share))
    for item in range(outputs.size):
        mixed = np.uint32(np.uint32(first_unit + item) * np.uint32(0x9E3779B9)) ^ np.uint32(seed)
        mixed = np.uint32((mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x7FEB352D))
        mixed = np.uint32((mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x846CA68B))
        kept = scale if (mixed ^ (mixed >> np.uint32(16))) >= limit else np.float32(0.0)
        outputs[item] *= kept
        slopes[item] *= kept

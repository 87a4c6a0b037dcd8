"""What a network said of every bar of a test part, kept whole in the bundle.

Of trainings whose test part is said as runs, folds of one family, which are scored together, also
what the baselines said. Bundles of other trainings before 0.2.0 have none. Free of torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

FILE = "test_predictions.safetensors"
"""A file of a bundle."""
TIMES, SYMBOLS = "times", "symbols"
MODEL = "model"


@dataclass(frozen=True, kw_only=True)
class FoldPredictions:
    times: NDArray[np.int64]
    """[decisions]: opens of the bars, Unix seconds."""
    symbols: NDArray[np.int16]
    """[decisions]: numbers of their symbols, in the strategy's order."""
    by: Mapping[str, NDArray[np.float64]]
    """Probabilities [decisions, classes], or forward returns [decisions]: of `model`, and, where it
    is a fold, of each baseline by its name."""

    def to_bytes(self) -> bytes:
        """Equal predictions have equal bytes."""
        arrays = {TIMES: self.times, SYMBOLS: self.symbols, **self.by}
        return safetensors.numpy.save(
            {name: np.ascontiguousarray(it) for name, it in arrays.items()}
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "FoldPredictions":
        """Raises ValueError for any other bytes."""
        try:
            arrays = safetensors.numpy.load(data)
            times, symbols = arrays.pop(TIMES), arrays.pop(SYMBOLS)
        except (KeyError, safetensors.SafetensorError) as error:
            raise ValueError(f"{FILE}: {error}") from error
        return cls(times=times, symbols=symbols, by=arrays)

"""When to save, and how many to keep."""

import math
from dataclasses import dataclass

KEEP_AT_LEAST = 2
"""One to go on from, and one for when that does not verify."""


@dataclass(frozen=True, kw_only=True)
class CheckpointPolicy:
    """Every so many epochs or seconds, whichever comes first.

    By the number of epochs no two follow each other within `least_seconds`: a save takes as long as
    some short epochs.
    """

    every_epochs: int = 10
    every_seconds: float = 300.0
    least_seconds: float = 2.0

    def __post_init__(self) -> None:
        if self.every_epochs < 1:
            raise ValueError(f"every_epochs is {self.every_epochs}: it must be 1 or more")
        if not 0 < self.every_seconds < math.inf:
            raise ValueError(f"every_seconds is {self.every_seconds}: it must be more than 0")
        if not 0 <= self.least_seconds < math.inf:
            raise ValueError(f"least_seconds is {self.least_seconds}: it must be 0 or more")

    def due(self, *, epochs_since_save: int, seconds_since_save: float) -> bool:
        """Whether the next step boundary is one to save at."""
        enough_epochs = epochs_since_save >= self.every_epochs
        return seconds_since_save >= self.every_seconds or (
            enough_epochs and seconds_since_save >= self.least_seconds
        )

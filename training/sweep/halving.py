"""Successive halving: of a bracket's trials the best third goes on at each rung.

A value is what a trial is compared by, as `float.hex` of its best monitored one; empty for none.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from training.strategy.training_settings import cost

GOES_ON = 3
"""One of so many."""
DEFAULT_RUNGS = (27, 9, 3, 1)
"""What the epochs are divided by."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A trial at a rung, or finished before it."""

    number: int
    value: str


def rungs_of(epochs: int) -> tuple[int, ...]:
    """Epochs done at which trials are compared, where nobody says otherwise; the last are all."""
    return tuple(sorted({math.ceil(epochs / part) for part in DEFAULT_RUNGS}))


def rung_faults(rungs: Sequence[int], epochs: int) -> list[str]:
    """In words; empty where trials of so many epochs can be compared there."""
    if not rungs:
        return ["must name at least one"]
    faults = []
    if min(rungs) < 1:
        faults.append("must be 1 or more")
    if list(rungs) != sorted(set(rungs)):
        faults.append("must rise")
    if rungs[-1] != epochs:
        faults.append(f"must end with the epochs, {epochs:,}, not with {rungs[-1]:,}")
    return faults


def best_first(trials: Iterable[Standing], monitored: str) -> list[Standing]:
    """Those that have a value; of equal ones that with the lower number is the better."""
    return sorted(
        (trial for trial in trials if trial.value),
        key=lambda trial: (cost(monitored, float.fromhex(trial.value)), trial.number),
    )


def going_on(trials: Iterable[Standing], monitored: str) -> list[Standing]:
    """The best of those that were compared at a rung, best first; none where none has a value."""
    ranked = best_first(trials, monitored)
    return ranked[: max(1, len(ranked) // GOES_ON)]

"""The returns on the validation part that a search keeps of its trials. Free of torch."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from checkpoints import rows
from operations.models import Operation
from training.evaluation import returns
from training.models import TrialReturns

Days = NDArray[np.int64]
Floats = NDArray[np.float64]


def keep(operation_id: str, *, epochs: int, earned: bytes) -> None:
    """Once for each number of epochs: who does it again has the same. In the transaction in which
    the trial holds there."""
    row = {"operation_id": operation_id, "epochs": epochs, "returns": earned}
    rows.insert_each(TrialReturns, [row], ignore_conflicts=True)


def at_first_rung(trials: Iterable[Operation]) -> dict[str, bytes]:
    """By its id, of each trial that came to one."""
    found = TrialReturns.objects.filter(operation__in=trials).order_by("-epochs")
    return {pk: bytes(kept) for pk, kept in found.values_list("operation_id", "returns")}


def at_last_rung(trial: Operation) -> bytes | None:
    found = TrialReturns.objects.filter(operation=trial).order_by("-epochs")
    kept = found.values_list("returns", flat=True).first()
    return None if kept is None else bytes(kept)


def side_by_side(kept: Iterable[bytes]) -> tuple[Days, Floats]:
    """The days on which any of them has a return, and [days, trials]: 0 where one has none, which
    holds no position then. Raises ValueError for what are no returns."""
    series = [returns.from_bytes(data) for data in kept]
    empty = np.empty(0, np.int64)
    days = np.unique(np.concatenate([empty, *(own for own, _ in series)]))
    table = np.zeros((len(days), len(series)))
    for number, (own, earned) in enumerate(series):
        table[np.searchsorted(days, own), number] = earned
    return days, table

"""Bars of one symbol at one timeframe, as arrays."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int64Array = NDArray[np.int64]
Float64Array = NDArray[np.float64]

VALUES = ("open", "high", "low", "close", "volume")
COLUMNS = ("times", *VALUES)
"""The arrays of bars."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """
    Bars in time order, each time once; all arrays (`COLUMNS`) are of shape [rows].

    Prices are positive and finite, volumes at least 0.
    """

    times: Int64Array
    """Opens of the bars, Unix seconds, UTC."""

    open: Float64Array
    high: Float64Array
    low: Float64Array
    close: Float64Array
    volume: Float64Array
    """0 where the source has none."""

    day_ends: int = 0
    """Of bars of a day or longer: seconds after midnight UTC at which the days that they are dated
    by have ended where they are traded, 18,000 of New York. Not of bars with a clock of their own.
    """

    day_closes: int = 0
    """Likewise, 0 or less: when the first of those days had ended already, -32,400 of Tokyo. Until
    `day_ends` nobody sees them, and what they see of others' time ends here.
    """

    def __len__(self) -> int:
        return self.times.size

    def fingerprint(self) -> str:
        """
        SHA-256 over the little-endian bytes of times, open, high, low, close and volume.

        Days that end before or after midnight UTC are other bars than days that end with it: the
        same prices are known later, or beside less.
        """
        return self._fingerprint  # computed once: nothing changes bars

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for name in COLUMNS:
            array = getattr(self, name)
            digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)
        if self.day_ends:
            digest.update(f"day_ends {self.day_ends}".encode())
        if self.day_closes:
            digest.update(f"day_closes {self.day_closes}".encode())
        return digest.hexdigest()

    def between(self, start: int | None, end: int | None) -> "Bars":
        """The bars whose opens lie from start to end, both Unix seconds and inclusive."""
        first = 0 if start is None else int(np.searchsorted(self.times, start, "left"))
        last = len(self) if end is None else int(np.searchsorted(self.times, end, "right"))
        return self.rows(slice(first, max(first, last)))

    def followed_by(self, later: "Bars") -> "Bars":
        """These and later ones, which begin after these end; days end as those of both do."""
        if not len(later):
            return self
        both: dict[str, Any] = {
            name: np.concatenate((getattr(self, name), getattr(later, name))) for name in COLUMNS
        }
        return Bars(**both).with_days_of(self, later)

    def with_days_of(self, *others: "Bars") -> "Bars":
        """Days end with the latest of the others', and had ended with the earliest of them."""
        return replace(
            self,
            day_ends=max(other.day_ends for other in others),
            day_closes=min(other.day_closes for other in others),
        )

    def has_rows_of(self, other: "Bars") -> bool:
        """Whether times, prices and volumes are the same, whenever days end."""
        return len(self) == len(other) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in COLUMNS
        )

    def rows(self, rows: slice) -> "Bars":
        """Some of the bars; the arrays are views."""
        if rows.indices(len(self)) == (0, len(self), 1):
            return self
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})

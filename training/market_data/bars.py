"""Bars of one symbol at one timeframe, as arrays."""

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Int64Array = NDArray[np.int64]
Float64Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """
    Bars in time order, each time once; all arrays are of shape [rows].

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

    def __len__(self) -> int:
        return self.times.size

    def fingerprint(self) -> str:
        """SHA-256 over the little-endian bytes of times, open, high, low, close and volume."""
        return self._fingerprint  # computed once: nothing changes bars

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for column in fields(self):
            array = getattr(self, column.name)
            digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)
        return digest.hexdigest()

    def between(self, start: int | None, end: int | None) -> "Bars":
        """The bars whose opens lie from start to end, both Unix seconds and inclusive."""
        first = 0 if start is None else int(np.searchsorted(self.times, start, "left"))
        last = len(self) if end is None else int(np.searchsorted(self.times, end, "right"))
        return self.rows(slice(first, max(first, last)))

    def followed_by(self, later: "Bars") -> "Bars":
        """These and later ones, which begin after these end."""
        if not len(later):
            return self
        both = {
            column.name: np.concatenate((getattr(self, column.name), getattr(later, column.name)))
            for column in fields(self)
        }
        return Bars(**both)

    def rows(self, rows: slice) -> "Bars":
        """Some of the bars; the arrays are views."""
        if rows.indices(len(self)) == (0, len(self), 1):
            return self
        return Bars(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})

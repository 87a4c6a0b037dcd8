"""The outcome of labelling one symbol's bars."""

from dataclasses import dataclass

import numpy as np

from training.features.arrays import BoolArray, Float64Array, Int64Array

BUY, HOLD, SELL = 0, 1, 2
NO_LABEL = -1


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Labels of one symbol's bars and when each of them was known."""

    values: Int64Array | Float64Array
    """[bars]: 0 buy, 1 hold, 2 sell and -1 for none; or the forward return and NaN for none."""

    end_rows: Int64Array
    """[bars]: the last bar that the label looks at; -1 for none."""

    @property
    def defined(self) -> BoolArray:
        return self.end_rows >= 0

    def only(self, rows: BoolArray) -> "Labels":
        """Return these labels without those on other rows."""
        values, end_rows = self.values.copy(), self.end_rows.copy()
        values[~rows] = np.nan if values.dtype.kind == "f" else NO_LABEL
        end_rows[~rows] = NO_LABEL
        return Labels(values=values, end_rows=end_rows)

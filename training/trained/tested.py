"""Which bars a model was tested on, and which it was fitted on. Free of torch."""

import numpy as np

from training.features.arrays import BoolArray
from training.features.history import History
from training.features.splits import cut
from training.strategy import Strategy
from training.strategy.data_split import RangeSplit


def flat_rows(strategy: Strategy, history: History, test_since: int) -> list[int]:
    """The rows before which the position is flat: the first row, and the first of each test run.

    `test_since` is the first bar of the test part, Unix seconds.
    """
    split = strategy.training.data_split
    if not isinstance(split, RangeSplit):
        return [0, int(np.searchsorted(history.times, test_since))]
    rows = cut([history.periods], split)["test"].rows(history.periods)
    rows = rows[history.times[rows] >= test_since]
    begins = np.diff(rows, prepend=-1) != 1
    return [0, *rows[begins].tolist()]


def fitted_rows(strategy: Strategy, history: History, test_since: int) -> BoolArray:
    """[rows]: those up to the last that training or validation looked at, except for test rows."""
    split = strategy.training.data_split
    if not isinstance(split, RangeSplit):
        return history.times < test_since
    parts = cut([history.periods], split)
    used = np.concatenate([parts[name].rows(history.periods) for name in ("train", "validation")])
    fitted = np.zeros(history.times.size, np.bool_)
    if used.size:
        fitted[: used.max() + 1 + strategy.training.label_reach] = True
    fitted[parts["test"].rows(history.periods)] = False
    return fitted

"""What the kernel reads and writes of fuzzy sets that are learned; free of numba."""

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.features.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from training.trainer.engines.native.room import room, whole

Unsigned = NDArray[np.uint64]
"""Of places: one that might count from the end keeps a loop from becoming vector code."""

if TYPE_CHECKING:
    from training.features.learned_sets import Layout

CORNERS, PARTS, SUMS = 4, 3, 6


class Sets(NamedTuple):
    """M memberships with Q parameters, before the first layer; empty where none is learned.

    Parameters, gradient and what the optimizer remembers are the first Q of the whole network's.
    """

    parameters: Float32Array  # [Q]
    gradient: Float32Array  # [Q]
    first: Float32Array  # [Q], of the optimizer, as in `Memory`
    second: Float32Array  # [Q]
    raw: Int64Array  # [raw inputs, 2]: column, and which input
    column: Unsigned  # [M]
    place: Int64Array  # [M]: which input
    is_gaussian: BoolArray  # [M]
    corners: Float64Array  # [M, 4]: of the file
    support: Float64Array  # [M]
    widths: Float64Array  # [M, 3]: left flank, half the plateau, right flank; or sigma
    shift: Int64Array  # [M]: which parameter
    stretch: Int64Array  # [M, 3]: which parameters, ABSENT where there is none
    low: Float32Array  # [Q]
    high: Float32Array  # [Q]
    pull: Float32Array  # [Q]: rate x pull
    ends: Int64Array  # [rates]: where parameters with one rate end
    rates: Float64Array
    runs: Unsigned  # [runs, 3]: first, number and first input of memberships beside each other
    bells: Int64Array  # which of them are gaussian
    drawn: Float32Array  # [4, M], of this step: b, slope before it, c, slope after it; of a bell
    # its centre and 1 / sigma
    sums: Float32Array  # [6, M]: errors in flanks, left, times memberships, right, likewise; bells
    wider: Float64Array  # [3]: of one membership, by part
    columns: Float32Array  # [length * rows, columns]: of the batch
    values: Float32Array  # [length * rows, M]: of each membership's column
    errors: Float32Array  # [length * rows, inputs and what fills vectors]: the loss's slope by them


def new_sets(
    layout: "Layout",
    order: Int64Array,
    columns: int,
    items: int,
    state: tuple[Float32Array, Float32Array, Float32Array, Float32Array],
) -> Sets:
    """Room for batches of `items` rows of so many columns; `state` are the whole network's
    parameters, gradient, and what the optimizer remembers of them.

    `order` is that of `training.trainer.learned_sets.LearnedSets`.
    """
    count = layout.num_parameters
    parameters, gradient, first, second = (values[:count] for values in state)
    is_raw = order < columns
    raw = np.stack([order[is_raw], np.flatnonzero(is_raw)], axis=1)
    runs = [len(list(run)) for _, run in groupby(layout.rate.tolist())]
    ends = np.cumsum(runs, dtype=np.int64)
    return Sets(
        parameters=parameters,
        gradient=gradient,
        first=first,
        second=second,
        raw=np.ascontiguousarray(raw),
        column=layout.column.astype(np.uint64),
        place=np.flatnonzero(~is_raw),
        is_gaussian=layout.is_gaussian,
        corners=np.ascontiguousarray(layout.corners),
        support=layout.support,
        widths=np.ascontiguousarray(layout.widths),
        shift=layout.shift,
        stretch=layout.stretch,
        low=layout.low,
        high=layout.high,
        pull=layout.rate * layout.pull,
        ends=ends,
        rates=layout.rate[ends - 1].astype(np.float64),
        runs=_runs(np.flatnonzero(~is_raw)),
        bells=np.flatnonzero(layout.is_gaussian),
        drawn=room(CORNERS, len(layout.column)),
        sums=room(SUMS, len(layout.column)),
        wider=np.empty(PARTS),
        columns=room(items, columns),
        values=room(items, len(layout.column)),
        errors=room(items, whole(len(order))),
    )


def _runs(places: Int64Array) -> Unsigned:
    """Memberships whose inputs lie beside each other."""
    starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
    counts = np.diff(starts, append=places.size)
    return np.stack([starts, counts, places[starts]], axis=1).astype(np.uint64)


def no_sets() -> Sets:
    """Of a network whose inputs are columns."""
    floats, doubles = np.zeros(0, np.float32), np.zeros(0)
    integers, members = np.zeros(0, np.int64), np.zeros((0, CORNERS))
    return Sets(
        parameters=floats,
        gradient=floats,
        first=floats,
        second=floats,
        raw=np.zeros((0, 2), np.int64),
        column=np.zeros(0, np.uint64),
        place=integers,
        is_gaussian=np.zeros(0, np.bool_),
        corners=members,
        support=doubles,
        widths=np.zeros((0, PARTS)),
        shift=integers,
        stretch=np.zeros((0, PARTS), np.int64),
        low=floats,
        high=floats,
        pull=floats,
        ends=integers,
        rates=doubles,
        runs=np.zeros((0, 3), np.uint64),
        bells=integers,
        drawn=np.zeros((CORNERS, 0), np.float32),
        sums=np.zeros((SUMS, 0), np.float32),
        wider=doubles,
        columns=np.zeros((0, 0), np.float32),
        values=np.zeros((0, 0), np.float32),
        errors=np.zeros((0, 0), np.float32),
    )

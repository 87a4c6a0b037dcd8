"""What a finished dataset says about the strategy: balance of the labels, and warnings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from training.compilation import compiled
from training.features.arrays import Float32Array, Int64Array
from training.features.errors import MissingClass
from training.features.history import History
from training.features.learned_sets import Inputs
from training.features.matrix import BLOCK_ROWS
from training.features.targets import Targets

RARE_ONE_IN = 100  # rows: a class on fewer is hardly learned, a set that leaves out more is hardly
# there. A whole number, for 0.01 * 700 is not 7.


UNSCORED_SYMBOL = "unscored_symbol"


@dataclass(frozen=True, kw_only=True)
class DatasetWarning:
    """Something that can be trained, but hardly as it was meant."""

    code: str
    """constant_feature, uncovered_fuzzy_set, rare_class, unscored_symbol or dropped_rows."""

    subject: str
    """Id of the feature, the fuzzy set (`1d_momentum`), the class, the symbol or the bars
    (`EURUSD/5m`)."""

    message: str


def count_samples(targets: Targets, class_names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the number of samples of each class in each part; of a regression, of each part."""
    if not class_names:
        return {part: {"samples": rows.size} for part, rows in targets.samples.items()}
    counts = {
        part: np.bincount(targets.labels[rows].astype(np.int64), minlength=len(class_names))
        for part, rows in targets.samples.items()
    }
    return {
        part: dict(zip(class_names, count.tolist(), strict=True)) for part, count in counts.items()
    }


def check_classes(training: Mapping[str, int]) -> list[DatasetWarning]:
    """Warn of classes under 1 % of the training part.

    Raises:
        MissingClass: the training part lacks a class.
    """
    total = sum(training.values())
    missing = [name for name, count in training.items() if count == 0]
    if missing:
        shown = ", ".join(f"{name} {count:,}" for name, count in training.items())
        raise MissingClass(missing=" and ".join(missing), balance=shown)
    return [
        DatasetWarning(
            code="rare_class",
            subject=name,
            message=f"Class {name} is {count:,} of {total:,} training rows ({count / total:.2%}): "
            "class weights would let these few rows rule the loss.",
        )
        for name, count in training.items()
        if RARE_ONE_IN * count < total
    ]


def unscored_symbols(
    symbol_samples: Mapping[str, Mapping[str, int]],
) -> list[DatasetWarning]:
    """Warn of symbols without a sample in the validation or the test part."""
    return [
        DatasetWarning(
            code=UNSCORED_SYMBOL,
            subject=symbol,
            message=f"{symbol} has no sample in the {' and the '.join(without)} part: what is "
            "scored there leaves it out.",
        )
        for symbol, samples in symbol_samples.items()
        if (without := [part for part in ("validation", "test") if not samples[part]])
    ]


def dropped_rows(histories: Iterable[History]) -> list[DatasetWarning]:
    """Warn of rows on which a finer timeframe has no bar that is new enough."""
    return [
        DatasetWarning(
            code="dropped_rows",
            subject=f"{history.symbol}/{timeframe}",
            message=f"On {count:,} of {history.times.size:,} rows of {history.symbol} no "
            f"{timeframe} bar had closed within the {history.base} before the row's end: they are "
            "dropped, neither trained nor decided on, and a position stands on them.",
        )
        for history in histories
        for timeframe in history.missing
        if (count := history.num_dropped(timeframe))
    ]


def constant_features(
    matrix: Float32Array, training_rows: Int64Array, inputs: Inputs
) -> list[DatasetWarning]:
    """Warn of features that have one value on all training rows."""
    features, values = inputs.features, inputs(matrix[training_rows[:1]])[0]
    constant = np.ones(len(features), np.bool_)
    for first in range(0, training_rows.size, BLOCK_ROWS):
        block = inputs(matrix[training_rows[first : first + BLOCK_ROWS]])
        constant &= (block == values).all(axis=0)
        if not constant.any():
            return []
    return [
        DatasetWarning(
            code="constant_feature",
            subject=features[column].id,
            message=f"{features[column].id} is {values[column]:g} on every "
            "training row: it tells the network nothing.",
        )
        for column in np.flatnonzero(constant).tolist()
    ]


def uncovered_sets(matrix: Float32Array, inputs: Inputs) -> list[DatasetWarning]:
    """Warn of fuzzy sets that say nothing, all memberships 0, on more than 1 % of the rows."""
    features = inputs.features
    columns = range(len(features))
    groups = [
        (name, list(group)) for name, group in groupby(columns, lambda k: features[k].fuzzy_set)
    ]
    sets = {name: (group[0], group[-1] + 1) for name, group in groups if name}
    if not sets:
        return []
    bounds = np.array(list(sets.values()))
    counts = np.zeros(len(sets), np.int64)
    for first in range(0, len(matrix), BLOCK_ROWS):
        counts += _count_uncovered(inputs(matrix[first : first + BLOCK_ROWS]), bounds)
    return [
        DatasetWarning(
            code="uncovered_fuzzy_set",
            subject=name,
            message=f"All memberships of {name} are 0 on {count / len(matrix):.1%} of the rows: "
            "its values lie outside all of them there.",
        )
        for name, count in zip(sets, counts.tolist(), strict=True)
        if RARE_ONE_IN * count > len(matrix)
    ]


@compiled
def _count_uncovered(matrix: Float32Array, bounds: Int64Array) -> Int64Array:
    """Return for each set, columns bounds[set, 0] to bounds[set, 1], the rows that are all 0."""
    counts = np.zeros(len(bounds), np.int64)
    for row in range(len(matrix)):
        for group in range(len(bounds)):
            covered = False
            for column in range(bounds[group, 0], bounds[group, 1]):
                covered |= matrix[row, column] != 0.0
            counts[group] += not covered
    return counts

"""The medians of what a model was trained on: what stands for "an ordinary value" of an input."""

from collections.abc import Mapping, Sequence

import numpy as np

from training.errors import TrainingBarsGone
from training.explaining.groups import groups_of
from training.features.arrays import Float32Array
from training.features.matrix import FeatureColumns, fill_column
from training.features.normalization import Scaling
from training.features.plan import Feature
from training.features.splits import cut
from training.models import TrainedModel
from training.strategy import Strategy
from training.trained.account import histories_of
from training.trained.bundle_reader import TrainedNetwork

Medians = Mapping[str, float]
"""By `Feature.source`."""


def medians_of(
    model: TrainedModel, network: TrainedNetwork, features: Sequence[Feature], symbol: str
) -> Medians:
    """Of a symbol's training rows, from the bundle; of one that has none, from the bars.

    Raises:
        TrainingBarsGone: those are no longer the bars that it was trained on.
        MarketDataMissing: there are none.
    """
    kept: Mapping[str, Medians] | None = network.manifest.get("medians")
    if kept is not None:
        return kept[symbol]
    strategy = Strategy.from_snapshot(network.manifest["strategy"])
    histories = histories_of(model, network, strategy, gone=TrainingBarsGone)
    parts = cut([history.periods for history in histories], strategy.training.data_split)
    history = next(own for own in histories if own.symbol == symbol)
    rows = parts["train"].rows(history.periods)
    return FeatureColumns(strategy, history, features).medians(rows)


def median_columns(
    features: Sequence[Feature], medians: Medians, scalings: Mapping[str, Scaling]
) -> Float32Array:
    """[columns]: what the features make of the medians, as of any other values."""
    row = np.empty(len(features), np.float32)
    for column, feature in enumerate(features):
        values = np.array([medians[feature.source]])
        fill_column(feature, values, scalings, row[column : column + 1])
    return row


def at_medians(
    window: Float32Array, features: Sequence[Feature], ordinary: Float32Array
) -> Float32Array:
    """[groups + 2, rows, columns]: a window [rows, columns] as it is; with each group of inputs at
    its medians, `ordinary` [columns], on every row; and with all of them there."""
    groups = groups_of(features)
    windows = np.repeat(window[None], len(groups) + 2, axis=0)
    for number, group in enumerate(groups, start=1):
        columns = list(group.columns)
        windows[number][:, columns] = ordinary[columns]
    windows[-1] = ordinary
    return windows

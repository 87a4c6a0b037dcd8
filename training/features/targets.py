"""Labels, weights and samples of all symbols, in the dataset's row numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.features.arrays import BoolArray, Float32Array, Int64Array
from training.features.coverage import choose_samples, latest_samples, require_labels
from training.features.history import History
from training.features.labels.labelling import label_bars, label_events
from training.features.labels.outcome import Labels
from training.features.labels.uniqueness import average_uniqueness
from training.features.splits import Part, refuse_empty_parts
from training.strategy import Strategy
from training.strategy.labels import TripleBarrier


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What is to be predicted, and where."""

    labels: Int64Array | Float32Array
    """[rows]: class numbers, or forward returns; -1 or NaN on rows without a label."""

    weights: Float32Array | None
    """[rows]: average uniqueness of the training samples, 0 elsewhere; None if not asked for."""

    samples: Mapping[str, Int64Array]
    """Row numbers by part, ascending."""

    symbol_samples: Mapping[str, Mapping[str, int]]
    """How many of them each symbol has: by symbol, then part."""

    test_bars: Int64Array
    """[bars]: row numbers of the whole test part, ascending."""

    events: BoolArray
    """[rows]: whether a decision is made on the row."""


def build_targets(
    strategy: Strategy, histories: Sequence[History], parts: Mapping[str, Part]
) -> Targets:
    """Label the rows of all symbols, one symbol after another, and choose each part's samples.

    Raises:
        TooFewEvents: a symbol has bars to train on, and hardly a label on them.
        EmptyPart: no row is left in a part.
    """
    labels = [row_labels(strategy, history) for history in histories]
    firsts = np.cumsum([0, *(history.times.size for history in histories)])
    chosen = choose_samples(strategy, histories, labels, parts)
    symbol_samples = {
        history.symbol: {name: chosen[name][number].size for name in parts}
        for number, history in enumerate(histories)
    }
    rows = {name: _shifted(of_symbols, firsts) for name, of_symbols in chosen.items()}
    if any(rows.size for rows in latest_samples(strategy, histories, parts)["train"]):
        require_labels(symbol_samples)
    refuse_empty_parts(
        {name: own.size for name, own in rows.items()},
        [history.times for history in histories],
        sequence_length=strategy.sequence_length,
    )
    values = np.concatenate([own.values for own in labels])
    return Targets(
        labels=values if strategy.output_format == "classification" else values.astype(np.float32),
        weights=_weights(strategy, labels, chosen["train"]),
        samples=rows,
        symbol_samples=symbol_samples,
        test_bars=_shifted([parts["test"].rows(history.periods) for history in histories], firsts),
        events=np.concatenate([decision_events(strategy, history) for history in histories]),
    )


def decision_events(strategy: Strategy, history: History) -> BoolArray:
    """Return on which rows of a symbol a decision is made.

    The labels are sampled at them, wherever one is known yet, and a whole window ends there.
    """
    events = label_events(strategy.training.labels, history.bars[history.base])[history.first_row :]
    events[: strategy.sequence_length - 1] = False
    return events & history.whole_windows(strategy.sequence_length)


def row_labels(strategy: Strategy, history: History) -> Labels:
    """Label all base bars, warm-up included, and keep the rows; end rows count from the first."""
    of_bars = label_bars(strategy.training.labels, history.bars[history.base])
    end_rows = of_bars.end_rows[history.first_row :]
    return Labels(
        values=of_bars.values[history.first_row :],
        end_rows=np.where(end_rows >= 0, end_rows - history.first_row, end_rows),
    )


def _shifted(of_symbols: Sequence[Int64Array], firsts: Int64Array) -> Int64Array:
    return np.concatenate([rows + first for rows, first in zip(of_symbols, firsts, strict=False)])


def _weights(
    strategy: Strategy, labels: Sequence[Labels], training: Sequence[Int64Array]
) -> Float32Array | None:
    section = strategy.training.labels
    if not (isinstance(section, TripleBarrier) and section.compute_weights):
        return None
    weights = [np.zeros(own.values.size, np.float32) for own in labels]
    for own, weight, rows in zip(labels, weights, training, strict=True):
        weight[rows] = average_uniqueness(rows, own.end_rows[rows])
    return np.concatenate(weights)

"""Whether every symbol of a strategy is trained on; cheap, for it looks at bar times alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from training.features.arrays import Int64Array
from training.features.errors import TooFewEvents, TooFewTrainingRows
from training.features.history import History
from training.features.labels.outcome import Labels
from training.features.purging import Labelled, purged_samples
from training.features.splits import Part, cut, samples
from training.strategy import Strategy
from training.strategy.data_split import RangeSplit

LEAST_TRAINING_ROWS = 30  # fewer give no scale to speak of, and hardly one row of each class


def require_training_rows(
    strategy: Strategy, histories: Sequence[History], parts: Mapping[str, Part] | None = None
) -> dict[str, list[Int64Array]]:
    """Refuse a strategy that names a symbol which it would not train on; else `latest_samples`.

    A training row is one on which the indicators have settled, a whole window ends, and whose label
    ends within the training part however late it is decided. `parts` are those of `cut`, if known.

    Raises:
        TooFewTrainingRows: with every such symbol. Not where no symbol has a row: `EmptyPart` is.
    """
    if parts is None:
        parts = cut([history.periods for history in histories], strategy.training.data_split)
    found = latest_samples(strategy, histories, parts)
    counts = {
        history.symbol: rows.size for history, rows in zip(histories, found["train"], strict=True)
    }
    few = _few(counts)
    if few and any(counts.values()):
        raise TooFewTrainingRows(
            **_words(few),
            cut=f"{datetime.fromtimestamp(parts['train'].end, UTC):%Y-%m-%d}",
            horizon=strategy.training.labels.horizon,
        )
    return found


def require_labels(symbol_samples: Mapping[str, Mapping[str, int]]) -> None:
    """Refuse symbols on whose training rows hardly a label was found; by symbol, then part.

    Raises:
        TooFewEvents: with every such symbol.
    """
    few = _few({symbol: samples["train"] for symbol, samples in symbol_samples.items()})
    if few:
        raise TooFewEvents(**_words(few))


def latest_samples(
    strategy: Strategy, histories: Sequence[History], parts: Mapping[str, Part]
) -> dict[str, list[Int64Array]]:
    """Return what `choose_samples` does whatever the labels turn out to be: by the times of bars
    alone, as if every row had a label, which ends as late as it can."""
    latest = [_labels_that_end_late(strategy, history) for history in histories]
    return choose_samples(strategy, histories, latest, parts)


def _labels_that_end_late(strategy: Strategy, history: History) -> Labels:
    split, count = strategy.training.data_split, history.times.size
    reach = strategy.training.labels.horizon if split.purge == "auto" else split.purge
    ends = np.arange(count) + reach
    ends[max(0, count - reach) :] = -1
    return Labels(values=np.zeros(count, np.int64), end_rows=ends)


def choose_samples(
    strategy: Strategy,
    histories: Sequence[History],
    labels: Sequence[Labels],
    parts: Mapping[str, Part],
) -> dict[str, list[Int64Array]]:
    """Return the rows that each part is trained or scored on: by part, then symbol, ascending.

    `labels` are of the symbols' rows.
    """
    split, length = strategy.training.data_split, strategy.sequence_length
    purge_bars = None if split.purge == "auto" else split.purge
    if isinstance(split, RangeSplit):
        chosen = purged_samples(
            [
                Labelled(times=history.periods, labels=own)
                for history, own in zip(histories, labels, strict=True)
            ],
            parts,
            purge_bars=purge_bars,
            embargo=split.embargo,
            sequence_length=length,
        )
    else:
        chosen = {
            name: [
                samples(
                    history.periods,
                    own,
                    part.runs[0],
                    purge_bars=purge_bars,
                    sequence_length=length,
                )
                for history, own in zip(histories, labels, strict=True)
            ]
            for name, part in parts.items()
        }
    whole = [history.whole_windows(length) for history in histories]
    return {
        name: [rows[own[rows]] for rows, own in zip(of_symbols, whole, strict=True)]
        for name, of_symbols in chosen.items()
    }


def _few(counts: Mapping[str, int]) -> dict[str, int]:
    return {symbol: count for symbol, count in counts.items() if count < LEAST_TRAINING_ROWS}


def _words(few: Mapping[str, int]) -> dict[str, Any]:
    return {
        "symbols": " and ".join(few),
        "counts": ", ".join(f"{symbol} has {count}" for symbol, count in few.items()),
        "least": LEAST_TRAINING_ROWS,
    }

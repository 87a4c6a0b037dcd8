"""Whether every symbol of a strategy is trained on; cheap, for it looks at bar times alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from training.features.errors import TooFewEvents, TooFewTrainingRows
from training.features.history import History
from training.features.splits import Part, cut
from training.strategy import Strategy

LEAST_TRAINING_ROWS = 30  # fewer give no scale to speak of, and hardly one row of each class


def require_training_rows(
    strategy: Strategy, histories: Sequence[History], parts: Mapping[str, Part] | None = None
) -> None:
    """Refuse a strategy that names a symbol which it would not train on.

    A training row is one on which the indicators have settled, a whole window ends, and whose label
    ends within the training part however late it is decided. `parts` are those of `cut`, if known.

    Raises:
        TooFewTrainingRows: with every such symbol. Not where no symbol has a row: `EmptyPart` is.
    """
    if parts is None:
        parts = cut([history.periods for history in histories], strategy.training.data_split)
    training = parts["train"]
    counts = {history.symbol: training_rows(strategy, history, training) for history in histories}
    few = _few(counts)
    if few and any(counts.values()):
        raise TooFewTrainingRows(
            **_words(few),
            cut=f"{datetime.fromtimestamp(training.end, UTC):%Y-%m-%d}",
            horizon=strategy.training.labels.horizon,
        )


def require_labels(symbol_samples: Mapping[str, Mapping[str, int]]) -> None:
    """Refuse symbols on whose training rows hardly a label was found; by symbol, then part.

    Raises:
        TooFewEvents: with every such symbol.
    """
    few = _few({symbol: samples["train"] for symbol, samples in symbol_samples.items()})
    if few:
        raise TooFewEvents(**_words(few))


def training_rows(strategy: Strategy, history: History, training: Part) -> int:
    """Return how many rows of a symbol can be trained on, whatever their labels turn out to be."""
    rows = training.rows(history.periods)
    purge = strategy.training.data_split.purge
    reach = strategy.training.labels.horizon if purge == "auto" else purge
    num_windows: int = rows.stop - rows.start - strategy.sequence_length + 1
    num_whole = int(history.whole_windows(strategy.sequence_length)[rows].sum())
    return max(0, min(num_whole, num_windows) - reach)


def _few(counts: Mapping[str, int]) -> dict[str, int]:
    return {symbol: count for symbol, count in counts.items() if count < LEAST_TRAINING_ROWS}


def _words(few: Mapping[str, int]) -> dict[str, Any]:
    return {
        "symbols": " and ".join(few),
        "counts": ", ".join(f"{symbol} has {count}" for symbol, count in few.items()),
        "least": LEAST_TRAINING_ROWS,
    }

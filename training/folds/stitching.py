"""What all folds decided, put together: positions on every test bar, and what they earned.

Of a walk-forward it is one account: a window takes over the positions that the one before it held,
and pays for what it changes. Of a cross-validation each path is one: each group by a fold that was
not trained on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation import returns
from training.evaluation.backtest import grown
from training.evaluation.evaluation import Evaluation, Evaluator
from training.evaluation.fold_predictions import FoldPredictions
from training.features.dataset import Dataset
from training.features.history import History
from training.features.splits import Part, Run
from training.features.targets import decision_events, row_labels
from training.strategy import Strategy
from training.strategy.values import CLASSES


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of test bars, and what the fold said that decides there."""

    run: Run
    said: FoldPredictions


@dataclass(frozen=True, kw_only=True)
class Account:
    """What decisions of several folds earned, as if one strategy had made them."""

    evaluation: Evaluation
    times: NDArray[np.int64]
    """[periods]: when each begins, Unix seconds."""
    equity: NDArray[np.float64]
    """[periods]: what 1 has become after each."""


class Bars:
    """The rows of all symbols, and no features: what an evaluation needs."""

    def __init__(self, strategy: Strategy, histories: Sequence[History]) -> None:
        self.strategy = strategy
        self._histories = histories
        self._firsts = np.cumsum([0, *(history.times.size for history in histories)])
        self._labels = [row_labels(strategy, history) for history in histories]
        self._events = [decision_events(strategy, history) for history in histories]

    def rows(self, part: Part) -> NDArray[np.int64]:
        """All of a part, in the dataset's row numbers."""
        return self._numbered([part.rows(history.periods) for history in self._histories])

    def rows_at(self, said: FoldPredictions) -> NDArray[np.int64]:
        """[decisions]: of which rows a fold said something, likewise."""
        numbered = np.empty(said.times.size, np.int64)
        for number, history in enumerate(self._histories):
            own = said.symbols == number
            numbered[own] = self._firsts[number] + np.searchsorted(history.times, said.times[own])
        return numbered

    def dataset(self, part: Part) -> Dataset:
        """With this as its test part."""
        rows = [part.rows(history.periods) for history in self._histories]
        scored = [
            own[labels.defined[own] & events[own]]
            for own, labels, events in zip(rows, self._labels, self._events, strict=True)
        ]
        names = tuple(history.symbol for history in self._histories)
        is_classes = self.strategy.output_format == "classification"
        values = np.concatenate([labels.values for labels in self._labels])
        lengths = [history.times.size for history in self._histories]
        return Dataset(
            features=np.empty((values.size, 0), np.float32),
            labels=values if is_classes else values.astype(np.float32),
            weights=None,
            times=np.concatenate([history.times for history in self._histories]),
            symbols=np.repeat(np.arange(len(names), dtype=np.int16), lengths),
            open=np.concatenate([history.rows.open for history in self._histories]),
            close=np.concatenate([history.rows.close for history in self._histories]),
            train=np.empty(0, np.int64),
            validation=np.empty(0, np.int64),
            test=self._numbered(scored),
            test_bars=self._numbered(rows),
            events=np.concatenate(self._events),
            sequence_length=self.strategy.sequence_length,
            symbol_names=names,
            feature_ids=(),
            class_names=CLASSES if is_classes else (),
            normalization={},
            fitted_ranges={},
            outside_range={},
            medians={},
            symbol_samples={
                name: {"test": own.size} for name, own in zip(names, scored, strict=True)
            },
            label_balance={},
            data_fingerprints={},
            data_ranges={},
            warnings=(),
        )

    def _numbered(self, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        """In the dataset's row numbers."""
        return np.concatenate([own + first for own, first in zip(rows, self._firsts, strict=False)])


class Stitching:
    """Of these runs together; those that follow each other at once are one run."""

    def __init__(self, bars: Bars, runs: Sequence[Run]) -> None:
        self._bars = bars
        self._evaluator = Evaluator(bars.strategy, bars.dataset(_joined(runs)))

    def account(self, pieces: Sequence[Piece]) -> Account:
        """
        Args:
            pieces: one of each run.

        Raises:
            ValueError: a bar is decided on twice, or not at all.
        """
        by = _gathered(self._bars, self._evaluator.decided, pieces)
        report = self._evaluator.report(by)
        times, earned = returns.from_bytes(report.returns)
        return Account(evaluation=report, times=times, equity=grown(earned))


def _joined(runs: Sequence[Run]) -> Part:
    joined: list[Run] = []
    for run in sorted(runs, key=lambda run: run.first):
        goes_on = bool(joined) and joined[-1].end == run.first
        first = joined.pop().first if goes_on else run.first
        joined.append(Run(first=first, end=run.end))
    return Part(tuple(joined))


def _gathered(
    bars: Bars, decided: NDArray[np.int64], pieces: Sequence[Piece]
) -> Mapping[str, NDArray[np.float64]]:
    """Predictions of the rows that are decided on, by who made them."""
    rows, kept = [], []
    for piece in pieces:
        of_piece = bars.rows_at(piece.said)
        own = np.isin(of_piece, bars.rows(Part((piece.run,))))
        rows.append(of_piece[own])
        kept.append({name: values[own] for name, values in piece.said.by.items()})
    all_rows = np.concatenate(rows)
    order = np.argsort(all_rows, kind="stable")
    if not np.array_equal(all_rows[order], decided):
        raise ValueError(
            f"the folds decided on {all_rows.size:,} bars, and {decided.size:,} are to be"
        )
    return {name: np.concatenate([own[name] for own in kept])[order] for name in kept[0]}

"""From a strategy and its bars to a dataset."""

from collections.abc import Sequence

import numpy as np

from training.features.arrays import Float32Array, Float64Array
from training.features.coverage import require_training_rows
from training.features.dataset import Dataset
from training.features.history import (
    History,
    LoadBars,
    data_fingerprints,
    data_ranges,
    load_history,
)
from training.features.inspection import (
    check_classes,
    constant_features,
    count_samples,
    dropped_rows,
    uncovered_sets,
    unscored_symbols,
)
from training.features.learned_sets import Inputs
from training.features.matrix import build_matrix
from training.features.plan import plan_features
from training.features.progress import Progress, no_progress
from training.features.splits import cut
from training.features.targets import build_targets
from training.market_data import load_bars as load_imported_bars
from training.strategy import Strategy
from training.strategy.values import CLASSES


def build_dataset(
    strategy: Strategy,
    *,
    load_bars: LoadBars = load_imported_bars,
    progress: Progress = no_progress,
) -> Dataset:
    """Load the bars of a strategy's symbols and prepare everything that a training needs.

    `progress` is told what is being done, at least once for each symbol.

    Raises:
        DomainError: status 422; data is missing or too short, an indicator has no value after its
            settle length, a part is empty, or the training part lacks a class or rows of a symbol.
    """
    histories = load_histories(strategy, load_bars=load_bars, progress=progress)
    return build_from_histories(strategy, histories, progress=progress)


def load_histories(
    strategy: Strategy, *, load_bars: LoadBars, progress: Progress = no_progress
) -> tuple[History, ...]:
    """Load the bars of every symbol of a strategy; raises `DomainError` as `build_dataset`."""
    features = plan_features(strategy)
    histories = []
    for symbol in strategy.symbols:
        progress(f"Loading the bars of {symbol}")
        histories.append(load_history(strategy, symbol, features, load_bars))
    return tuple(histories)


def build_from_histories(
    strategy: Strategy, histories: Sequence[History], *, progress: Progress = no_progress
) -> Dataset:
    """Prepare what `build_dataset` does from bars that are already there."""
    features = plan_features(strategy)
    parts = cut([history.periods for history in histories], strategy.training.data_split)
    require_training_rows(strategy, histories, parts)
    targets = build_targets(strategy, histories, parts)
    class_names = CLASSES if strategy.output_format == "classification" else ()
    counts = count_samples(targets, class_names)
    class_warnings = check_classes(counts["train"]) if class_names else []
    matrix = build_matrix(strategy, histories, features, parts, progress)
    inputs = Inputs(features)
    return Dataset(
        features=matrix.values,
        labels=targets.labels,
        weights=targets.weights,
        times=np.concatenate([history.times for history in histories]),
        symbols=_symbol_numbers(histories),
        open=_prices(histories, "open"),
        close=_prices(histories, "close"),
        **targets.samples,
        test_bars=targets.test_bars,
        events=targets.events,
        sequence_length=strategy.sequence_length,
        symbol_names=strategy.symbols,
        feature_ids=tuple(feature.id for feature in features),
        class_names=class_names,
        normalization=matrix.normalization(),
        fitted_ranges=matrix.fitted_ranges(),
        outside_range=matrix.outside_range(),
        medians=matrix.medians,
        symbol_samples=targets.symbol_samples,
        label_balance=counts,
        data_fingerprints=data_fingerprints(histories),
        data_ranges=data_ranges(histories),
        warnings=(
            *class_warnings,
            *unscored_symbols(targets.symbol_samples),
            *dropped_rows(histories),
            *constant_features(matrix.values, targets.samples["train"], inputs),
            *uncovered_sets(_kept(matrix.values, histories), inputs),
        ),
    )


def _kept(matrix: Float32Array, histories: Sequence[History]) -> Float32Array:
    """The rows of a feature matrix that are not dropped; itself where none is."""
    kept = np.concatenate([history.whole_windows(1) for history in histories])
    return matrix if kept.all() else matrix[kept]


def _symbol_numbers(histories: Sequence[History]) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    numbers = np.arange(len(histories), dtype=np.int16)
    return np.repeat(numbers, [history.times.size for history in histories])


def _prices(histories: Sequence[History], column: str) -> Float64Array:
    return np.concatenate([getattr(history.rows, column) for history in histories])

"""What a trained model says of a symbol's bars. Free of torch: web processes predict, too.

The bars go through the feature code of the training, in the manifest's order and scaled as it says;
the weights through the reader that ships in every bundle.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from operations.errors import InvalidInput
from training.errors import SymbolNotTrained
from training.evaluation.decisions import FLAT, NO_DECISION, decide, deciding_row, positions
from training.features.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from training.features.errors import TooFewBars
from training.features.history import History, LoadBars, arrange
from training.features.matrix import FeatureColumns
from training.features.normalization import Scaling
from training.features.plan import Feature, plan_features
from training.features.targets import decision_events
from training.market_data import load_bars as load_imported_bars
from training.market_data.bars import Bars
from training.market_data.reading import read_bars
from training.market_data.report import as_text
from training.market_data.timeframes import resample
from training.strategy import Strategy
from training.strategy.values import CLASSES, Timeframe, first_second
from training.trained.bundle_reader import TrainedNetwork

DEFAULT_BARS = 30  # of a forecast that no date begins
BATCH_ROWS = 4096  # windows are copied, and widened to float64, so many at a time


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """One decision per bar, made at its close."""

    symbol: str
    timeframe: Timeframe
    class_names: tuple[str, ...]
    """By class number; empty for a regression."""

    times: Int64Array
    """[bars]: opens, Unix seconds."""

    outputs: Float64Array
    """[bars, classes]: probabilities; of a regression [bars]: predicted returns."""

    decisions: Int64Array
    """[bars]: class numbers, after confidence threshold or cost rule."""

    is_event: BoolArray
    """[bars]: whether the decision is acted on: all, or the CUSUM filter's events."""

    positions: Float64Array
    """[bars]: +1, 0 or -1, to be taken at the next open; carried over bars that are no event."""

    test_since: int
    """The first bar of the test part, Unix seconds: earlier ones were trained or validated on."""

    next_time: int | None
    """The first bar that the limit left out."""

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "test_since": as_text(self.test_since),
            "predictions": list(self.rows()),
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """Plain JSON, by bar."""
        for row, time in enumerate(self.times.tolist()):
            yield {
                "time": as_text(time),
                "decision": CLASSES[self.decisions[row]],
                "position": int(self.positions[row]),
                "is_event": bool(self.is_event[row]),
                **self._output(row),
            }

    def _output(self, row: int) -> dict[str, Any]:
        values = self.outputs[row].tolist()
        if not self.class_names:
            return {"predicted_return": values}
        return {"probabilities": dict(zip(self.class_names, values, strict=True))}


def forecast(
    network: TrainedNetwork,
    *,
    symbol: str | None = None,
    since: str | None = None,
    limit: int | None = None,
    load_bars: LoadBars = load_imported_bars,
) -> Forecast:
    """Decide on each bar from `since` on, an ISO date or UTC time; without, on the newest 30.

    `symbol` may be left out where the model was trained on one only; `limit` bounds the bars.

    Raises `InvalidInput`, `SymbolNotTrained`, and what data and features raise.
    """
    strategy = Strategy.from_snapshot(network.manifest["strategy"])
    known = _known_symbol(strategy, symbol)
    first_time = _seconds(since)
    features = _features(strategy, network.manifest["feature_ids"])
    scalings = _scalings(network.manifest, features, known)
    loaded = {name: load_bars(known, name) for name in strategy.timeframes}
    history = arrange(strategy, known, features, loaded)
    window = network.manifest["sequence_length"]
    rows = _wanted_rows(history, first_time, limit, window)
    test_since = network.manifest["evaluation"]["first_time"]
    flat_at = _flat_rows(history, test_since)
    events = decision_events(strategy, history)
    decided = slice(_first_decided(events, rows, flat_at), rows.stop)
    seen = slice(decided.start - window + 1, decided.stop)
    outputs = _outputs(network, _matrix(strategy, history, features, scalings, seen), window)
    decisions = decide(strategy, outputs)
    asked = slice(rows.start - decided.start, None)
    return Forecast(
        symbol=known,
        timeframe=strategy.base_timeframe,
        class_names=tuple(network.manifest["class_names"]),
        times=history.times[rows],
        outputs=outputs[asked],
        decisions=decisions[asked],
        is_event=events[rows],
        positions=_positions(strategy, decisions, events, decided, flat_at)[asked],
        test_since=test_since,
        next_time=int(history.times[rows.stop]) if rows.stop < history.times.size else None,
    )


def bars_of_file(network: TrainedNetwork, path: Path) -> LoadBars:
    """Load the bars of a file of the model's base timeframe; higher ones are resampled from it.

    Raises `MarketDataInvalid`.
    """
    base = Strategy.from_snapshot(network.manifest["strategy"]).base_timeframe
    bars, _ = read_bars(path, timeframe=base)

    def load(symbol: str, timeframe: Timeframe, *, end: int | None = None) -> Bars:
        known = bars.between(None, end)
        return known if timeframe == base else resample(known, source=base, target=timeframe)

    return load


def _known_symbol(strategy: Strategy, given: str | None) -> str:
    if given is not None:
        return given
    if len(strategy.symbols) > 1:
        known = ", ".join(strategy.symbols)
        raise InvalidInput(reason=f"The model was trained on {known}: say which symbol it is.")
    return strategy.symbols[0]


def _seconds(moment: str | None) -> int | None:
    try:
        return None if moment is None else first_second(moment)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(reason=f"since: {error}") from error


def _features(strategy: Strategy, feature_ids: Sequence[str]) -> tuple[Feature, ...]:
    """In the order of the network's inputs."""
    by_id = {feature.id: feature for feature in plan_features(strategy)}
    return tuple(by_id[feature_id] for feature_id in feature_ids)


def _scalings(
    manifest: Mapping[str, Any], features: Sequence[Feature], symbol: str
) -> dict[str, Scaling]:
    """Of each raw input, by feature id: as fitted in training, or of an unscaled input none."""
    fitted = manifest["normalization"]
    if symbol in fitted:
        return {name: Scaling(**values) for name, values in fitted[symbol].items()}
    if scaled := [feature.id for feature in features if feature.normalization != "none"]:
        known, names = ", ".join(fitted), ", ".join(scaled)
        raise SymbolNotTrained(known=known, symbol=symbol, features=names)
    return {feature.id: Scaling(method="none") for feature in features}


def _wanted_rows(history: History, since: int | None, limit: int | None, window: int) -> slice:
    """Rows to decide on, each with a whole window up to it."""
    times = history.times
    if times.size < window:
        raise TooFewBars(
            symbol=history.symbol,
            timeframe=history.base,
            num_bars=len(history.bars[history.base]),
            settle_length=history.first_row + window,
        )
    asked = times.size - DEFAULT_BARS if since is None else int(np.searchsorted(times, since))
    first = max(asked, window - 1)
    return slice(first, times.size if limit is None else min(times.size, first + limit))


def _flat_rows(history: History, test_since: int) -> list[int]:
    """The rows before which the position is flat: the first row, and the first of the test part."""
    return [0, int(np.searchsorted(history.times, test_since))]


def _first_decided(events: BoolArray, rows: slice, flat_at: Sequence[int]) -> int:
    """The first row to decide on: the first one asked for, or whose position that one carries."""
    start = max((row for row in flat_at if row <= rows.start), default=0)
    return deciding_row(events, rows.start, start) if rows.start < rows.stop else rows.start


def _positions(
    strategy: Strategy,
    decisions: Int64Array,
    events: BoolArray,
    decided: slice,
    flat_at: Sequence[int],
) -> Float64Array:
    """Of the decided rows."""
    acted_on = np.where(events[decided], decisions, NO_DECISION)
    starts = [row - decided.start for row in flat_at if decided.start < row < decided.stop]
    parts = np.split(acted_on, starts)
    return np.concatenate([positions(part, strategy.decisions, FLAT) for part in parts])


def _matrix(
    strategy: Strategy,
    history: History,
    features: Sequence[Feature],
    scalings: Mapping[str, Scaling],
    rows: slice,
) -> Float32Array:
    """The features of some rows of a history."""
    matrix = np.empty((rows.stop - rows.start, len(features)), np.float32)
    later = replace(history, first_row=history.first_row + rows.start)
    FeatureColumns(strategy, later, features).fill(matrix, scalings)
    return matrix


def _outputs(network: TrainedNetwork, matrix: Float32Array, window: int) -> Float64Array:
    """Predictions for every whole window of rows."""
    num_windows = len(matrix) - window + 1
    batches = [
        np.arange(first, min(first + BATCH_ROWS, num_windows))
        for first in range(0, max(num_windows, 1), BATCH_ROWS)
    ]
    return np.concatenate([network.predict(_samples(matrix, rows, window)) for rows in batches])


def _samples(matrix: Float32Array, first_rows: Int64Array, window: int) -> Float32Array:
    """[samples, features], or windows [samples, window, features]."""
    rows = first_rows if window == 1 else first_rows[:, None] + np.arange(window)
    samples: Float32Array = matrix[rows]
    return samples

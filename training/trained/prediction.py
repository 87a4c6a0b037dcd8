"""What a trained model says of a symbol's bars. Free of torch.

The bars go through the feature code of the training, in the manifest's order and scaled as it says;
the weights through the reader that ships in every bundle.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import time as now
from typing import Any

import numpy as np

from operations.errors import InvalidInput
from training.evaluation.decisions import FLAT, NO_DECISION, decide, deciding_row, positions
from training.features.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from training.features.history import History
from training.features.matrix import FeatureColumns
from training.features.targets import decision_events
from training.market_data.report import as_text
from training.market_data.timeframes import bar_ends
from training.strategy import Strategy
from training.strategy.decisions import Decisions
from training.strategy.values import CLASSES, Timeframe, first_second
from training.trained import windows
from training.trained.bundle_reader import TrainedNetwork
from training.trained.inputs import Inputs, read_inputs
from training.trained.notes import Note, NoteCode
from training.trained.supply import PriceFile
from training.trained.tested import flat_rows

DEFAULT_BARS = 30  # of a forecast that no date begins


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """One decision per bar, made at its close."""

    symbol: str
    timeframe: Timeframe
    class_names: tuple[str, ...]
    """By class number; empty for a regression."""

    times: Int64Array
    """[bars]: opens, Unix seconds; rows without a bar of a finer timeframe are left out."""

    outputs: Float64Array
    """[bars, classes]: probabilities; of a regression [bars]: predicted returns."""

    decisions: Int64Array
    """[bars]: class numbers, after confidence threshold or cost rule."""

    is_event: BoolArray
    """[bars]: whether the decision is acted on: all, or the CUSUM filter's events."""

    positions: Float64Array
    """[bars]: +1, 0 or -1, to be taken at the next open; carried over bars that are no event."""

    is_fitted: BoolArray
    """[bars]: whether the model was fitted on that bar: what it says there is no forecast."""

    test_since: int
    """The first bar of the test part, Unix seconds: earlier ones were trained or validated on."""

    next_time: int | None
    """The first bar that the limit left out."""

    notes: tuple[Note, ...]
    """What to keep in mind when reading them."""

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "timeframe": self.timeframe,
            "test_since": as_text(self.test_since),
            "notes": [note.to_json() for note in self.notes],
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
                "is_fitted": bool(self.is_fitted[row]),
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
    any_symbol: bool = False,
    file: PriceFile | None = None,
    before: Callable[[int], None] = lambda num_windows: None,
) -> Forecast:
    """Decide on each bar from `since` on, an ISO date or UTC time; without, on the newest 30.

    `symbol` may be left out where the model was trained on one only; `limit` bounds the bars.
    `any_symbol` lets a model that scales nothing decide on one that it was not trained on. The
    bars are the stored ones, or those of a file, after the stored ones that it continues.
    `before` is called with the number of decisions once that is known, and may raise.

    Raises `InvalidInput`, `SymbolNotTrained`, `CumulativeInput`, `OtherTimeframe`, and what data
    and features raise.
    """
    first_time = _seconds(since)
    inputs = read_inputs(network, symbol=symbol, any_symbol=any_symbol, file=file)
    history, window = inputs.history, network.manifest["sequence_length"]
    rows = _wanted_rows(history, first_time, limit, window)
    decided = _decide(network, inputs, rows, before)
    told = history.whole_windows(window)[rows]
    return Forecast(
        symbol=inputs.symbol,
        timeframe=inputs.strategy.base_timeframe,
        class_names=tuple(network.manifest["class_names"]),
        times=history.times[rows][told],
        outputs=decided.outputs[told],
        decisions=decided.decisions[told],
        is_event=decided.is_event[told],
        positions=decided.positions[told],
        is_fitted=inputs.knowledge.fitted(history)[rows][told],
        test_since=network.manifest["evaluation"]["first_time"],
        next_time=int(history.times[rows.stop]) if rows.stop < history.times.size else None,
        notes=(
            *inputs.supply.notes,
            *inputs.knowledge.about_symbol(),
            *inputs.knowledge.about_training_bars(inputs.supply),
            *inputs.knowledge.about_values(
                decided.columns, decided.asked, network.inputs(decided.matrix[decided.asked])
            ),
            *inputs.knowledge.about_times(history, rows),
            *_about_times(history, rows, first_time, window),
            *_about_dropped(history, told),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Decided:
    """What a network says of the rows asked for, and what it saw."""

    outputs: Float64Array
    decisions: Int64Array
    is_event: BoolArray
    positions: Float64Array
    columns: FeatureColumns
    matrix: Float32Array
    """[rows seen, features]"""
    asked: slice
    """Which of the rows seen were asked for."""


def _decide(
    network: TrainedNetwork, inputs: Inputs, rows: slice, before: Callable[[int], None]
) -> _Decided:
    """Decide on some rows, and on those before from which a position is carried to them."""
    strategy, history = inputs.strategy, inputs.history
    window = network.manifest["sequence_length"]
    flat_at = flat_rows(strategy, history, network.manifest["evaluation"]["first_time"])
    events = decision_events(strategy, history)
    decided = slice(_first_decided(events, rows, flat_at, strategy.decisions), rows.stop)
    before(decided.stop - decided.start)
    seen = slice(decided.start - window + 1, decided.stop)
    columns = inputs.columns(seen)
    matrix = inputs.matrix(columns, seen.stop - seen.start)
    outputs = windows.outputs(network, matrix, window)
    decisions = decide(strategy, outputs)
    asked = _within(rows, decided)
    return _Decided(
        outputs=outputs[asked],
        decisions=decisions[asked],
        is_event=events[rows],
        positions=_positions(strategy, decisions, events, decided, flat_at)[asked],
        columns=columns,
        matrix=matrix,
        asked=_within(rows, seen),
    )


def _seconds(moment: str | None) -> int | None:
    try:
        return None if moment is None else first_second(moment)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(reason=f"since: {error}") from error


def _wanted_rows(history: History, since: int | None, limit: int | None, window: int) -> slice:
    """Rows to decide on, each with a whole window up to it."""
    times = history.times
    asked = times.size - DEFAULT_BARS if since is None else int(np.searchsorted(times, since))
    first = max(asked, window - 1)
    return slice(first, times.size if limit is None else min(times.size, first + limit))


def _first_decided(
    events: BoolArray, rows: slice, flat_at: Sequence[int], settings: Decisions
) -> int:
    """The first row to decide on: the first one asked for, or whose position that one carries."""
    first: int = rows.start
    if first >= rows.stop:
        return first
    start = max((row for row in flat_at if row <= first), default=0)
    return deciding_row(events, first, start, settings)


def _positions(
    strategy: Strategy,
    decisions: Int64Array,
    events: BoolArray,
    decided: slice,
    flat_at: Sequence[int],
) -> Float64Array:
    """The positions on the decided rows."""
    acted_on = np.where(events[decided], decisions, NO_DECISION)
    starts = [row - decided.start for row in flat_at if decided.start < row < decided.stop]
    parts = np.split(acted_on, starts)
    return np.concatenate([positions(part, strategy.decisions, FLAT) for part in parts])


def _about_dropped(history: History, told: BoolArray) -> Iterator[Note]:
    """That some of the bars asked for are left out."""
    if count := int((~told).sum()):
        names = " or ".join(name for name in history.missing)
        yield Note(
            code=NoteCode.DROPPED_ROWS,
            text=f"{count:,} of the {told.size:,} bars are left out, for no {names} bar had closed "
            f"within the {history.base} before their end: the position stands on them.",
        )


def _about_times(history: History, rows: slice, since: int | None, window: int) -> Iterator[Note]:
    """That there are other bars than were asked for, or one that has not ended."""
    times = history.times.tolist()
    if rows.start >= len(times):
        text = f"There is no bar from {as_text(since or 0)} on: the newest is of "
        yield Note(code=NoteCode.NO_BARS, text=f"{text}{as_text(times[-1])}.")
        return
    if since is not None and since < times[rows.start] == times[window - 1]:
        text = f"{as_text(times[rows.start])} is the first bar with all that a decision takes."
        yield Note(code=NoteCode.BEGINS_LATER, text=text)
    end = int(bar_ends(history.rows, history.base)[rows.stop - 1])
    if end > now():
        text = f"The last bar ends at {as_text(end)}: until then its values are not final."
        yield Note(code=NoteCode.BAR_NOT_OVER, text=text)


def _within(rows: slice, seen: slice) -> slice:
    """The same rows, counted from the first one seen."""
    return slice(rows.start - seen.start, rows.stop - seen.start)

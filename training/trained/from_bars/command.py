"""Decisions on bars, and the command that prints them."""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.trained.bundle_reader import Array, BundleDamaged, TrainedNetwork, read_bundle
from training.trained.from_bars.bar_file import (
    Bars,
    BarsRefused,
    Times,
    as_text,
    period_start,
    read_bars,
    seconds_at,
)
from training.trained.from_bars.inputs import (
    History,
    NotFromBars,
    arrange,
    inputs,
    needs_volume,
    recipe_of,
    scalings_of,
)

BUY, HOLD, SELL = 0, 1, 2
NAMES = ("buy", "hold", "sell")
NEWEST = 30  # bars, without a date
BATCH_ROWS = 4096


@dataclass(frozen=True)
class Decided:
    """One decision per bar, made at its close."""

    times: Times  # [bars]: opens, Unix seconds
    outputs: Array  # [bars, classes]: probabilities; of a regression [bars]: predicted returns
    decisions: Times  # [bars]: BUY, HOLD or SELL, after confidence threshold or cost rule
    positions: Array  # [bars]: +1, 0 or -1, to be taken at the next open


def decide_on_bars(
    network: TrainedNetwork, bars: Bars, *, symbol: str | None = None, since: int | None = None
) -> Decided:
    """Decide on each bar from `since` on, Unix seconds; without, on the newest 30.

    The bars before are needed, too: inputs settle, and a position is kept from earlier ones. Raises
    `NotFromBars`, `BarsRefused`.
    """
    manifest = network.manifest
    recipe, window = recipe_of(manifest), int(manifest["sequence_length"])
    scalings = scalings_of(manifest, symbol)
    history = arrange(recipe, bars, window)
    end = history.times.size
    asked = end - NEWEST if since is None else int(np.searchsorted(history.times, since))
    asked = max(asked, window - 1)
    flat_at = flat_rows(history, int(manifest["evaluation"]["first_time"]))
    keeps = recipe["decisions"]["on_hold"] == "keep"
    first = max(window - 1, max(row for row in flat_at if row <= asked)) if keeps else asked
    if first >= end:
        raise BarsRefused(
            f"There is no bar from then on: the newest is of {as_text(history.times[-1])}."
        )
    rows = inputs(history, scalings, first - window + 1, end).astype(np.float32)
    outputs = _outputs(network, rows, window)
    decisions = decide(outputs, recipe["decisions"])
    starts = [row - first for row in flat_at if row > first]
    parts = (positions(part, recipe["decisions"]) for part in np.split(decisions, starts))
    told = slice(asked - first, None)
    return Decided(
        history.times[asked:], outputs[told], decisions[told], np.concatenate([*parts])[told]
    )


def _outputs(network: TrainedNetwork, rows: Any, window: int) -> Array:
    if window > 1:
        rows = np.lib.stride_tricks.sliding_window_view(rows, window, axis=0).swapaxes(1, 2)
    parts = np.array_split(rows, -(-len(rows) // BATCH_ROWS))
    return np.concatenate([network.predict(part) for part in parts])


def flat_rows(history: History, test_since: int) -> list[int]:
    """Rows before which the position is flat: the first, and the first of each run of the test."""
    runs, times = history.recipe["test_runs"], history.times
    if runs is None:
        return [0, int(np.searchsorted(times, test_since))]
    is_tested = in_runs(history.recipe, times) & (times >= test_since)
    begins = is_tested & ~np.concatenate([[False], is_tested[:-1]])
    return [0, *np.flatnonzero(begins).tolist()]


def in_runs(recipe: Mapping[str, Any], times: Times) -> Any:
    """[times]: whether a bar lies in a run of the test part, by the period of its midpoint."""
    timeframe = recipe["timeframe"]
    length = recipe["seconds"][timeframe]
    periods = period_start(times + length // 2, timeframe, length)
    found = np.zeros(times.size, np.bool_)
    for first, end in recipe["test_runs"]:
        found |= (first <= periods) & (periods < end)
    return found


def decide(outputs: Array, rules: Mapping[str, Any]) -> Times:
    """[bars]: BUY, HOLD or SELL of probabilities [bars, 3] or predicted returns [bars]."""
    if outputs.ndim == 2:
        unsure = outputs.max(axis=1) < rules["confidence_threshold"]
        return np.where(unsure, HOLD, outputs.argmax(axis=1))
    edge = rules["smallest_edge"]
    return np.where(outputs > edge, BUY, np.where(outputs < -edge, SELL, HOLD))


def positions(decisions: Times, rules: Mapping[str, Any]) -> Array:
    """[bars]: the position after each decision; flat before the first."""
    held, position = [], 0.0
    for decision in decisions.tolist():
        if decision == BUY:
            position = 1.0
        elif decision == HOLD:
            position = position if rules["on_hold"] == "keep" else 0.0
        elif not rules["allow_short"]:
            position = 0.0
        else:
            position = -1.0 if rules["allow_short_from_flat"] else min(position, 0.0)
        held.append(position)
    return np.array(held)


def main(arguments: Sequence[str], folder: Path) -> int:
    """Print the decisions of the bundle in a folder on a file's bars, as CSV; 0 if it could."""
    parser = argparse.ArgumentParser(
        prog="reader.py", description="Print what the model decides on bars, as CSV."
    )
    parser.add_argument(
        "bars",
        type=Path,
        help="CSV file with a header: time or date (of the open, ISO 8601, UTC where it has no "
        "offset), open, high, low, close, volume; the oldest bar first, each once. Bars before "
        "those asked for count, too: inputs have to settle.",
    )
    parser.add_argument("--symbol", help="whose bars, where the model was trained on several")
    parser.add_argument(
        "--since", type=seconds_at, help=f"first bar, ISO date or time; else the newest {NEWEST}"
    )
    asked = parser.parse_args(arguments)
    try:
        network = read_bundle(folder)
        recipe = recipe_of(network.manifest)
        bars = read_bars(asked.bars, with_volume=needs_volume(recipe))
        found = decide_on_bars(network, bars, symbol=asked.symbol, since=asked.since)
    except (BarsRefused, NotFromBars, BundleDamaged, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(
        ["time", "decision", "position", *(network.manifest["class_names"] or ["return"])]
    )
    writer.writerows(_rows(found))
    for note in _notes(network.manifest, found):
        print(f"Note: {note}", file=sys.stderr)
    return 0


def _rows(found: Decided) -> Iterator[list[object]]:
    for time, values, decision, position in zip(
        found.times.tolist(), found.outputs, found.decisions, found.positions, strict=True
    ):
        numbers = [f"{value:.6f}" for value in np.atleast_1d(values)]
        yield [as_text(time), NAMES[decision], int(position), *numbers]


def _notes(manifest: Mapping[str, Any], found: Decided) -> Iterator[str]:
    recipe, since = manifest["from_bars"], manifest["evaluation"]["first_time"]
    for name in recipe["seconds"]:
        if name != recipe["timeframe"]:
            yield f"bars of {name} are made of those of {recipe['timeframe']}."
    if recipe["test_runs"] is None and found.times[0] < since:
        yield f"the model was fitted on bars before {as_text(since)}: of those it is no forecast."
    elif recipe["test_runs"] is not None and not in_runs(recipe, found.times).all():
        yield "the model was fitted on bars outside of its test runs: of those it is no forecast."
    if manifest["seen_test"]:
        yield f"{manifest['seen_test']}: of bars that it was trained on it is no forecast."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).parent))

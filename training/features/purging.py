"""Samples of parts in several runs: nothing is trained on that a score looks at.

Labels are what leaks: a row's own label looks ahead, and so do those of the rows before it. A row
of training or validation is dropped where [row, end of its label] meets [first row of a run, latest
label end of its rows], of all symbols, since their prices move together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.features.arrays import Int64Array
from training.features.labels.outcome import Labels
from training.features.splits import Part, Run, labelled, reaching, union_of


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One symbol's rows."""

    times: Int64Array
    """[rows], ascending: base-timeframe periods, Unix seconds."""
    labels: Labels
    """Of these rows."""


def purged_samples(
    symbols: Sequence[Labelled],
    parts: Mapping[str, Part],
    *,
    purge_bars: int | None,
    embargo: int,
    sequence_length: int,
) -> dict[str, list[Int64Array]]:
    """Return the rows that each part is trained or scored on: by part, then symbol, ascending.

    Validation gives way to test, training to both. `embargo` is in times of all symbols.
    """
    union = union_of([symbol.times for symbol in symbols])
    ends = [_ends(symbol, purge_bars) for symbol in symbols]

    def blocks(part: Part) -> list[Run]:
        found = (_block(run, symbols, ends) for run in part.runs)
        return [_embargoed(block, union, embargo) for block in found if block is not None]

    tested = blocks(parts["test"])
    scored = tested + blocks(parts["validation"])
    chosen = {"train": scored, "validation": tested}
    return {
        "test": [_tested(symbol, parts["test"], sequence_length) for symbol in symbols],
        **{
            name: [
                _apart(_windows(symbol, parts[name], sequence_length), symbol.times, end, avoided)
                for symbol, end in zip(symbols, ends, strict=True)
            ]
            for name, avoided in chosen.items()
        },
    }


def _ends(symbol: Labelled, purge_bars: int | None) -> Int64Array:
    """[rows]: when each row's label ends; of rows without a label, the time of the next row.

    A position is decided on those, too, and filled at the open after it.
    """
    count = symbol.times.size
    next_rows = np.minimum(np.arange(1, count + 1), count - 1)
    last_rows = reaching(symbol.labels, purge_bars)
    return symbol.times[np.where(symbol.labels.defined, last_rows, next_rows)]


def _block(run: Run, symbols: Sequence[Labelled], ends: Sequence[Int64Array]) -> Run | None:
    """From the first row of a run to the latest end of its labels, both included."""
    rows = [run.rows(symbol.times) for symbol in symbols]
    own = [(it.times[at], end[at]) for it, end, at in zip(symbols, ends, rows, strict=True)]
    own = [(times, end) for times, end in own if times.size]
    if not own:
        return None
    return Run(
        first=min(int(times[0]) for times, _ in own), end=max(int(end.max()) for _, end in own)
    )


def _embargoed(block: Run, union: Int64Array, embargo: int) -> Run:
    last = int(np.searchsorted(union, block.end, side="right")) - 1 + embargo
    return Run(first=block.first, end=int(union[min(last, union.size - 1)]))


def _tested(symbol: Labelled, part: Part, sequence_length: int) -> Int64Array:
    """A window may begin before its run: inputs are of the past."""
    rows = part.rows(symbol.times)
    return rows[symbol.labels.defined[rows] & (rows >= sequence_length - 1)]


def _windows(symbol: Labelled, part: Part, sequence_length: int) -> Int64Array:
    """Labelled rows whose window lies inside their run."""
    runs = (run.rows(symbol.times) for run in part.runs)
    return np.concatenate([labelled(symbol.labels, rows, sequence_length) for rows in runs])


def _apart(
    rows: Int64Array, times: Int64Array, ends: Int64Array, blocks: Sequence[Run]
) -> Int64Array:
    """Those whose span, from the row to the end of its label, meets none of the blocks."""
    meets = np.zeros(rows.size, np.bool_)
    for block in blocks:
        meets |= (times[rows] <= block.end) & (ends[rows] >= block.first)
    return rows[~meets]

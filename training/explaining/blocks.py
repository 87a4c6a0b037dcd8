"""Rows in blocks: what is moved together, and what is scored. Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from training.features.arrays import Int64Array
from training.features.dataset import Dataset

MOST_ROWS = 4_000
"""That are scored."""
STREAM = 4
"""Which of the seed's streams the order of blocks is drawn from: trainings draw from 1 to 3."""


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The rows that the windows of some samples have, cut into blocks, each of one symbol."""

    rows: Int64Array
    """[rows], ascending."""
    of_row: Int64Array
    """[rows]: number of the block, ascending."""
    symbols: Int64Array
    """[blocks]"""

    @property
    def number(self) -> int:
        return self.symbols.size


def blocks_of(dataset: Dataset, samples: Int64Array, *, bars: int) -> Blocks:
    """Blocks of `bars` consecutive rows, counted from a symbol's first one, as far as they are rows
    of a window that ends with one of `samples`."""
    seen = np.zeros(dataset.times.size, np.bool_)
    for back in range(dataset.sequence_length):
        seen[samples - back] = True
    rows = np.flatnonzero(seen)
    symbols = dataset.symbols[rows].astype(np.int64)
    begins = np.flatnonzero(np.diff(symbols, prepend=-1))
    first = np.repeat(rows[begins], np.diff(np.append(begins, rows.size)))
    places = np.stack([symbols, (rows - first) // bars], axis=1)
    is_new = np.any(np.diff(places, axis=0, prepend=-1) != 0, axis=1)
    return Blocks(rows=rows, of_row=np.cumsum(is_new) - 1, symbols=symbols[is_new])


def chosen(blocks: Blocks, samples: Int64Array, *, most: int = MOST_ROWS) -> Int64Array:
    """The samples of evenly spaced whole blocks, as many as there may be at most, of one block at
    least."""
    block = blocks.of_row[np.searchsorted(blocks.rows, samples)]
    own = np.unique(block)
    at_first = min(own.size, own.size * most // samples.size + 1)
    for kept in range(at_first, 0, -1):
        spaced = own[(2 * np.arange(kept) + 1) * own.size // (2 * kept)]
        found = samples[np.isin(block, spaced)]
        if found.size <= most or kept == 1:
            return found
    return samples


def moved(blocks: Blocks, *, seed: int, repeat: int) -> Int64Array:
    """[rows]: which row each one's values come from, where the blocks of each symbol change places
    at random. The same of a seed and a repeat, whatever was drawn before."""
    draw = np.random.default_rng([STREAM, seed, repeat])
    order = np.concatenate([draw.permutation(own) for own in _by_symbol(blocks)])
    pieces = np.split(blocks.rows, np.flatnonzero(np.diff(blocks.of_row)) + 1)
    return np.concatenate([pieces[block] for block in order])


def _by_symbol(blocks: Blocks) -> Iterator[Int64Array]:
    for symbol in np.unique(blocks.symbols):
        yield np.flatnonzero(blocks.symbols == symbol)


def error_over_blocks(values: Sequence[float], block: Int64Array) -> float:
    """The standard error of the mean of `values` [rows], of which those of a block belong together:
    rows of a block share bars, so that they are no evidence of their own."""
    known = np.asarray(values)
    away = known - known.mean()
    sums = np.bincount(np.unique(block, return_inverse=True)[1], weights=away)
    if sums.size < 2:
        return float("nan")
    return float(np.sqrt(sums.size / (sums.size - 1) * np.sum(sums**2)) / known.size)

"""The probability of backtest overfitting: how often the best of many is luck of the period.

By combinatorially symmetric cross-validation: the rows are cut into blocks, and of every half of
these the best column is looked for again among all columns in the other half. Free of torch.

Source: D. H. Bailey, J. M. Borwein, M. López de Prado, Q. J. Zhu: The Probability of Backtest
Overfitting, Journal of Computational Finance 20 (2016), section 3.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCKS = 16
"""The source's own example: 12,870 halves."""
FEWEST_BLOCKS = 4
ROWS_OF_A_BLOCK = 2
"""At least: of one alone nothing deviates."""
AT_ONCE = 1_000_000
"""Ratios that are held in memory: of one half of the blocks, all of them where they are more."""
ROUNDING = 1e-12
"""A sum of squared deviations below this share of the sum of squares is none."""


def blocks_of(rows: int) -> int:
    """How many blocks so many rows are cut into; 0 where they are too few for any."""
    even = min(BLOCKS, rows // ROWS_OF_A_BLOCK) // 2 * 2
    return even if even >= FEWEST_BLOCKS else 0


def probability_of_backtest_overfitting(returns: Floats, blocks: int) -> float:
    """
    The share of halves whose best column ranks no higher than the middle in the other half.

    A column's ratio is its Sharpe ratio per row, 0 where its returns do not vary. Equal ratios
    share their mean rank; of several best ones the first is taken. The first T mod S rows are left
    out.

    Args:
        returns: [T rows, N columns], in the order of time; at least 2 columns.
        blocks: S, even.

    Raises ValueError where there is nothing to choose, or a block would have fewer than two rows.
    """
    rows, columns = returns.shape
    if columns < 2 or blocks < 2 or blocks % 2 or rows < ROWS_OF_A_BLOCK * blocks:
        raise ValueError(f"{blocks} blocks of {rows} rows and {columns} columns have no halves")
    length = rows // blocks
    cut = returns[rows % blocks :].reshape(blocks, length, columns)
    sums, squares = cut.sum(axis=1), (cut**2).sum(axis=1)
    overfit = halves = 0
    for chosen in _halves(blocks, columns):
        inside = _ratios(chosen, sums, squares, length)
        outside = _ratios(~chosen, sums, squares, length)
        overfit += _below_the_middle(inside, outside) + _below_the_middle(outside, inside)
        halves += 2 * len(chosen)
    return overfit / halves


def _halves(blocks: int, columns: int) -> Iterator[NDArray[np.bool_]]:
    """[halves, blocks]: each choice of half of the blocks that has the first one. The others are
    what these leave."""
    rest = list(combinations(range(1, blocks), blocks // 2 - 1))
    size = max(1, AT_ONCE // columns)
    for start in range(0, len(rest), size):
        part = rest[start : start + size]
        chosen = np.zeros((len(part), blocks), np.bool_)
        chosen[:, 0] = True
        if blocks > 2:
            chosen[np.arange(len(part))[:, None], np.array(part)] = True
        yield chosen


def _ratios(chosen: NDArray[np.bool_], sums: Floats, squares: Floats, length: int) -> Floats:
    """[halves, columns]: Sharpe ratios per row of the chosen blocks."""
    shares = chosen.astype(np.float64)
    total, square = _added(shares, sums), _added(shares, squares)
    count = length * sums.shape[0] // 2
    deviation = square - total**2 / count
    is_flat = deviation <= ROUNDING * square
    spread = np.sqrt(np.where(is_flat, 1.0, deviation) / (count - 1))
    return np.where(is_flat, 0.0, total / count / spread)


def _added(shares: Floats, of_blocks: Floats) -> Floats:
    """A product of matrices, added up in one order on every machine and with any number of threads:
    equal columns have equal sums, to the last bit."""
    added: Floats = np.einsum("hb,bc->hc", shares, of_blocks, optimize=False)
    return added


def _below_the_middle(inside: Floats, outside: Floats) -> int:
    """In how many halves the best column's logit is 0 or less: its rank at most half of N + 1."""
    best = inside.argmax(axis=1)
    own = np.take_along_axis(outside, best[:, None], axis=1)
    worse, equal = (outside < own).sum(axis=1), (outside == own).sum(axis=1)
    return int((2 * worse + equal <= outside.shape[1]).sum())

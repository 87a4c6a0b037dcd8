"""Loops over matrices, in an order that is fixed and that the cache likes."""

from training.compilation.machine_code import machine_code
from training.trainer.engines.native.memory import Floats


@machine_code
def transpose(matrix: Floats, room: Floats) -> None:
    """A few columns at a time: the 32 lines of the cache that they are written to stay in it."""
    rows, columns = matrix.shape
    for first in range(0, columns, 32):
        source, target = matrix[:, first : first + 32], room[first : first + 32]
        for row in range(rows):
            for column in range(source.shape[1]):
                target[column, row] = source[row, column]


@machine_code
def fill(matrix: Floats, value: float) -> None:
    for row in range(matrix.shape[0]):
        for column in range(matrix.shape[1]):
            matrix[row, column] = value


@machine_code
def fill_rows(matrix: Floats, row_of_all: Floats) -> None:
    for row in range(matrix.shape[0]):
        for column in range(row_of_all.size):
            matrix[row, column] = row_of_all[column]


@machine_code
def add_rows(sums: Floats, matrix: Floats) -> None:
    for row in range(matrix.shape[0]):
        for column in range(sums.size):
            sums[column] += matrix[row, column]


@machine_code
def add_product(sums: Floats, left: Floats, right: Floats) -> None:
    """sums [m, n] += left [m, k] @ right [k, n], two rows and four terms at a time."""
    rows, terms = left.shape
    columns = right.shape[1]
    even, fours = rows - rows % 2, terms - terms % 4
    for row in range(0, even, 2):
        upper, lower = sums[row], sums[row + 1]
        for term in range(0, fours, 4):
            a0, a1, a2, a3 = (
                left[row, term],
                left[row, term + 1],
                left[row, term + 2],
                left[row, term + 3],
            )
            b0, b1, b2, b3 = (
                left[row + 1, term],
                left[row + 1, term + 1],
                left[row + 1, term + 2],
                left[row + 1, term + 3],
            )
            r0, r1, r2, r3 = right[term], right[term + 1], right[term + 2], right[term + 3]
            for column in range(columns):
                x0, x1, x2, x3 = r0[column], r1[column], r2[column], r3[column]
                upper[column] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
                lower[column] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
        for term in range(fours, terms):
            for column in range(columns):
                upper[column] += left[row, term] * right[term, column]
                lower[column] += left[row + 1, term] * right[term, column]
    for row in range(even, rows):
        for term in range(terms):
            for column in range(columns):
                sums[row, column] += left[row, term] * right[term, column]

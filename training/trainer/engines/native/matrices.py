"""Loops over matrices, in an order that is fixed and that the cache likes."""

from training.compilation.machine_code import inlined, machine_code
from training.trainer.engines.native.memory import Floats
from training.trainer.engines.native.room import VECTOR


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
    flat = matrix.reshape(-1)
    for item in range(flat.size):
        flat[item] = value


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
    """sums [m, n] += left [m, k] @ right [k, n], four terms at a time of four or two rows.

    How many rows there are at a time changes no sum: each element's is of four terms after four.
    """
    rows, terms = left.shape
    columns = right.shape[1]
    even, fours = rows - rows % 2, terms - terms % 4
    in_fours = rows - rows % 4 if terms >= 4 else 0
    for row in range(0, in_fours, 4):
        _add_four_rows(sums, left, right, row)
    for row in range(in_fours, even, 2):
        upper, lower = sums[row], sums[row + 1]
        for term in range(0, fours, 4):
            a0, a1, a2, a3 = _four(left, row, term)
            b0, b1, b2, b3 = _four(left, row + 1, term)
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


@machine_code
def is_better_turned(units: int, width: int) -> bool:
    """Whether a gradient [units, width], error.T @ inputs, had better be summed [width, units]: of
    rows in whole vectors. Each sum is the same; of an odd width the last row's would not be."""
    return units % VECTOR == 0 and width % VECTOR > 0 and width % 2 == 0


@inlined
def _add_four_rows(sums: Floats, left: Floats, right: Floats, row: int) -> None:
    """What is read of `right` serves four rows."""
    first, second, third, fourth = sums[row], sums[row + 1], sums[row + 2], sums[row + 3]
    columns, terms = right.shape[1], left.shape[1]
    fours = terms - terms % 4
    for term in range(0, fours, 4):
        a0, a1, a2, a3 = _four(left, row, term)
        b0, b1, b2, b3 = _four(left, row + 1, term)
        c0, c1, c2, c3 = _four(left, row + 2, term)
        d0, d1, d2, d3 = _four(left, row + 3, term)
        r0, r1, r2, r3 = right[term], right[term + 1], right[term + 2], right[term + 3]
        for column in range(columns):
            x0, x1, x2, x3 = r0[column], r1[column], r2[column], r3[column]
            first[column] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
            second[column] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
            third[column] += c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3
            fourth[column] += d0 * x0 + d1 * x1 + d2 * x2 + d3 * x3
    for term in range(fours, terms):
        for column in range(columns):
            first[column] += left[row, term] * right[term, column]
            second[column] += left[row + 1, term] * right[term, column]
            third[column] += left[row + 2, term] * right[term, column]
            fourth[column] += left[row + 3, term] * right[term, column]


@inlined
def _four(matrix: Floats, row: int, term: int) -> tuple[float, float, float, float]:
    return (
        matrix[row, term],
        matrix[row, term + 1],
        matrix[row, term + 2],
        matrix[row, term + 3],
    )

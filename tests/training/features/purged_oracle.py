"""What purgedcv 0.1.11 keeps of `purged_cases`: written to a file that the tests compare with.

    pip install purgedcv==0.1.11
    python -m tests.training.features.purged_oracle

It brings pandas and scikit-learn, so the tests themselves do without it. Its label spans are
half-open in time: from the row's own to the close of the label's last bar. Time is counted here in
bars of all symbols, so that an embargo of n is n bars; its own embargo is closed at both ends, and
ends a second before the next bar.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.training.features.purged_cases import (
    NO_LABEL,
    NUM_CASES,
    PARTS,
    Case,
    label_end,
    labelled_windows,
    random_case,
    rows_within,
)

FILE = Path(__file__).with_name("purged_oracle.npz")
VERSION = "0.1.11"
BEGIN = datetime(2000, 1, 1)
BAR = timedelta(days=1)

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def stored() -> Iterator[Mask]:
    """Of each case, [parts, rows of all symbols]: which rows are kept."""
    with np.load(FILE) as file:
        bits, ends = np.unpackbits(file["kept"]).astype(np.bool_), file["ends"].tolist()
    for first, end in zip([0, *ends], ends, strict=False):
        yield bits[first:end].reshape(len(PARTS), -1)


def as_mask(case: Case, kept: dict[str, list[Rows]]) -> Mask:
    """[parts, rows of all symbols]: from row numbers by part, then symbol."""
    masks = []
    for part in PARTS:
        own = [np.zeros(len(symbol.times), np.bool_) for symbol in case.symbols]
        for mask, rows in zip(own, kept[part], strict=True):
            mask[rows] = True
        masks.append(np.concatenate(own))
    return np.array(masks)


class _Oracle:
    """All symbols' rows, one symbol after another, as purgedcv sees them."""

    def __init__(self, case: Case, library: Any) -> None:
        self._case, self._library = case, library
        self._firsts = np.cumsum([0, *(len(symbol.times) for symbol in case.symbols)])
        union = sorted({time for symbol in case.symbols for time in symbol.times.tolist()})
        bar = {time: number for number, time in enumerate(union)}
        self._predicted, self._evaluated = [], []
        for symbol in case.symbols:
            for row, time in enumerate(symbol.times.tolist()):
                last = int(symbol.times[label_end(case, symbol, row)])
                self._predicted.append(BEGIN + BAR * bar[time])
                self._evaluated.append(BEGIN + BAR * (bar[last] + 1))

    def kept(self) -> Mask:
        tested, validated = self._bars("test"), self._bars("validation")
        masks = {
            "train": self._apart(self._numbered(_windows("train")), tested + validated),
            "validation": self._apart(self._numbered(_windows("validation")), tested),
            "test": self._numbered(_tested),
        }
        found = np.zeros((len(PARTS), len(self._predicted)), np.bool_)
        for number, part in enumerate(PARTS):
            found[number, masks[part]] = True
        return found

    def _bars(self, part: str) -> list[int]:
        def within(case: Case, number: int) -> Iterator[int]:
            for bounds in case.runs[part]:
                yield from rows_within(case.symbols[number], bounds)

        return self._numbered(within)

    def _numbered(self, rows: Callable[[Case, int], Iterator[int]]) -> list[int]:
        return [
            int(first) + row
            for number, first in enumerate(self._firsts[:-1])
            for row in rows(self._case, number)
        ]

    def _apart(self, chosen: list[int], scored: list[int]) -> list[int]:
        rows, tested = np.array(chosen, np.int64), np.array(scored, np.int64)
        pandas = import_module("pandas")
        times = pandas.Series(self._predicted), pandas.Series(self._evaluated)
        kept = self._library.purge(rows, tested, *times)
        if self._case.embargo:
            length = pandas.Timedelta(self._case.embargo * BAR - timedelta(seconds=1))
            kept = self._library.apply_embargo(kept, tested, *times, embargo=length)
        return [int(row) for row in kept]


def _windows(part: str) -> Callable[[Case, int], Iterator[int]]:
    return lambda case, number: labelled_windows(case, case.symbols[number], part)


def _tested(case: Case, number: int) -> Iterator[int]:
    """A window may begin before the run."""
    symbol = case.symbols[number]
    for bounds in case.runs["test"]:
        for row in rows_within(symbol, bounds):
            if symbol.end_rows[row] != NO_LABEL and row >= case.sequence_length - 1:
                yield row


def main() -> None:
    library = import_module("purgedcv")
    assert library.__version__ == VERSION, library.__version__
    masks = [_Oracle(random_case(seed), library).kept() for seed in range(NUM_CASES)]
    kept = np.packbits(np.concatenate([mask.ravel() for mask in masks]))
    np.savez_compressed(FILE, kept=kept, ends=np.cumsum([mask.size for mask in masks]))


if __name__ == "__main__":
    main()

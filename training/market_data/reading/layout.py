"""Where the header of a text stands, and what parts its fields."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.market_data.reading.names import plain, roles_named
from training.market_data.reading.options import Options

FIELDS = 5
"""A time and four prices: a line of prices has no fewer."""
NUMBERS = 4
"""A line with that many numbers is no header."""
_MARKS = ("\t", ";", "|", ",")
_NUMBER = re.compile(r"[$€£¥]?\s*[+-]?[$€£¥]?\d[\d.,'\u00a0\u202f ]*(?:[eE][+-]?\d+)?\s*[KMBT%]?")
_STACKED = {"price", "attributes", "ticker", "symbols"}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The lines of a text, counted from 0."""

    delimiter: str
    names: tuple[str, ...]
    """Empty without a header."""
    first: int
    """The first line of rows."""
    before: int
    """Lines before the header, or before the first row."""
    tickers: tuple[str, ...] = ()


def find_layout(lines: Sequence[str], options: Options) -> Layout:
    """
    Find the header in the first lines of a text.

    Raises:
        ValueError: there is no line that could be one.
    """
    delimiter = options.delimiter or _announced(lines) or _delimiter(lines)
    if options.header:
        return _headed(lines, options.header - 1, delimiter)
    first = _first_line(lines, delimiter)
    if options.header is None and not is_data(split(lines[first], delimiter)):
        return _headed(lines, first, delimiter)
    while first < len(lines) and not is_data(split(lines[first], delimiter)):
        first += 1
    return Layout(delimiter=delimiter, names=(), first=first, before=first)


def split(line: str, delimiter: str) -> list[str]:
    """The fields of one line. Raises `ValueError` for what is no line of a table."""
    if delimiter == " ":
        return line.split()
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error as error:
        raise ValueError(f"a line that begins with {line[:40]!r}: {error}") from error


def _announced(lines: Sequence[str]) -> str | None:
    found = re.fullmatch(r'"?sep=(.)"?', lines[0].strip("\ufeff\r\n")) if lines else None
    return found[1] if found else None


def _delimiter(lines: Sequence[str]) -> str:
    """The mark that parts most lines into enough fields; a space only if no other does."""

    def score(mark: str, fields: int) -> int:
        return sum(len(split(line, mark)) >= fields for line in lines)

    for fields in (FIELDS, 2):
        best = max(_MARKS, key=lambda mark: score(mark, fields))
        if score(best, fields):
            return best
        if score(" ", FIELDS):
            return " "
    return ","


def _first_line(lines: Sequence[str], delimiter: str) -> int:
    """The first line with about as many fields as most have; a commented one only if it names."""
    counts = [len(split(line, delimiter)) for line in lines]
    usual = Counter(count for count in counts if count >= 2).most_common(1)
    if not usual:
        return next((row for row, line in enumerate(lines) if line.strip()), 0)
    for row, (line, count) in enumerate(zip(lines, counts, strict=True)):
        if count < usual[0][0] - 1 or count < 2:
            continue
        if not line.startswith("#") or roles_named(split(line.lstrip("# "), delimiter)) >= NUMBERS:
            return row
    return counts.index(usual[0][0])


def _headed(lines: Sequence[str], row: int, delimiter: str) -> Layout:
    if row >= len(lines):
        raise ValueError(f"--header {row + 1}: there is no such line among the first {len(lines)}")
    names = split(lines[row].lstrip("# ").rstrip("\r"), delimiter)
    found = Layout(delimiter=delimiter, names=tuple(names), first=row + 1, before=row)
    following = [split(line, delimiter) for line in lines[row + 1 : row + 3]]
    if (
        len(following) < 2
        or {plain(names[0]), plain(following[0][0] if following[0] else "")} - _STACKED
    ):
        return found
    return _stacked(found, names, following)


def _stacked(found: Layout, names: list[str], following: list[list[str]]) -> Layout:
    """pandas' columns of two levels: one line of prices, one of tickers, one with `Date`."""
    second, third = following
    third_names = len(third) > 0 and not any(third[1:]) and not is_data(third)
    prices, tickers = (names, second) if roles_named(names) >= NUMBERS else (second, names)
    time = third[0] if third_names and third[0] else "Date"
    return replace(
        found,
        names=(time, *prices[1:]),
        tickers=("", *tickers[1:]),
        first=found.first + 1 + third_names,
    )


def is_data(fields: Sequence[str]) -> bool:
    """Whether a line holds prices."""
    return sum(_NUMBER.fullmatch(field.strip(" \"'")) is not None for field in fields) >= NUMBERS

"""Texts as tables: CSV in every dialect, with the line that each row stands on."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from training.market_data.reading.layout import Layout, find_layout, is_data, split
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import CLOSE_TIMES, OPEN_TIMES, TIMES, plain
from training.market_data.reading.record import About, By
from training.market_data.reading.stated_zones import stated_zones
from training.market_data.reading.table import Table
from training.market_data.reading.words import counted

HEAD_LINES = 300
_HEAD_BYTES = 256 * 1024
_TAIL_BYTES = 4096
_PIECE_BYTES = 1024**2
_PARSED_BYTES = 32 * 1024**2
"""At once: what is parsed is let go, or a large text would be in memory beside all its fields."""
_SPOKEN = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes", " ": "spaces"}


def read_text(path: Path, source: str, ledger: Ledger) -> Table:
    """
    A text's rows, every field as text.

    Raises:
        ValueError: it is no text, is empty, or a line has more fields than the header.
        polars.exceptions.PolarsError: it is no table.
    """
    content, encoding = _content(path)
    if not re.search(rb"\S", content):
        raise ValueError("it is empty")
    head = content[:_HEAD_BYTES].decode("utf-8", "replace").split("\n")[:HEAD_LINES]
    layout = find_layout([line.rstrip("\r") for line in head], ledger.options)
    content = _parted(content, layout)
    ledger.stated_zones += stated_zones(_beside(head, content, layout))
    try:
        frame, names = _parse(content, layout, _width(content, layout)), layout.names
    except pl.exceptions.PolarsError:
        again, _ = _content(path)
        frame, names = _of_other_widths(_parted(again, layout), layout)
    _say(layout, encoding, ledger)
    return Table(
        source=source,
        container="text",
        delimiter=layout.delimiter,
        names=names,
        frame=frame,
        word="line",
        first=layout.first + 1,
        tickers=layout.tickers,
    )


def _beside(head: list[str], content: bytearray, layout: Layout) -> Iterator[tuple[int, str]]:
    """Numbered lines before the table, and others at its begin and end that are no rows of it."""
    yield from enumerate(head[: layout.before], start=1)
    tail = content[-_TAIL_BYTES:].decode("utf-8", "replace").split("\n")[1:]
    last = content.count(b"\n") + 1
    numbered = [
        *enumerate(head[layout.first :], start=layout.first + 1),
        *enumerate(tail, start=last - len(tail) + 1),
    ]
    for number, line in dict(numbered).items():
        if number > layout.first and not is_data(split(line, _mark(layout))):
            yield number, line


def _content(path: Path) -> tuple[bytearray, str]:
    """The text with plain line ends, in UTF-8, and what it was written in."""
    content, encoding = bytearray(path.stat().st_size), "UTF-8"
    with path.open("rb") as file:
        del content[file.readinto(content) :]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content, encoding = bytearray(content.decode("utf-16", "replace").encode()), "UTF-16"
    elif b"\0" in content[:65_536]:
        raise ValueError("it is neither text nor a workbook, nor Parquet, Feather or JSON")
    if content.startswith(codecs.BOM_UTF8):
        del content[: len(codecs.BOM_UTF8)]
    try:
        _require_utf8(content)
    except UnicodeDecodeError:
        content, encoding = bytearray(content.decode("cp1252", "replace").encode()), "Windows-1252"
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return content, encoding


def _parted(content: bytearray, layout: Layout) -> bytearray:
    """Where spaces part fields, with a tab in place of each run of them."""
    if layout.delimiter != " ":
        return content
    return bytearray(re.sub(rb"[ \t]+", b"\t", re.sub(rb"(?m)^[ \t]+|[ \t\r]+$", b"", content)))


def _require_utf8(content: bytearray) -> None:
    """Piece by piece: as a whole it would be in memory twice. Raises `UnicodeDecodeError`."""
    decoder, whole = codecs.getincrementaldecoder("utf-8")(), memoryview(content)
    for at in range(0, len(whole), _PIECE_BYTES):
        decoder.decode(whole[at : at + _PIECE_BYTES])
    decoder.decode(b"", final=True)


def _begin(content: bytearray, number: int) -> int:
    """Where a line begins, counted from 0; the end where there is none."""
    begin = 0
    for _ in range(number):
        begin = content.find(b"\n", begin) + 1
        if not begin:
            return len(content)
    return begin


def _line(content: bytearray, number: int) -> bytearray:
    """One line, without a copy of those after it; empty where there is none."""
    begin = _begin(content, number)
    end = content.find(b"\n", begin)
    return content[begin:end] if end >= 0 else content[begin:]


def _width(content: bytearray, layout: Layout) -> int:
    """How many columns the header names, or the first row has."""
    first = _line(content, layout.first).decode("utf-8", "replace")
    return len(layout.names) or len(split(first, _mark(layout)))


def _of_other_widths(content: bytearray, layout: Layout) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Rows of more fields than the header, and the names of those. Raises `ValueError`."""
    width = _width(content, layout)
    longest, written = _longest(content, layout, width)
    frame = _parse(content, layout, written)[:, :longest]
    return frame, layout.names if longest == width else ("", *layout.names)


def _parse(content: bytearray, layout: Layout, width: int) -> pl.DataFrame:
    """Every field as text; of a large text less than half is left in `content`."""
    schema = {f"c{index}": pl.String for index in range(width)}
    begin = _begin(content, layout.first)
    pieces = [_parse_piece(piece, layout, schema) for piece in _pieces(content, begin)]
    return pl.concat(reversed(pieces))


def _pieces(content: bytearray, begin: int) -> Iterator[bytes]:
    """Whole lines, the last ones first: those are let go."""
    while len(content) - begin > _PARSED_BYTES:
        at = content.rfind(b"\n", begin, len(content) - _PARSED_BYTES) + 1
        if not at or content.count(b'"', at) % 2:  # that line may end within quotes
            break
        yield _copy(content, at)
        del content[at:]
    yield _copy(content, begin)


def _copy(content: bytearray, begin: int) -> bytes:
    with memoryview(content) as view:  # to cut a bytearray copies it once more
        return bytes(view[begin:])


def _parse_piece(piece: bytes, layout: Layout, schema: dict[str, Any]) -> pl.DataFrame:
    try:
        return pl.read_csv(
            piece,
            has_header=False,
            separator=_mark(layout),
            schema=schema,
            missing_columns="insert",  # of a first line that is blank
        )
    except pl.exceptions.NoDataError:
        return pl.DataFrame(schema=schema)


def _mark(layout: Layout) -> str:
    return "\t" if layout.delimiter == " " else layout.delimiter


def _longest(content: bytearray, layout: Layout, width: int) -> tuple[int, int]:
    """
    Fields of the longest row, without and with empty ones at its end.

    One more than the header has, throughout, is an index that the header does not name.

    Raises:
        ValueError: a row has more: 1,234 for 1234.
    """
    has_time = any(plain(name) in (*OPEN_TIMES, *TIMES, *CLOSE_TIMES) for name in layout.names)
    allowed = width if has_time or not layout.names else width + 1
    longest = written = width
    for number, fields in _fields(content, layout):
        written = max(written, len(fields))
        while len(fields) > width and not fields[-1].strip():
            fields.pop()
        if len(fields) > allowed:
            raise ValueError(f"line {number} has more fields than the header")
        longest = max(longest, len(fields))
    return longest, written


def _fields(content: bytearray, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(content.split(b"\n"), start=1):
        if number > layout.first:
            yield number, split(line.decode("utf-8", "replace").rstrip("\r"), _mark(layout))


def _say(layout: Layout, encoding: str, ledger: Ledger) -> None:
    if encoding != "UTF-8":
        by = By.PROOF if encoding == "UTF-16" else By.DEFAULT
        ledger.decide(About.CONTAINER, encoding, by, f"text in {encoding}")
    by = By.OPTION if ledger.options.delimiter else By.PROOF
    words = f"fields are parted by {_SPOKEN.get(layout.delimiter, layout.delimiter)}"
    if not layout.names:
        words += ", no line names the columns"
    if layout.before:
        words += f", {counted(layout.before, 'line')} before that left out"
    ledger.decide(About.HEADER, None, by, words)

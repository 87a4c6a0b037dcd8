"""What an operation was asked to do, as text, and how that differs from another's."""

import difflib
from dataclasses import dataclass
from typing import Any

from operations.models import Operation
from operations.reading.plain_yaml import as_yaml

CONTEXT_LINES = 3


@dataclass(frozen=True, kw_only=True)
class DiffLine:
    kind: str
    """added, removed, place or same."""
    text: str


def snapshot_text(request: dict[str, Any]) -> str:
    """The frozen request as YAML, in its own order."""
    return as_yaml(request, width=100)


def diff(base: Operation, other: Operation) -> list[DiffLine]:
    """Empty when both were asked for the same."""
    lines = difflib.unified_diff(
        snapshot_text(base.request).splitlines(),
        snapshot_text(other.request).splitlines(),
        n=CONTEXT_LINES,
        lineterm="",
    )
    return [_line(line) for line in list(lines)[2:]]  # after the two file names


def _line(line: str) -> DiffLine:
    kinds = {"+": "added", "-": "removed", "@": "place"}
    return DiffLine(kind=kinds.get(line[:1], "same"), text=line)

"""A report of imported bars in words: the one text of it, for the command and the pages."""

from collections.abc import Iterator, Mapping
from typing import Any

from training.market_data.reading.words import counted


def told(report: Mapping[str, Any]) -> Iterator[str]:
    """What was decided and found, a sentence without its full stop each; `DataReport` as JSON.

    Imports of earlier versions lack some of it.
    """
    yield f"from {report['first']} to {report['last']} (opens, UTC)"
    if report.get("first_written"):
        yield f"in the file from {report['first_written']} to {report['last_written']}"
    reading = report.get("reading") or {}
    yield from (decision["words"] for decision in reading.get("decisions", ()))
    if report["rows_moved"]:
        yield f"sorted: {counted(report['rows_moved'], 'row')} stood after a later one"
    if report["duplicates_removed"]:
        yield f"repeated rows dropped: {report['duplicates_removed']}"
    yield from report["notes"]


def gaps_told(report: Mapping[str, Any]) -> Iterator[str]:
    """How many gaps, and the longest of them."""
    yield f"gaps: {report['num_gaps']}"
    for gap in report["gaps"]:
        yield f"  {gap['after']} to {gap['before']}: {counted(gap['num_missing'], 'bar')} missing"

"""What a page of many operations shows of each: a few queries for all of it, and none of them reads
a history whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from checkpoints.models import Checkpoint
from checkpoints.statistics import Stored
from operations.models import FAMILY, Operation, Status
from operations.operation_types import Presentation, presentation
from operations.reading.overview import Overview, overviews

COUNT_AT_MOST = 1000
"""Beyond it a count says "1,000+": counting on would read the table."""

NOTHING_STORED = Stored(count=0, size_bytes=0)


@dataclass(frozen=True, kw_only=True)
class Summary:
    overview: Overview
    stored: Stored
    """Its checkpoints."""
    curve: list[float]
    """What its type draws in a table's cell, evenly spaced; lower is better."""
    presentation: Presentation


def status_counts(among: QuerySet[Operation], *, part_of: str = "") -> dict[str, int]:
    """How many there are of each status, parts of others left out; or of the parts of that one.

    `COUNT_AT_MOST` + 1 means more than that.
    """
    counted = among.filter(part_of=part_of) if part_of else among.filter(FAMILY)
    return {status.value: count(counted.filter(status=status)) for status in Status}


def count(among: QuerySet[Operation]) -> int:
    """As far as `COUNT_AT_MOST` + 1."""
    return among.order_by()[: COUNT_AT_MOST + 1].count()


def summaries(operations: Iterable[Operation]) -> list[Summary]:
    shown = list(operations)
    stored, curves = _stored(shown), _curves(shown)
    return [
        Summary(
            overview=overview,
            stored=stored.get(overview.operation.pk, NOTHING_STORED),
            curve=curves.get(overview.operation.pk, []),
            presentation=presentation(overview.operation.operation_type),
        )
        for overview in overviews(shown)
    ]


def _stored(operations: list[Operation]) -> dict[str, Stored]:
    sums = (
        Checkpoint.objects.filter(operation__in=operations)
        .order_by()
        .values("operation_id")
        .annotate(count=Count("pk"), size_bytes=Sum("size_bytes"))
    )
    return {
        row["operation_id"]: Stored(count=row["count"], size_bytes=row["size_bytes"])
        for row in sums
    }


def _curves(operations: list[Operation]) -> dict[str, list[float]]:
    """By the operation's id."""
    curves: dict[str, list[float]] = {}
    for kind in {operation.operation_type for operation in operations}:
        of_kind = [operation for operation in operations if operation.operation_type == kind]
        curves |= presentation(kind).small_curves(of_kind)
    return curves

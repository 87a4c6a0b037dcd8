"""What a page of many operations shows of each: a few queries for all of it, and none of them reads
a history whole."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from checkpoints.models import Checkpoint
from checkpoints.statistics import Stored
from operations.models import Metric, Operation, Status
from operations.reading.overview import Overview, overviews

COUNT_AT_MOST = 1000
"""Beyond it a count says "1,000+": counting on would read the table."""

CURVE_POINTS = 24
"""Points of a curve in a table's cell."""

NOTHING_STORED = Stored(count=0, size_bytes=0)


@dataclass(frozen=True, kw_only=True)
class Summary:
    overview: Overview
    stored: Stored
    """Its checkpoints."""
    val_losses: list[float]
    """At up to `CURVE_POINTS` epochs, from the first to the last completed one."""


def status_counts(among: QuerySet[Operation]) -> dict[str, int]:
    """How many there are of each status; `COUNT_AT_MOST` + 1 means more than that."""
    return {status.value: count(among.filter(status=status)) for status in Status}


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
            val_losses=curves[overview.operation.pk],
        )
        for overview in overviews(shown)
    ]


def spread(last: int, num_points: int) -> list[int]:
    """Up to `num_points` whole numbers from 0 to `last`, both of them among these, ascending."""
    if last < num_points:
        return list(range(last + 1))
    return [round(index * last / (num_points - 1)) for index in range(num_points)]


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


def _curves(operations: list[Operation]) -> defaultdict[str, list[float]]:
    """Each epoch as the latest attempt that reached it recorded it."""
    curves: defaultdict[str, list[float]] = defaultdict(list)
    wanted = Q(pk__in=[])
    for operation in operations:
        last = operation.progress.get("epoch", -1)
        wanted |= Q(operation=operation, step__in=spread(last, CURVE_POINTS))
    rows = Metric.objects.filter(wanted).order_by("operation_id", "step", "attempt")
    latest = {
        (operation_id, step): value
        for operation_id, step, value in rows.values_list(
            "operation_id", "step", "values__val_loss"
        )
    }
    for (operation_id, _), value in latest.items():
        if value is not None:
            curves[operation_id].append(value)
    return curves

"""Bound what ended operations leave behind: events, metrics and logs are most of what there is.

The operation itself, its attempts, its checkpoints and its model stay.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from operations import lifecycle
from operations.models import TERMINAL, AttemptLog, Event, Metric, Operation, OperationQuerySet


@dataclass(frozen=True, kw_only=True)
class PrunedHistory:
    """What was deleted, or would be."""

    operation_id: str
    num_events: int
    num_metrics: int
    num_logs: int


def prune(*, older_than: timedelta, dry_run: bool = False) -> list[PrunedHistory]:
    """Delete events, metrics and logs of what ended so long ago, by the database's clock.

    Never of a live one: a resume that comes first keeps them. After a later resume there is nothing
    recorded to replay against, which its attempt says.
    """
    ids = _ended(older_than).filter(_has(Event) | _has(Metric) | _has(AttemptLog)).order_by("pk")
    pruned = [
        _prune(operation_id, older_than, dry_run=dry_run)
        for operation_id in list(ids.values_list("pk", flat=True))
    ]
    return [history for history in pruned if history is not None]


def _take(operation_id: str) -> bool:
    """Its family's row, or its own: nothing of it goes on while that is locked."""
    return lifecycle.locked(operation_id) is not None


def _has(history: type[Event | Metric | AttemptLog]) -> Q:
    return Q(Exists(history._default_manager.filter(operation_id=OuterRef("pk"))))


def _ended(older_than: timedelta) -> OperationQuerySet:
    """A family and its parts go as one: when the last of them has ended so long ago."""
    ended = Q(status__in=TERMINAL, completed_at__lt=Now() - older_than)
    later = Operation.objects.exclude(ended)
    return Operation.objects.filter(ended).exclude(
        Exists(later.filter(part_of=OuterRef("pk")))
        | Exists(later.filter(pk=OuterRef("part_of")))
        | Exists(later.filter(part_of=OuterRef("part_of")))
    )


def _prune(operation_id: str, older_than: timedelta, *, dry_run: bool) -> PrunedHistory | None:
    with transaction.atomic():
        if not _take(operation_id) or not _ended(older_than).filter(pk=operation_id).exists():
            return None  # it goes on, since the list was made
        events = Event.objects.filter(operation_id=operation_id)
        metrics = Metric.objects.filter(operation_id=operation_id)
        logs = AttemptLog.objects.filter(operation_id=operation_id)
        history = PrunedHistory(
            operation_id=operation_id,
            num_events=events.count(),
            num_metrics=metrics.count(),
            num_logs=logs.count(),
        )
        if not dry_run:
            for rows in (events, metrics, logs):
                rows.delete()
        return history

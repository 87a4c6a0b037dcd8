"""Bound what ended operations leave behind: events, metrics and logs are most of what there is.

The operation itself, its attempts, its checkpoints and its model stay.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

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


def _has(history: type[Event | Metric | AttemptLog]) -> Q:
    return Q(Exists(history._default_manager.filter(operation_id=OuterRef("pk"))))


def _ended(older_than: timedelta) -> OperationQuerySet:
    return Operation.objects.filter(status__in=TERMINAL, completed_at__lt=Now() - older_than)


def _prune(operation_id: str, older_than: timedelta, *, dry_run: bool) -> PrunedHistory | None:
    with transaction.atomic():
        locked = _ended(older_than).select_for_update().filter(pk=operation_id)
        if locked.first() is None:
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

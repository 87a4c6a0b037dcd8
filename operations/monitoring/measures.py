"""The numbers of `/metrics`: the present in a few indexed queries, totals over everything seldom.

Times are the database's, here as everywhere.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, QuerySet
from django.db.models.functions import Now
from prometheus_client.core import GaugeMetricFamily

from checkpoints.statistics import checkpoint_statistics
from checkpoints.storage import free_bytes
from operations import selectors
from operations.models import (
    FAMILY,
    LIVE,
    TERMINAL,
    Attempt,
    Event,
    EventType,
    Metric,
    Operation,
    Outcome,
    Process,
    Status,
    WebhookMessage,
    seconds_from_now,
)

TOTALS_KEPT_SECONDS = 300.0
"""What counts whole tables is this old at most: with a million operations it takes a while."""
RECENT_SECONDS = 60.0
RECENT_ROWS = 20_000
"""At most so many of a table's newest rows are looked at."""
RECENT_EVENTS = 500

Samples = list[tuple[dict[str, str], float]]


def families() -> Iterator[GaugeMetricFamily]:
    """Each is computed when it is asked for."""
    for name, help_text, measure in FAMILIES:
        samples = measure()
        labels = list(samples[0][0]) if samples else []
        family = GaugeMetricFamily(name, help_text, labels=labels)
        for values, number in samples:
            family.add_metric(list(values.values()), number)
        yield family


def operations_by_status() -> Samples:
    """Parts of others are left out: what is out at its rung was not cancelled by anybody."""
    live = {status.value: _operations(status).count() for status in LIVE}
    return _labelled("status", live | _kept("operations", _ended_operations))


def attempts_by_outcome() -> Samples:
    return _labelled("outcome", _kept("attempts", _ended_attempts))


def oldest_lease_age() -> Samples:
    return _plain(_age(Operation.objects.all().claimed(), "heartbeat_at"))


def waiting_attempts() -> Samples:
    by_queue = dict(
        _waiting().values_list("operation__queue").annotate(count=Count("pk")).order_by()
    )
    return _labelled("queue", by_queue)


def oldest_wait() -> Samples:
    return _plain(_age(_waiting(), "created_at"))


def alive(kind: Process.Kind) -> Samples:
    return _plain(selectors.alive(kind).count())


def epochs_per_second() -> Samples:
    newest = Metric.objects.aggregate(pk=Max("pk"))["pk"] or 0
    recent = Metric.objects.filter(
        pk__gt=newest - RECENT_ROWS, created_at__gt=seconds_from_now(-RECENT_SECONDS)
    )
    return _plain(recent.count() / RECENT_SECONDS)


def checkpoint_bytes() -> Samples:
    return _labelled("type", _kept("checkpoints", _stored_bytes))


def save_seconds() -> Samples:
    """How long the saves among the newest events took."""
    newest = Event.objects.order_by("-pk").values_list("event_type", "data")[:RECENT_EVENTS]
    seconds = [
        float(data["seconds"])
        for event_type, data in newest
        if event_type == EventType.CHECKPOINT_SAVED and "seconds" in data
    ]
    if not seconds:
        return []
    return _labelled("quantile", {"0.5": median(seconds), "1": max(seconds)})


def storage_free() -> Samples:
    """None where the storage is no directory."""
    free = free_bytes()
    return [] if free is None else _plain(free)


def webhook_messages() -> Samples:
    messages = WebhookMessage.objects
    return _labelled(
        "state",
        {"waiting": messages.exclude(due_at=None).count(), "dead": messages.dead().count()},
    )


FAMILIES: tuple[tuple[str, str, Callable[[], Samples]], ...] = (
    (
        "ktrdr_operations",
        "Operations by status; of those that have ended, as of the last five minutes.",
        operations_by_status,
    ),
    (
        "ktrdr_attempts",
        "Attempts that have ended, by outcome, as of the last five minutes.",
        attempts_by_outcome,
    ),
    (
        "ktrdr_lease_age_seconds",
        "Since the renewal of the lease that was not renewed for longest.",
        oldest_lease_age,
    ),
    ("ktrdr_waiting_attempts", "Attempts that wait for a worker, by queue.", waiting_attempts),
    ("ktrdr_waiting_seconds", "For how long the first of them has waited.", oldest_wait),
    ("ktrdr_workers", "Workers that are alive.", partial(alive, Process.Kind.WORKER)),
    ("ktrdr_sweepers", "Sweepers that are alive.", partial(alive, Process.Kind.SWEEPER)),
    (
        "ktrdr_epochs_per_second",
        "Epochs that ended in the last minute, of all operations.",
        epochs_per_second,
    ),
    (
        "ktrdr_checkpoint_bytes",
        "What checkpoints take up, by type, as of the last five minutes.",
        checkpoint_bytes,
    ),
    (
        "ktrdr_checkpoint_save_seconds",
        "From the snapshot to the commit, of the saves among the newest 500 events.",
        save_seconds,
    ),
    (
        "ktrdr_storage_free_bytes",
        "What is free on the disk of the checkpoint storage, where that is a directory.",
        storage_free,
    ),
    ("ktrdr_webhook_messages", "Messages that have not arrived.", webhook_messages),
)


def _ended_operations() -> dict[str, int]:
    return {status.value: _operations(status).count() for status in TERMINAL}


def _operations(status: Status) -> QuerySet[Operation]:
    return Operation.objects.filter(FAMILY, status=status)


def _ended_attempts() -> dict[str, int]:
    counted = Attempt.objects.exclude(outcome="").order_by().values_list("outcome")
    return {**{outcome.value: 0 for outcome in Outcome}, **dict(counted.annotate(n=Count("pk")))}


def _stored_bytes() -> dict[str, int]:
    by_type = checkpoint_statistics().by_type
    return {name: stored.size_bytes for name, stored in by_type.items()}


def _waiting() -> QuerySet[Attempt]:
    """For a worker, and not for a family or for parts."""
    return Attempt.objects.filter(
        ended_at=None, claimed_at=None, operation__waiting=False, operation__held_at=None
    )


def _age(rows: QuerySet[Any], since: str) -> float:
    """Age of the oldest in seconds; 0 without any."""
    age = ExpressionWrapper(Now() - F(since), output_field=DurationField())
    oldest: timedelta | None = rows.aggregate(age=Max(age))["age"]
    return max(0.0, oldest.total_seconds()) if oldest else 0.0


def _kept(name: str, measure: Callable[[], dict[str, int]]) -> dict[str, int]:
    kept: Any = cache.get_or_set(f"ktrdr.measures.{name}", measure, TOTALS_KEPT_SECONDS)
    return dict(kept)


def _labelled(label: str, numbers: Mapping[str, float]) -> Samples:
    return [({label: value}, number) for value, number in sorted(numbers.items())]


def _plain(number: float) -> Samples:
    return [({}, number)]

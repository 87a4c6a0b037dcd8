"""The parts of an operation's page: what each of its fragments is rendered from."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest

from operations import operation_types, selectors
from operations.errors import DomainError
from operations.models import CLAIMED, Attempt, Operation
from operations.reading import attempt_logs
from operations.reading.attempt_logs import Log
from operations.reading.overview import overview
from operations.reading.words import warnings_of
from operations.views.attempts_picture import attempts_picture
from operations.views.base import address, number
from operations.views.offers import offers
from operations.views.refusals import refusals
from operations.views.snapshot import diff
from operations.views.timeline import PAGE_SIZE, timeline

ATTEMPTS_SHOWN = 50
BEAT_TAKES = 2.0
"""Seconds that a heartbeat may take on a busy machine before it counts as missed."""
LAST_LINES_SECONDS = 30.0
LOG_TAIL_CHARACTERS = 16_000
LOGS_OFFERED = 20


def header(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """Where it stands and what can be done."""
    now = overview(operation)
    attempts = selectors.attempts(operation.pk)
    return {
        "operation": operation,
        "now": now,
        "offers": offers(now, request.user),
        "warnings": warnings_of(attempts),
        "traceback": _traceback(operation, attempts),
        "headline": operation_types.headline(operation),
        "remedy": operation_types.remedy(operation),
        "links": operation_types.links(operation),
        **_silence(operation),
        "resume_options": operation_types.resume_options(operation.operation_type),
        "presentation": operation_types.presentation(operation.operation_type),
    }


def _silence(operation: Operation) -> dict[str, Any]:
    """A worker that is alive beats every few seconds: two beats that are missed are told."""
    after = 2 * settings.KTRDR_HEARTBEAT_SECONDS + BEAT_TAKES
    silent = Operation.objects.filter(
        CLAIMED, pk=operation.pk, heartbeat_at__lt=Now() - timedelta(seconds=after)
    )
    return {
        "silent_after": after,
        "is_silent": silent.exists(),
        "lease": settings.KTRDR_LEASE_SECONDS,
    }


def history(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """Attempts, checkpoints and a page of events."""
    before = number(request, "events_before")
    events = selectors.newest_events(operation.pk, before=before, limit=PAGE_SIZE)
    attempts = newest_attempts(operation)
    return {
        "operation": operation,
        "attempts": attempts[::-1],
        "attempts_picture": attempts_picture(attempts),
        "num_attempts": operation.attempt,
        "checkpoints": selectors.checkpoints(operation.pk),
        "from_rows": operation_types.resumes_from_rows(operation),
        "has_parts": operation_types.has_parts(operation),
        "happenings": timeline(events),
        "events_before": events[0].number if events and events[0].number > 1 else None,
        "is_newest": before is None,
        "history_url": address(request, operation, "operation-history"),
        "refused": refusals(request.user),
    }


def newest_attempts(operation: Operation) -> list[Attempt]:
    """Those that its page shows, in their order."""
    return selectors.attempts(operation.pk)[-ATTEMPTS_SHOWN:]


def log(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """The tail of an attempt's log: of the current one, unless the address says of which."""
    told = attempt_logs.read(operation, number(request, "log"))
    newest = range(operation.attempt, max(operation.attempt - LOGS_OFFERED, 0), -1)
    return {
        "operation": operation,
        "log": told,
        "log_tail": told.text[-LOG_TAIL_CHARACTERS:],
        "log_is_cut": len(told.text) > LOG_TAIL_CHARACTERS or told.left_out_bytes > 0,
        "logs": sorted({*newest, told.attempt}, reverse=True),
        "log_url": address(request, operation, "operation-log"),
        "log_is_open": "log" in request.GET,
        "log_is_awaited": _is_awaited(operation, told),
    }


def _is_awaited(operation: Operation, log: Log) -> bool:
    """An attempt writes its last lines after its end, which is the last that is told of it.

    One that was killed writes none: nobody waits for them for long.
    """
    just_ended = Attempt.objects.filter(
        operation=operation,
        number=log.attempt,
        ended_at__gt=Now() - timedelta(seconds=LAST_LINES_SECONDS),
    )
    ended_at = just_ended.values_list("ended_at", flat=True).first()
    return ended_at is not None and (log.updated_at is None or log.updated_at < ended_at)


def comparison(request: HttpRequest, operation: Operation) -> dict[str, Any]:
    """How its snapshot differs from that of the operation that `against` names."""
    against = request.GET.get("against", "").strip()
    if not against:
        return {"against": operation.parent_id or "", "is_compared": False}
    try:
        base = selectors.find_operation(against, selectors.visible_to(request.user))
    except DomainError as error:
        return {"against": against, "is_compared": True, "comparison_error": str(error)}
    return {"against": base.pk, "is_compared": True, "diff": diff(base, operation)}


def _traceback(operation: Operation, attempts: list[Attempt]) -> str:
    if not operation.error_code or not attempts or not attempts[-1].error:
        return ""
    return str(attempts[-1].error.get("traceback", ""))

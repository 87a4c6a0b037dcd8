"""Send what is due, a little at a time; what does not arrive is tried again for 18 hours."""

import logging
import random
import time
import urllib.error
import urllib.request
from datetime import timedelta
from http.client import HTTPException, HTTPMessage
from typing import IO

from django.conf import settings
from django.db import connections, transaction
from rest_framework.renderers import JSONRenderer

from operations import lifecycle
from operations.models import EventType, seconds_from_now
from operations.outage import DATABASE_AWAY
from operations.webhook.outbox import WebhookMessage
from operations.webhook.signature import signed_headers

logger = logging.getLogger(__name__)

PAUSES = tuple(
    pause.total_seconds()
    for pause in (
        timedelta(seconds=5),
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(hours=10),
    )
)
"""After each try that failed; after one more the message is dead."""
JITTER = 0.2  # of a pause, at most, on top of it
TIMEOUT_SECONDS = 10.0  # for a connection, and for each part of an answer
CLAIM_SECONDS = 120.0  # longer than one try: after it another sweeper may try
ROUND_SECONDS = 60.0


class NotReceived(Exception):
    """Why a message did not arrive."""


class Unreachable(NotReceived):
    """Nobody is there: then none of the others would arrive either."""


def deliver_due() -> int:
    """Send what is due, for at most `ROUND_SECONDS`; how many arrived."""
    end = time.monotonic() + ROUND_SECONDS
    arrived = 0
    try:
        while time.monotonic() < end and (message := _claim_next()) is not None:
            arrived += _deliver(message)
    except Unreachable as error:
        logger.warning("the webhook's receiver is not there: %s", error)
    except DATABASE_AWAY as error:
        logger.warning("webhooks are put off: %s", error)
    return arrived


def deliver_on_a_thread() -> None:
    try:
        deliver_due()
    finally:
        connections.close_all()


def _claim_next() -> WebhookMessage | None:
    if not settings.KTRDR_WEBHOOK_URL:
        return None
    until = seconds_from_now(CLAIM_SECONDS)
    for message in WebhookMessage.objects.due().select_related("operation")[:10]:
        if WebhookMessage.objects.try_take(message, until=until):
            message.tries += 1
            return message
    return None


def _deliver(message: WebhookMessage) -> bool:
    try:
        _send(message)
    except NotReceived as error:
        _put_off(message, str(error))
        if isinstance(error, Unreachable):
            raise
        return False
    WebhookMessage.objects.filter(pk=message.pk).delete()
    logger.info("webhook: %s arrived", message)
    return True


def _send(message: WebhookMessage) -> None:
    body = JSONRenderer().render(payload(message))
    request = urllib.request.Request(  # noqa: S310  # the settings let nothing but http(s) through
        settings.KTRDR_WEBHOOK_URL,
        data=body,
        headers={
            "Content-Type": "application/json",
            "User-Agent": "KTRDR",
            **signed_headers(settings.KTRDR_WEBHOOK_KEY, message_id=message_id(message), body=body),
        },
    )
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS):
            return
    except urllib.error.HTTPError as error:
        with error:
            raise NotReceived(f"it answered {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise Unreachable(str(error) or type(error).__name__) from error


def payload(message: WebhookMessage) -> dict[str, object]:
    """The same bytes at every try: only what the event's time had fixed."""
    operation = message.operation
    return {
        "type": f"operation.{message.event_type}",
        "timestamp": message.created_at,
        "data": {
            "operation_id": operation.pk,
            "operation_type": operation.operation_type,
            "name": operation.name,
            "attempt": message.attempt,
            "event": message.number,
            **message.data,
        },
    }


def message_id(message: WebhookMessage) -> str:
    """The receiver's idempotency key."""
    return f"{message.operation_id}.{message.number}"


def _put_off(message: WebhookMessage, reason: str) -> None:
    """Try again later, or never: that its operation tells."""
    reason = reason[:500]
    mine = WebhookMessage.objects.filter(pk=message.pk, tries=message.tries)
    if message.tries <= len(PAUSES):
        seconds = PAUSES[message.tries - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311
        put_off = mine.update(due_at=seconds_from_now(seconds), last_error=reason)
        if put_off:
            logger.info("webhook: %s comes again in %.0f s: %s", message, seconds, reason)
        return
    with transaction.atomic():
        if mine.update(due_at=None, last_error=reason):
            logger.error("webhook: %s is given up: %s", message, reason)
            told = {"reason": f"The webhook was told {message.tries} times in vain: {reason}"}
            lifecycle.note(message.operation_id, EventType.WEBHOOK_FAILED, told)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A signed message goes where its owner said and nowhere else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)

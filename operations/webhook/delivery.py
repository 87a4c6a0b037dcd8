"""Send what is due, a little at a time; what does not arrive is tried again for 18 hours."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.db import connections, transaction

from operations import lifecycle
from operations.models import EventType, seconds_from_now
from operations.outage import DATABASE_AWAY
from operations.webhook.outbox import WebhookMessage
from operations.webhook.receivers import receivers
from operations.webhook.refusals import NotReceived, Unreachable

logger = logging.getLogger(__name__)

Sender = Callable[[WebhookMessage], None]

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
CLAIM_SECONDS = 120.0  # longer than one try: after it another sweeper may try
ROUND_SECONDS = 60.0


def deliver_due() -> int:
    """Send what is due, for at most `ROUND_SECONDS`; how many arrived."""
    end = time.monotonic() + ROUND_SECONDS
    senders, arrived = dict(receivers()), 0
    try:
        while time.monotonic() < end and (message := _claim_next(senders)) is not None:
            try:
                arrived += _deliver(message, senders[message.receiver])
            except Unreachable as error:
                logger.warning("%s is not there: %s", message.receiver or "the webhook", error)
                del senders[message.receiver]
    except DATABASE_AWAY as error:
        logger.warning("webhooks are put off: %s", error)
    return arrived


def deliver_on_a_thread() -> None:
    try:
        deliver_due()
    finally:
        connections.close_all()


def _claim_next(senders: Mapping[str, Sender]) -> WebhookMessage | None:
    if not senders:
        return None
    until = seconds_from_now(CLAIM_SECONDS)
    due = WebhookMessage.objects.due().filter(receiver__in=senders)
    for message in due.select_related("operation")[:10]:
        if WebhookMessage.objects.try_take(message, until=until):
            message.tries += 1
            return message
    return None


def _deliver(message: WebhookMessage, send: Sender) -> bool:
    try:
        send(message)
    except NotReceived as error:
        _put_off(message, str(error))
        if isinstance(error, Unreachable):
            raise
        return False
    WebhookMessage.objects.filter(pk=message.pk).delete()
    logger.info("webhook: %s arrived", message)
    return True


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
            who = f"{message.receiver} of KTRDR_NOTIFY_URLS" if message.receiver else "The webhook"
            told = {"reason": f"{who} was told {message.tries} times in vain: {reason}"}
            lifecycle.note(message.operation_id, EventType.WEBHOOK_FAILED, told)

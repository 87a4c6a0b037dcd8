"""Who is told of an end: the webhook's address, and each of apprise's. By name: how to send."""

from collections.abc import Callable, Mapping
from functools import partial

from django.conf import settings

from operations.webhook import notices, post
from operations.webhook.addresses import WEBHOOK, name_of
from operations.webhook.outbox import WebhookMessage


def receivers() -> Mapping[str, Callable[[WebhookMessage], None]]:
    """Senders raise `NotReceived`. A message of somebody who is no longer told waits until he is
    again."""
    found: dict[str, Callable[[WebhookMessage], None]] = {}
    if settings.KTRDR_WEBHOOK_URL:
        found[WEBHOOK] = post.send
    for url in settings.KTRDR_NOTIFY_URLS:
        found[name_of(url)] = partial(notices.send, url=url)
    return found

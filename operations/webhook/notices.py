"""Tell an address of apprise: one of a hundred services. Its library is loaded when there is one.

An address holds tokens: it is in no message, error or log of ours, and apprise's own log, which has
it, is turned off.
"""

import logging
from typing import Any

from operations.webhook.addresses import shown
from operations.webhook.outbox import WebhookMessage
from operations.webhook.refusals import NotReceived, Unreachable


def service_at(url: str) -> Any:
    """What apprise knows at an address; None of what it does not."""
    import apprise

    logging.getLogger("apprise").disabled = True
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # below, it tells each address
    return apprise.Apprise.instantiate(url)


def send(message: WebhookMessage, url: str) -> None:
    """Raises `NotReceived`. Why it did not arrive is in apprise's log alone, beside the tokens: who
    asks `apprise -vv` by hand sees it."""
    service = service_at(url)
    if service is None:
        raise NotReceived(f"apprise knows no such service: {shown(url)}")
    try:
        arrived = service.notify(
            title=title(message), body=body(message), notify_type=_kind(message)
        )
    except Exception as error:  # noqa: BLE001  # of a service's code, and its text may hold a token
        raise Unreachable(f"{shown(url)} failed: {type(error).__name__}") from None
    if not arrived:
        raise Unreachable(f"{shown(url)} did not take it")


def title(message: WebhookMessage) -> str:
    """`nightly has failed`, by its name, or its id where it has none."""
    operation = message.operation
    ends = {"completed": "has completed", "failed": "has failed", "cancelled": "was cancelled"}
    return f"{operation.name or operation.pk} {ends[message.event_type]}"


def body(message: WebhookMessage) -> str:
    """The same at every try: only what the event's time had fixed."""
    operation = message.operation
    ended = f"{message.created_at:%Y-%m-%d %H:%M} UTC"
    what = f"{operation.pk} ({operation.operation_type}), attempt {message.attempt}, {ended}."
    code, told = message.data.get("code"), message.data.get("message")
    return f"{what}\n{code}: {told}" if code and told else what


def _kind(message: WebhookMessage) -> str:
    return {"completed": "success", "failed": "failure"}.get(message.event_type, "info")

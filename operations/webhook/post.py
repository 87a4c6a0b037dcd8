"""POST a message to the webhook's address, signed."""

import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from typing import IO

from django.conf import settings
from rest_framework.renderers import JSONRenderer

from operations.webhook.outbox import WebhookMessage
from operations.webhook.refusals import NotReceived, Unreachable
from operations.webhook.signature import signed_headers

TIMEOUT_SECONDS = 10.0  # for a connection, and for each part of an answer


def send(message: WebhookMessage) -> None:
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

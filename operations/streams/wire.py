"""The wire format of server-sent events, and the answer that carries them."""

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import StreamingHttpResponse
from rest_framework.renderers import JSONRenderer

from operations.streams.listeners import Seat

CONTENT_TYPE = "text/event-stream"

KEEP_ALIVE = b": keep-alive\n\n"
KEEP_ALIVE_SECONDS = 15.0
"""Proxies end a connection that is silent for longer, most of them after a minute."""

RECONNECT = b"retry: 1000\n\n"
"""After how many milliseconds a client that was cut off comes back."""


class EventStreamRenderer(JSONRenderer):
    """Lets a client ask for a stream by its Accept header; an error is a problem all the same."""

    media_type = CONTENT_TYPE
    format = "event-stream"


def message(event: str, data: Any, *, number: int | None = None) -> bytes:
    """One event; `number` is what a client sends back as `Last-Event-ID`."""
    identified = b"" if number is None else b"id: %d\n" % number
    return identified + b"event: %s\ndata: %s\n\n" % (event.encode(), JSONRenderer().render(data))


def answer(messages: AsyncIterator[bytes], seat: Seat) -> StreamingHttpResponse:
    """Holds the seat until the last message, or until the client has gone."""
    response = StreamingHttpResponse(_opened(messages, seat), content_type=CONTENT_TYPE)
    response["X-Accel-Buffering"] = "no"  # nginx would hold messages back until it has a page full
    return response


async def _opened(messages: AsyncIterator[bytes], seat: Seat) -> AsyncIterator[bytes]:
    with seat:
        # The request's own thread would hold its connection for as long as the stream is open.
        await sync_to_async(connections.close_all)()
        yield RECONNECT
        async for sent in messages:
            yield sent

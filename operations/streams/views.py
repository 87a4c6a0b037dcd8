"""The open end of the streams: who may listen, and from where on."""

import re

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from operations.api_view import ApiView
from operations.errors import InvalidInput
from operations.models import LARGEST_INTEGER
from operations.reading import following
from operations.streams import streams, wire
from operations.streams.listeners import SEATS, Listener

NUMBER = re.compile(r"[0-9]{1,10}")


class ChangesView(ApiView):
    """For the dashboard: everything that changes and that the user may see."""

    renderer_classes = [wire.EventStreamRenderer]
    schema = None  # no part of the API: its messages may change with the pages

    def get(self, request: Request) -> HttpResponseBase:
        listener = Listener.of(request)
        seat = SEATS.take(listener.user_id)
        return wire.answer(streams.changes(request.user, listener), seat)


def stream_events(request: Request, operation_id: str, *, after: int) -> HttpResponseBase:
    """The events beyond `after`, or beyond those that a client which comes back says it has.

    204 when there is nothing to come, which tells an `EventSource` to stay away (WHATWG HTML
    § 9.2.2). Raises `TooManyStreams`.
    """
    after = _last_received(request, default=after)
    if following.look(operation_id, after=after).has_nothing_more:
        return HttpResponse(status=204)
    listener = Listener.of(request)
    seat = SEATS.take(listener.user_id)
    return wire.answer(streams.events(operation_id, listener, after=after), seat)


def _last_received(request: Request, *, default: int) -> int:
    given = request.headers.get("Last-Event-ID", "")
    if not given:
        return default
    if not NUMBER.fullmatch(given) or int(given) > LARGEST_INTEGER:
        raise InvalidInput(reason="Last-Event-ID is the number of an event.")
    return int(given)

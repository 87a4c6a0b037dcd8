"""Every request has an id, in its answer and in every line that is logged for it."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from operations import log_context

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """The proxy's id where it gave a plain one, else a new one."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        request_id = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        request.META["ktrdr.request_id"] = request_id
        with log_context.during(request):
            response = get_response(request)
        response[HEADER] = request_id
        return response

    return middleware

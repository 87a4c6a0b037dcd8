"""No request holds a text that cannot be stored: what reads one need not ask."""

from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any

from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime

from operations.text import unstorable


class StorableMiddleware:
    """404 for such an address, 400 for such a query, cookie or form; JSON has its parser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if unstorable(request.path_info):
            raise Http404
        _refuse("The query", _texts(request.GET))
        _refuse_moments(_texts(request.GET))
        _refuse_no_field("The query", request.GET)
        _refuse("A cookie", (text for pair in request.COOKIES.items() for text in pair))
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        """A view that takes forms has its form read before it for the CSRF token, anyway."""
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            _refuse("The form", _texts(request.POST))
            _refuse_no_field("The form", request.POST)


def _texts(fields: "MultiValueDict[str, Any]") -> Iterable[str]:
    for name, values in fields.lists():
        yield name
        yield from values


def _refuse(what: str, texts: Iterable[str]) -> None:
    for text in texts:
        if character := unstorable(text):
            raise BadRequest(f"{what} holds the character {character}, which cannot be stored.")


def _refuse_no_field(what: str, fields: "MultiValueDict[str, Any]") -> None:
    """The admin asks whether it may look by this field, but not when its name is empty."""
    if fields.get(TO_FIELD_VAR) == "":
        raise BadRequest(f"{what} has {TO_FIELD_VAR} without the name of a field.")


def _refuse_moments(texts: Iterable[str]) -> None:
    """SQLite keeps times in UTC: year 1 of an offset may be before all that it knows."""
    for text in texts:
        try:
            if (moment := parse_datetime(text)) and moment.tzinfo:
                moment.astimezone(UTC)
        except ValueError:  # a text like any other
            continue
        except OverflowError as error:
            raise BadRequest("The query holds a time outside of the years 1 to 9999.") from error

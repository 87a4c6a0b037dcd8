"""Every error of the API as `application/problem+json` (RFC 9457)."""

import logging
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.template import loader
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from operations.errors import DomainError
from operations.outage import is_away

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
API_ROOT = "/api/"


DATABASE_PAUSE_SECONDS = 5
WAITING_PAUSE_SECONDS = 2
MOST_FAULTS = 100
"""Of one request's input that are told: it may have thousands."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    status: int
    """HTTP."""
    code: str
    """Which problem it is, for programs; names are fixed."""
    detail: str
    """What happened and what to do next, for people."""
    errors: list[dict[str, str]] = field(default_factory=list)
    """Each with a `pointer` to the member of the body, or query parameter, and a `detail`."""

    def as_json(self) -> dict[str, Any]:
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        return {**problem, "errors": self.errors} if self.errors else problem


DATABASE_UNAVAILABLE = Problem(
    status=503,
    code="database_unavailable",
    detail="The database is busy or does not answer. Try again in "
    f"{DATABASE_PAUSE_SECONDS} s, with the same Idempotency-Key: then nothing is done twice.",
)
TOO_MANY_WAITING = Problem(
    status=429,
    code="too_many_waiting",
    detail="Too many of your requests, or of your address, wait already. "
    f"Try again in {WAITING_PAUSE_SECONDS} s.",
)
SITE_BUSY = Problem(
    status=503,
    code="site_busy",
    detail=f"Too many requests wait already. Try again in {WAITING_PAUSE_SECONDS} s.",
)


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler. None for what is no one's fault but ours: a 500."""
    problem = _problem(error)
    if problem is None:
        return None
    is_refusal = problem.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    if is_refusal and not isinstance(error, DomainError):  # which its own rule has logged
        request = context["request"]
        logger.warning(
            "refused: %s %r to %s: %s",
            request.method,
            request.path,
            getattr(request, "user", None),
            problem.code,
            extra={"status_code": problem.status},
        )
    return Response(
        problem.as_json(),
        status=problem.status,
        headers=_headers(error),
        content_type=CONTENT_TYPE,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path_info.startswith(API_ROOT):
        return defaults.bad_request(request, exception)
    told = str(exception) if isinstance(exception, BadRequest) else "The request is malformed."
    return _json(Problem(status=400, code="bad_request", detail=told))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not request.path_info.startswith(API_ROOT):
        return defaults.page_not_found(request, exception)
    return _json(Problem(status=404, code="not_found", detail="There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Of the exception that is being handled: a database that is locked or away is a 503."""
    if is_away(sys.exception()):
        return _database_unavailable(request)
    if not request.path_info.startswith(API_ROOT):
        return defaults.server_error(request)
    detail = "The server failed. What happened is in its log."
    return _json(Problem(status=500, code="server_error", detail=detail))


def _database_unavailable(request: HttpRequest) -> HttpResponse:
    """The page of it asks the database for nothing."""
    if request.path_info.startswith(API_ROOT):
        answer = _json(DATABASE_UNAVAILABLE)
    else:
        answer = HttpResponse(loader.get_template("503.html").render(), status=503)
    answer["Retry-After"] = str(DATABASE_PAUSE_SECONDS)
    return answer


def _json(problem: Problem) -> HttpResponse:
    return JsonResponse(problem.as_json(), status=problem.status, content_type=CONTENT_TYPE)


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, DomainError):
        return Problem(status=error.status, code=error.code, detail=str(error), errors=error.errors)
    if isinstance(error, RequestDataTooBig):
        return Problem(status=413, code="body_too_large", detail="The body is too large.")
    if isinstance(error, UnreadablePostError):
        return Problem(status=400, code="bad_request", detail="The body ended too soon.")
    if isinstance(error, exceptions.ValidationError):
        faults = list(islice(_faults("#", error.detail), MOST_FAULTS))
        detail = f"The request is not valid: {faults[0]['detail']}"
        return Problem(status=400, code="invalid", detail=detail, errors=faults)
    known = _api_exception(error)
    if known is None:
        return None
    codes = known.get_codes()
    code = codes if isinstance(codes, str) else known.default_code
    return Problem(status=known.status_code, code=code, detail=str(known.detail))


def _api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    return error if isinstance(error, exceptions.APIException) else None


def _faults(pointer: str, detail: Any) -> Iterable[dict[str, str]]:
    """The leaves of a serializer's errors, each with its JSON pointer (RFC 6901 §6)."""
    if isinstance(detail, Mapping):
        for key, nested in detail.items():
            is_about_all = key == "non_field_errors"
            yield from _faults(pointer if is_about_all else f"{pointer}/{_escaped(key)}", nested)
    elif isinstance(detail, list):
        for nested in detail:
            yield from _faults(pointer, nested)
    else:
        yield {"pointer": pointer, "detail": str(detail)}


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers

"""What a line in a log is about: the request, the operation and the attempt it was written for."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Subject:
    operation_id: str
    attempt: int | None = None


_subject: ContextVar[Subject | None] = ContextVar("subject", default=None)
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
_of_this_process: Subject | None = None


@contextmanager
def about(operation_id: str, attempt: int | None = None) -> Iterator[None]:
    """What is logged inside, on this thread, is about this operation."""
    token = _subject.set(Subject(operation_id=operation_id, attempt=attempt))
    try:
        yield
    finally:
        _subject.reset(token)


@contextmanager
def process_about(operation_id: str, attempt: int) -> Iterator[None]:
    """What any thread of this process logs meanwhile is: it runs one attempt and nothing else."""
    global _of_this_process
    _of_this_process = Subject(operation_id=operation_id, attempt=attempt)
    try:
        yield
    finally:
        _of_this_process = None


@contextmanager
def during(request: HttpRequest) -> Iterator[None]:
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def current_request() -> HttpRequest | None:
    """The one that is being answered here; None outside of any."""
    return _request.get()


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """By their names in a structured log; what there is nothing of is left out."""
    request = getattr(record, "request", None)  # Django's own lines bring theirs
    if not isinstance(request, HttpRequest):
        request = _request.get()
    return {**_of_request(request), **_of_subject(_subject.get() or _of_this_process)}


def _of_subject(subject: Subject | None) -> dict[str, Any]:
    if subject is None:
        return {}
    attempt = {} if subject.attempt is None else {"attempt": subject.attempt}
    return {"operation_id": subject.operation_id, **attempt}


def _of_request(request: HttpRequest | None) -> dict[str, Any]:
    if request is None:
        return {}
    told: dict[str, Any] = {"request_id": request.META.get("ktrdr.request_id")}
    if user := known_user(request):
        told["user"] = user
    match = request.resolver_match
    if match is not None and "operation_id" in match.kwargs:
        told["operation_id"] = match.kwargs["operation_id"]
    return told


def known_user(request: HttpRequest) -> str:
    """Without asking the database: a line of the log may say that it is away."""
    if not hasattr(request, "_cached_user") and not hasattr(request, "auth"):
        return ""
    return str(request.user.get_username())

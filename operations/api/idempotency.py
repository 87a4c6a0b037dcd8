"""The decorator of every POST that does work: `Idempotency-Key`."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.http import HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from operations.access import idempotency
from operations.api.base import user_of
from operations.errors import DomainError, InvalidInput

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V", bound=APIView)
T = TypeVar("T")
P = ParamSpec("P")

HEADER = "Idempotency-Key"
KEY_MAX_LENGTH = 255


def idempotent(
    post: Callable[Concatenate[V, Request, P], Response],
) -> Callable[Concatenate[V, Request, P], HttpResponse]:
    """Let a request that comes again with its key get the first one's answer, and do nothing.

    The answer is kept in the transaction of the work: both are there afterwards, or neither.
    """
    return _once(post, transaction.atomic)


def idempotent_without_transaction(
    post: Callable[Concatenate[V, Request, P], Response],
) -> Callable[Concatenate[V, Request, P], HttpResponse]:
    """The same for work that reads files for long, and does no harm if it is done again."""
    return _once(post, nullcontext)


def idempotent_after(
    prepare: Callable[[Request], T],
) -> Callable[[Callable[[V, Request, T], Response]], Callable[[V, Request], HttpResponse]]:
    """The same for work that has to look at much first, which no transaction should wait for.

    `post` gets what `prepare` returned.
    """

    def decorate(post: Callable[[V, Request, T], Response]) -> Callable[[V, Request], HttpResponse]:
        @wraps(post)
        def once(view: V, request: Request) -> HttpResponse:
            def begin() -> Callable[[], Response]:
                return partial(post, view, request, prepare(request))

            return _answer_once(request, begin, transaction.atomic)

        return _marked(once)

    return decorate


def _once(
    post: Callable[Concatenate[V, Request, P], Response],
    together: Callable[[], AbstractContextManager[Any]],
) -> Callable[Concatenate[V, Request, P], HttpResponse]:
    @wraps(post)
    def once(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        work = partial(post, view, request, *args, **kwargs)
        return _answer_once(request, lambda: work, together)

    return _marked(once)


def _marked(once: F) -> F:
    once.is_idempotent = True  # type: ignore[attr-defined]  # read by `endpoint`
    return once


def _answer_once(
    request: Request,
    begin: Callable[[], Callable[[], Response]],
    together: Callable[[], AbstractContextManager[Any]],
) -> HttpResponse:
    """`begin` prepares the work; what it returns does it, and its answer is kept with it."""
    key = request.headers.get(HEADER)
    if key is None:
        return begin()()
    begun = idempotency.claim(
        user=user_of(request), path=request.path, key=_checked(key), body=request.body
    )
    if isinstance(begun, idempotency.Answer):
        return _again(begun)
    return _work(begun, begin, together)


def _checked(key: str) -> str:
    if not (0 < len(key) <= KEY_MAX_LENGTH and key.isascii() and key.isprintable()):
        raise InvalidInput(
            reason=f"An {HEADER} is 1 to {KEY_MAX_LENGTH} printable ASCII characters."
        )
    return key


def _work(
    claim: idempotency.Claim,
    begin: Callable[[], Callable[[], Response]],
    together: Callable[[], AbstractContextManager[Any]],
) -> Response:
    try:
        post = begin()
        with together():
            try:
                response = post()
            except (DomainError, APIException) as error:
                refusal = error  # raised after the commit: what was found out meanwhile stays
            else:
                idempotency.keep(claim, _answer(response))
                return response
        raise refusal
    finally:
        idempotency.release(claim)


def _answer(response: Response) -> idempotency.Answer:
    return idempotency.Answer(
        status=response.status_code,
        body=JSONRenderer().render(response.data).decode(),
        location=response.headers.get("Location", ""),
    )


def _again(answer: idempotency.Answer) -> HttpResponse:
    headers: dict[str, Any] = {"Idempotency-Replayed": "true"}
    if answer.location:
        headers["Location"] = answer.location
    return HttpResponse(
        answer.body, status=answer.status, content_type="application/json", headers=headers
    )

"""The decorators of every POST that does work: `Idempotency-Key`."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from operations.access import idempotency
from operations.access.idempotency import Claim, Done, Written
from operations.api.base import user_of
from operations.errors import InvalidInput
from operations.writing import write_prepared

F = TypeVar("F", bound=Callable[..., Any])
V = TypeVar("V", bound=APIView)
T = TypeVar("T")
P = ParamSpec("P")

HEADER = "Idempotency-Key"
KEY_MAX_LENGTH = 255
REPLAYED = "Idempotency-Replayed"


def idempotent_after(
    prepare: Callable[Concatenate[Request, P], T], write: Callable[[Request, T], Written]
) -> Callable[
    [Callable[[V, Request, Written], Response]],
    Callable[Concatenate[V, Request, P], HttpResponse],
]:
    """Let a request that comes again with its key get the first one's answer, and do nothing.

    `prepare` reads the request and checks whatever it needs, in no transaction. `write` makes rows
    of that, and nothing else, in the one in which they and the key are kept; it may raise
    `Outdated`. The decorated method presents what was written, in none again.
    """

    def decorate(
        present: Callable[[V, Request, Written], Response],
    ) -> Callable[Concatenate[V, Request, P], HttpResponse]:
        @wraps(present)
        def post(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            return _once(
                request,
                partial(prepare, request, *args, **kwargs),
                partial(write, request),
                partial(present, view, request),
            )

        return _marked(post)

    return decorate


def idempotent_without_transaction(
    act: Callable[Concatenate[V, Request, P], Response],
) -> Callable[Concatenate[V, Request, P], HttpResponse]:
    """The same for work that reads files for long, and does no harm if it is done again."""

    @wraps(act)
    def post(view: V, request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        begun = _begin(request)
        if isinstance(begun, Done) and begun.answer:
            return _again(begun.answer)
        try:
            response = act(view, request, *args, **kwargs)
            if begun is not None:
                idempotency.remember(begun.key_id, _answer(response))
            return response
        finally:
            if isinstance(begun, Claim):
                idempotency.release(begun)

    return _marked(post)


def _marked(post: F) -> F:
    post.is_idempotent = True  # type: ignore[attr-defined]  # read by `endpoint`
    return post


def _once(
    request: Request,
    prepare: Callable[[], T],
    write: Callable[[T], Written],
    present: Callable[[Written], Response],
) -> HttpResponse:
    begun = _begin(request)
    if begun is None:
        return present(write_prepared(prepare, write))
    if isinstance(begun, Done):
        return _again(begun.answer) if begun.answer else _presented(begun, present, is_again=True)
    return _presented(idempotency.write_claimed(begun, prepare, write), present)


def _presented(
    done: Done, present: Callable[[Written], Response], *, is_again: bool = False
) -> Response:
    response = present(done.written)
    idempotency.remember(done.key_id, _answer(response))
    if is_again:
        response[REPLAYED] = "true"
    return response


def _begin(request: Request) -> Claim | Done | None:
    """None without a key."""
    name = request.headers.get(HEADER)
    if name is None:
        return None
    key = idempotency.Key(user_of(request), request.path, _checked(name), request.body)
    return idempotency.claim(key)


def _checked(key: str) -> str:
    if not (0 < len(key) <= KEY_MAX_LENGTH and key.isascii() and key.isprintable()):
        raise InvalidInput(
            reason=f"An {HEADER} is 1 to {KEY_MAX_LENGTH} printable ASCII characters."
        )
    return key


def _answer(response: Response) -> idempotency.Answer:
    return idempotency.Answer(
        status=response.status_code,
        body=JSONRenderer().render(response.data).decode(),
        location=response.headers.get("Location", ""),
    )


def _again(answer: idempotency.Answer) -> HttpResponse:
    headers: dict[str, Any] = {REPLAYED: "true"}
    if answer.location:
        headers["Location"] = answer.location
    return HttpResponse(
        answer.body, status=answer.status, content_type="application/json", headers=headers
    )

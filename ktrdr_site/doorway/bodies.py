"""How large a request's body may be, and how long it may take to come.

Both are asked while it comes: Django would look at its size when it has the whole of it on disk.
"""

import asyncio
from dataclasses import dataclass

from django.conf import settings

from ktrdr_site.doorway import cookies
from ktrdr_site.in_turn import Message, Receive, Scope
from operations.api.problems import Problem
from training.uploads.streaming import PATHS


@dataclass(frozen=True, kw_only=True)
class BodyLimit:
    size_bytes: int
    seconds: float
    """From its first byte to its last."""


STRANGERS = BodyLimit(size_bytes=64 * 1024, seconds=30)
"""Of who shows neither a session nor a token: a sign-in is less than 1 kB."""
USUAL = BodyLimit(size_bytes=1024 * 1024, seconds=60)
"""The longest strategy, 65,536 characters, with each of them escaped, is 0.8 MB."""
FORM_BYTES = 16 * 1024
"""Around a file that a form sends."""
UPLOAD = BodyLimit(size_bytes=settings.KTRDR_UPLOAD_MB * 1024**2 + FORM_BYTES, seconds=900)
BY_PATH: dict[str, BodyLimit] = dict.fromkeys(PATHS, UPLOAD)
"""Of who shows one, at the addresses that take more, or less."""


def limit_of(scope: Scope) -> BodyLimit:
    if not _shows_who_it_is(scope):
        return STRANGERS
    return BY_PATH.get(scope["path"], USUAL)


def _shows_who_it_is(scope: Scope) -> bool:
    has_token = any(name == b"authorization" for name, _ in scope["headers"])
    return has_token or cookies.has_session(scope["headers"])


class Body:
    """One request's body as it comes.

    Where it breaks its limit the application sees its client leave, and `problem` says why.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.problem: Problem | None = None
        self._limit = limit_of(scope)
        self._receive = receive
        self._size_bytes = 0
        self._is_whole = False
        self._due_at: float | None = None
        if _announced_bytes(scope) > self._limit.size_bytes:
            self.problem = self._too_large()

    async def receive(self) -> Message:
        if self._is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline()):
                return self._counted(await self._receive())
        except TimeoutError:
            detail = f"The body did not arrive within {self._limit.seconds:g} s."
            return self._broken(Problem(status=408, code="body_too_slow", detail=detail))

    def _deadline(self) -> float:
        if self._due_at is None:
            self._due_at = asyncio.get_running_loop().time() + self._limit.seconds
        return self._due_at

    def _counted(self, message: Message) -> Message:
        if message["type"] != "http.request":
            return message
        self._size_bytes += len(message.get("body", b""))
        if self._size_bytes > self._limit.size_bytes:
            return self._broken(self._too_large())
        self._is_whole = not message.get("more_body", False)
        return message

    def _broken(self, problem: Problem) -> Message:
        self.problem = problem
        return {"type": "http.disconnect"}

    def _too_large(self) -> Problem:
        detail = f"The body is too large: {self._limit.size_bytes:,} bytes are read here at most"
        detail += "." if self._limit is not STRANGERS else " of who has not signed in."
        return Problem(status=413, code="body_too_large", detail=detail)


def _announced_bytes(scope: Scope) -> int:
    """By Content-Length; the server has refused what is no number."""
    given = [value for name, value in scope["headers"] if name == b"content-length"]
    return max((int(value) for value in given if value.isdigit()), default=0)

"""Asks an ASGI application as a web server does, in this process."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ktrdr_site.in_turn import Application, Message, Scope

HOST = {"host": "testserver"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def scope_of(path: str, headers: Mapping[str, str], **more: Any) -> Scope:
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        **more,
    }


def ask(
    application: Application,
    path: str,
    headers: Mapping[str, str] = HOST,
    *,
    body: Iterable[bytes] = (b"",),
    stalls: bool = False,
    **scope: Any,
) -> Answer:
    """`body`: its pieces, as they arrive; it never ends where it `stalls`."""
    told = answer_of(application, path, headers, body=body, stalls=stalls, **scope)
    return asyncio.run(told)


async def answer_of(
    application: Application,
    path: str,
    headers: Mapping[str, str] = HOST,
    *,
    body: Iterable[bytes] = (b"",),
    stalls: bool = False,
    **scope: Any,
) -> Answer:
    """As `ask`, in the event loop that there is."""
    pieces = list(body)
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": stalls or number < len(pieces)}
        for number, piece in enumerate(pieces, start=1)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await application(scope_of(path, headers, **scope), receive, send)
    return _answer(sent)


def _answer(sent: list[Message]) -> Answer:
    start, *rest = sent
    return Answer(
        status=start["status"],
        headers={name.decode().lower(): value.decode() for name, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in rest),
    )

"""Files on their way in: asked about by their headers, then written straight to the disk.

Django is asked first, with the headers alone: who it is, whether they may, and where the file is to
go (`ktrdr-upload`). Only then is a byte of the body read. It never lies in memory, and its sender
waits for nobody's turn.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import IO, Any

from ktrdr_site.doorway.multipart import BadMultipart, part_reader
from ktrdr_site.doorway.refusals import refuse
from ktrdr_site.in_turn import Application, Message, Receive, Scope, Send
from operations.api.problems import Problem
from training.uploads import folder
from training.uploads.streaming import PATHS, STREAMED, WHERE

logger = logging.getLogger(__name__)

BUFFER_BYTES = 1024**2
"""Written at once, on a thread."""
OF_THE_BODY = (b"content-length", b"content-type", b"transfer-encoding")


class Uploads:
    """In front of the application, at the addresses that take files."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST" or scope["path"] not in PATHS:
            await self._application(scope, receive, send)
            return
        answer = await self._asked(scope)
        upload_id = _header(answer[0]["headers"], WHERE)
        if upload_id is None:
            answer[0]["headers"] = [*answer[0]["headers"], (b"connection", b"close")]
        elif not await _take(scope, receive, send, upload_id.decode()):
            return
        answer[0]["headers"] = [it for it in answer[0]["headers"] if it[0].lower() != WHERE]
        for message in answer:
            await send(message)

    async def _asked(self, scope: Scope) -> list[Message]:
        """What Django answers to the headers alone."""
        sent: list[Message] = []
        has_asked = False

        async def receive() -> Message:
            nonlocal has_asked
            if has_asked:
                await asyncio.Event().wait()  # its client is there
            has_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [header for header in scope["headers"] if header[0] not in OF_THE_BODY]
        await self._application({**scope, "headers": headers, STREAMED: True}, receive, send)
        return sent


class ClientLeft(Exception):
    """Its client went, or the body broke a limit."""


async def _take(scope: Scope, receive: Receive, send: Send, upload_id: str) -> bool:
    """Whether the file is there whole; else nothing is left of it."""
    try:
        await _write(scope, receive, upload_id)
    except BaseException as error:
        folder.drop(upload_id)
        if isinstance(error, BadMultipart | OSError):
            await refuse(_problem(error), scope, send)
        elif not isinstance(error, ClientLeft):
            raise
        return False
    return True


def _problem(error: Exception) -> Problem:
    if isinstance(error, BadMultipart):
        return Problem(status=400, code="bad_upload", detail=str(error))
    logger.error("an upload could not be written: %s", error)
    detail = "The file cannot be kept here: the site's disk is full, or refuses it."
    return Problem(status=507, code="no_room_for_upload", detail=detail)


async def _write(scope: Scope, receive: Receive, upload_id: str) -> None:
    content_type = _header(scope["headers"], b"content-type") or b""
    read = part_reader(content_type.decode("latin-1"))
    with folder.fill(upload_id).open("wb") as file:
        more = True
        while more:
            pieces, more = await _received(receive)
            await asyncio.to_thread(_pass_on, pieces, read.feed, file)
        read.end()
    folder.filled(upload_id, read.name)


async def _received(receive: Receive) -> tuple[list[bytes], bool]:
    """About as much as `BUFFER_BYTES`, and whether there is more."""
    pieces: list[bytes] = []
    size_bytes, more = 0, True
    while more and size_bytes < BUFFER_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientLeft
        pieces.append(message.get("body", b""))
        size_bytes += len(pieces[-1])
        more = message.get("more_body", False)
    return pieces, more


def _pass_on(pieces: list[bytes], feed: Callable[[bytes], bytes], file: IO[bytes]) -> None:
    for piece in pieces:
        file.write(feed(piece))


def _header(headers: Any, name: bytes) -> bytes | None:
    return next((value for known, value in headers if known.lower() == name), None)

"""Files out: compared with their digest while they are sent, and never whole in memory."""

import asyncio
import base64
import hashlib
import logging
from collections.abc import AsyncIterator
from typing import IO, Any

from django.core.files import File
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

logger = logging.getLogger(__name__)

CHUNK_BYTES = 256 * 1024
"""Two of them are in memory per download; a disk gives one in 0.1 ms, on a thread."""


class BrokenOff(Exception):
    """The bytes that were read are not those that were stored: the rest is not sent."""


class VerifiedChunks:
    """An open file's content. Its last chunk goes out only if all of them were what was stored, so
    that whoever gets every byte got the right ones."""

    def __init__(self, file: "File[bytes] | IO[bytes]", *, name: str, sha256: str) -> None:
        self._file = file
        self._name = name
        self._sha256 = sha256
        self._digest = hashlib.sha256()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        held = b""
        while chunk := await asyncio.to_thread(self._next):
            if held:
                yield held
            held = chunk
        if self._digest.hexdigest() != self._sha256:
            logger.error("broken off: the download of %s, which is not what was stored", self._name)
            raise BrokenOff(self._name)
        yield held

    def close(self) -> None:
        """The response calls this, however it ends."""
        self._file.close()

    def _next(self) -> bytes:
        chunk: bytes = self._file.read(CHUNK_BYTES)
        self._digest.update(chunk)
        return chunk


class FileRenderer(JSONRenderer):
    """Lets a client accept a file alone; a problem instead of one is JSON all the same."""

    media_type = "application/octet-stream"
    format = "file"


class ZipRenderer(FileRenderer):
    media_type = "application/zip"
    format = "zip"


def file_download(
    request: Request,
    file: "File[bytes] | IO[bytes]",
    *,
    name: str,
    size_bytes: int,
    sha256: str,
    content_type: str = FileRenderer.media_type,
) -> HttpResponseBase:
    """An open file as an answer, which closes it. `Repr-Digest` is RFC 9530's.

    Made for ASGI: reading is a thread's work, and holds no other request up. HEAD reads nothing.
    """
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    headers: dict[str, Any] = {
        "Content-Length": str(size_bytes),
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    if request.method == "HEAD":
        file.close()
        return HttpResponse(content_type=content_type, headers=headers)
    chunks = VerifiedChunks(file, name=name, sha256=sha256)
    return StreamingHttpResponse(chunks, content_type=content_type, headers=headers)

"""Read a streamed answer as an ASGI server does."""

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse


def received(answer: StreamingHttpResponse) -> bytes:
    """The whole body."""

    async def collect() -> bytes:
        return b"".join([chunk async for chunk in answer])

    return async_to_sync(collect)()

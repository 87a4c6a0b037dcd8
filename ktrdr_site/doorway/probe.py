"""Answers `/healthz`: whoever asks by which name, without a thread, turn or limit of others."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

from django.db import connections

from ktrdr_site.doorway.refusals import answer
from ktrdr_site.in_turn import Scope, Send
from operations import health
from operations.health import Health

PATH = "/healthz"


class Probe:
    """Looks on a thread of its own: those who ask meanwhile share the look that is under way."""

    def __init__(self) -> None:
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="probe")
        self._look: asyncio.Future[Health] | None = None

    async def tell(self, scope: Scope, send: Send) -> None:
        """503 only when the database is away; with `?strict=1`, when anything is missing."""
        found = await self._found()
        is_strict = parse_qs(scope["query_string"]).get(b"strict") == [b"1"]
        down = not found.database or (is_strict and found.missing)
        await answer(
            json.dumps(found.as_json()),
            send=send,
            status=503 if down else 200,
            content_type="application/json",
            more={},
        )

    async def _found(self) -> Health:
        if self._look is None or self._look.done():
            loop = asyncio.get_running_loop()
            self._look = loop.run_in_executor(self._reader, _look)
        return await asyncio.shield(self._look)


def _look() -> Health:
    """By a new connection to the database: that one can be had is part of the answer."""
    try:
        return health.look()
    finally:
        connections.close_all()

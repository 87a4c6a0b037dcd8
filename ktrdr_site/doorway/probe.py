"""Answers `/healthz`: whoever asks by which name, without a thread, turn or limit of others."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import parse_qs

from django.db import connections

from ktrdr_site.doorway.refusals import answer
from ktrdr_site.in_turn import Scope, Send
from operations import health
from operations.health import Health

PATH = "/healthz"


OLDEST_SECONDS = 2.0
"""An answer says what was so by then at most."""
LOOK_AFTER_SECONDS = 0.5
"""While somebody keeps asking, the next look is under way before the last one is too old."""


@dataclass(frozen=True, kw_only=True)
class _Seen:
    health: Health
    at: float
    """When the look began, by the event loop's clock."""


class Probe:
    """Looks on a thread of its own, which needs Python's lock a dozen times on its way: slow beside
    others' requests, so whoever asks meanwhile is told what was seen last."""

    def __init__(self) -> None:
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="probe")
        self._look: asyncio.Task[None] | None = None
        self._seen: _Seen | None = None

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
        seen = self._seen
        if seen is None or self._age(seen) > OLDEST_SECONDS:
            await asyncio.shield(self._looking())
            assert self._seen is not None
            return self._seen.health
        if self._age(seen) > LOOK_AFTER_SECONDS:
            self._looking()
        return seen.health

    def _age(self, seen: _Seen) -> float:
        return asyncio.get_running_loop().time() - seen.at

    def _looking(self) -> asyncio.Task[None]:
        """The look that is under way, which all share who wait for it, or a new one."""
        if self._look is None or self._look.done():
            self._look = asyncio.ensure_future(self._look_anew())
        return self._look

    async def _look_anew(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._seen = _Seen(health=await loop.run_in_executor(self._reader, _look), at=began)


def _look() -> Health:
    """By a new connection to the database: that one can be had is part of the answer."""
    try:
        return health.look()
    finally:
        connections.close_all()

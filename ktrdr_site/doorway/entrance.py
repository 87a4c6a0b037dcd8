"""The outermost layer of the web process."""

from ktrdr_site.doorway import cookies, probe, remote_user, root_path
from ktrdr_site.doorway.bodies import Body
from ktrdr_site.doorway.forwarded import told_by_proxies
from ktrdr_site.doorway.probe import Probe
from ktrdr_site.doorway.refusals import refuse
from ktrdr_site.doorway.remote_user import UNCLEAR, UnclearUser
from ktrdr_site.doorway.uploads import Uploads
from ktrdr_site.in_turn import Application, Message, Receive, Scope, Send
from ktrdr_site.turns import TooManyWaiting
from operations.api.problems import (
    SITE_BUSY,
    TOO_MANY_WAITING,
    WAITING_PAUSE_SECONDS,
    Problem,
)

MOST_HEADER_BYTES = 16 * 1024
"""Names and values in sum: four times what a browser with all our cookies sends."""

HEADERS_TOO_LARGE = Problem(
    status=431,
    code="headers_too_large",
    detail=f"The headers are too large: {MOST_HEADER_BYTES:,} bytes are read at most.",
)


class Entrance:
    def __init__(self, application: Application) -> None:
        self._application = Uploads(application)
        self._probe = Probe()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
        else:
            await self._answer(root_path.without(scope), receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == probe.PATH:
            await self._probe.tell(scope, send)
        elif sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADER_BYTES:
            await refuse(HEADERS_TOO_LARGE, scope, send)
        else:
            await self._identify(scope, receive, send)

    async def _identify(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            scope = remote_user.without_header(scope)
        except UnclearUser:
            await refuse(UNCLEAR, scope, send)
            return
        headers = cookies.reduced(scope["headers"])
        await self._let_in({**told_by_proxies(scope), "headers": headers}, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, has_answered = Body(scope, receive), False

        async def note_and_send(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        if body.problem is None:
            try:
                await self._application(scope, body.receive, note_and_send)
            except TooManyWaiting as full:
                problem = SITE_BUSY if full.is_of_all else TOO_MANY_WAITING
                await refuse(problem, scope, send, pause_seconds=WAITING_PAUSE_SECONDS)
        if body.problem is not None and not has_answered:
            await refuse(body.problem, scope, send)

"""How many requests the web process works on at once.

Each has a thread of its own, and a connection to the database: without a bound, the pages that all
come back after a restart would together be more than PostgreSQL lets in.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

AT_ONCE = 32
"""A third of the connections that PostgreSQL has by default."""


class InTurn:
    """Lets requests through in the order of their arrival.

    One has its turn from when it has arrived whole until its answer begins: neither who sends
    slowly nor an open event stream keeps others waiting.
    """

    def __init__(self, application: Application, *, at_once: int = AT_ONCE) -> None:
        self._application = application
        self._turns = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_turn = False

        async def receive_in_turn() -> Message:
            nonlocal has_turn
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                await self._turns.acquire()
                has_turn = True
            return message

        def give_up_turn() -> None:
            nonlocal has_turn
            if has_turn:
                has_turn = False
                self._turns.release()

        async def send_and_give_up_turn(message: Message) -> None:
            give_up_turn()
            await send(message)

        try:
            await self._application(scope, receive_in_turn, send_and_give_up_turn)
        finally:
            give_up_turn()

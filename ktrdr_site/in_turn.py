"""How many requests the web process works on at once.

Each has a thread of its own, and a connection to the database: without a bound, the pages that all
come back after a restart would together be more than PostgreSQL lets in, and their threads would
keep the event loop, which answers `/healthz` and the streams, from Python's one lock.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ktrdr_site.turns import Asker, Turns, asker_of
from operations.bounded.visit import VISIT, Visit

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]

AT_ONCE = 8
"""They share one core's worth of Python: more answer no more in a second, and keep the event loop
waiting. With 32, `/healthz` took twice as long (median and p99; 40 previews, 30 bad tokens at a
time); with 4 no less than with 8, and eight leave room for those that wait for the database."""


class Turn:
    """One request's place among those that are worked on; it may leave it for a while."""

    def __init__(self, turns: Turns, asker: Asker) -> None:
        self._turns, self._asker = turns, asker
        self._loop = asyncio.get_running_loop()
        self._is_taken = self._is_over = False

    async def take_first(self, receive: Receive) -> bool:
        """Whether it was taken: nobody works for who goes while it waits. Raises `TooManyWaiting`.

        `receive` tells, of a request that is here whole, that its client goes.
        """
        self._is_taken = self._turns.try_acquire(self._asker)
        if not self._is_taken:
            waiting = self._turns.wait(self._asker)
            leaving = asyncio.ensure_future(_left(receive))
            try:
                await asyncio.wait((waiting.called, leaving), return_when=asyncio.FIRST_COMPLETED)
                self._is_taken = not leaving.done()
            finally:
                leaving.cancel()
                if not self._is_taken:
                    self._turns.leave(waiting)
        return self._is_taken

    async def take(self) -> None:
        """Again, after it was left for a while."""
        await self._turns.acquire(self._asker)
        self._is_taken = True
        if self._is_over:  # its client went while a thread waited here for it
            self.give_up()

    def give_up(self) -> None:
        if self._is_taken:
            self._is_taken = False
            self._turns.release(self._asker)

    def end(self) -> None:
        self._is_over = True
        self.give_up()

    def step_out(self) -> None:
        self._loop.call_soon_threadsafe(self.give_up)

    def step_in(self) -> None:
        asyncio.run_coroutine_threadsafe(self.take(), self._loop).result()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class InTurn:
    """Lets requests through, as `Turns` calls them.

    One has its turn from when it has arrived whole until its answer begins: neither who sends
    slowly nor an open event stream keeps others waiting. Whoever waits for something that takes
    long leaves its turn meanwhile (`Visit.outside_of_turn`). Who goes before it has had one is as
    who never came; for whom there is no room to wait, `TooManyWaiting` is raised.
    """

    def __init__(self, application: Application, *, at_once: int = AT_ONCE) -> None:
        self._application = application
        self._turns = Turns(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        turn = Turn(self._turns, asker_of(scope))
        visit = Visit(turn)
        has_arrived, is_answered = False, asyncio.Event()

        async def receive_in_turn() -> Message:
            nonlocal has_arrived
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                has_arrived = await turn.take_first(receive)
                if not has_arrived:
                    visit.leave()
                    return {"type": "http.disconnect"}
            elif message["type"] == "http.disconnect":
                visit.leave()
                if has_arrived:  # or Django would let the view's thread go on beside the turns
                    await is_answered.wait()
            return message

        async def send_and_give_up_turn(message: Message) -> None:
            turn.give_up()
            is_answered.set()
            await send(message)

        answering = asyncio.ensure_future(
            self._application({**scope, VISIT: visit}, receive_in_turn, send_and_give_up_turn)
        )
        try:
            await asyncio.shield(answering)
        except asyncio.CancelledError:  # the server stops
            visit.leave()
            answering.cancel()
            await answering
            raise
        finally:
            turn.end()

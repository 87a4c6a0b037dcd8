"""No more than so many requests are worked on at once; what is slow outside of that counts not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ktrdr_site.in_turn import InTurn, Message, Receive, Scope, Send
from ktrdr_site.turns import Asker, Room, TooManyWaiting, Turns
from operations.bounded.visit import VISIT, Visit

WHOLE: Message = {"type": "http.request", "body": b"", "more_body": False}
PART: Message = {"type": "http.request", "body": b"", "more_body": True}
GONE: Message = {"type": "http.disconnect"}
START: Message = {"type": "http.response.start", "status": 200, "headers": []}


ASKER = Asker(address="here", shown=0)


class Site:
    """An application of which a test decides when it answers; `in_work` are who it works for."""

    def __init__(self, *, at_once: int) -> None:
        self.in_work: list[str] = []
        self.visits: dict[str, Visit] = {}
        self.heard: list[Message] = []
        self.may_answer = asyncio.Event()
        self.may_end = asyncio.Event()
        self.turns = InTurn(self._serve, at_once=at_once)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive()).get("more_body"):
            pass
        if message == GONE:
            return
        self.in_work.append(scope["client"])
        self.visits[scope["client"]] = scope[VISIT]
        if scope.get("fails"):
            raise ConnectionError
        listening = asyncio.ensure_future(self._listen(receive))
        try:
            await self.may_answer.wait()
        finally:
            listening.cancel()
        await send(START)
        await self.may_end.wait()

    async def _listen(self, receive: Receive) -> None:
        """As Django does while a view's thread works."""
        self.heard.append(await receive())

    def ask(self, client: str, *messages: Message, **scope: Any) -> "asyncio.Task[None]":
        sent = iter(messages or (WHOLE,))

        async def receive() -> Message:
            if (message := next(sent, None)) is None:
                await asyncio.Event().wait()
            assert message is not None
            return message

        async def send(message: Message) -> None:
            """Whoever asked has it."""

        asked = {"type": "http", "client": client, **scope}
        return asyncio.ensure_future(self.turns(asked, receive, send))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await story()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(told())


def test_whoever_comes_later_waits_for_a_turn() -> None:
    async def story() -> None:
        site = Site(at_once=2)
        asked = [site.ask(client) for client in "abc"]
        await settle()
        assert site.in_work == ["a", "b"]
        asked[0].cancel()
        await settle()
        assert site.in_work == ["a", "b", "c"]

    run(story)


def test_of_who_waits_is_called_of_whom_the_fewest_are_worked_on() -> None:
    async def story() -> None:
        site = Site(at_once=3)
        many = [site.ask("a") for _ in range(5)]
        await settle()
        for client in "bc":
            site.ask(client)
        many[0].cancel()
        await settle()
        assert site.in_work == ["a", "a", "a", "b"]
        many[1].cancel()
        await settle()
        assert site.in_work == ["a", "a", "a", "b", "c"]
        site.may_answer.set()
        await settle()
        assert site.in_work == ["a", "a", "a", "b", "c", "a", "a"]

    run(story)


def test_who_shows_others_cookies_each_time_is_still_one_address() -> None:
    async def story() -> None:
        site = Site(at_once=2)
        many = [site.ask("a", headers=[(b"cookie", b"%d" % number)]) for number in range(9)]
        await settle()
        site.ask("b")
        many[0].cancel()
        await settle()
        assert site.in_work == ["a", "a", "b"]

    run(story)


def test_two_users_of_one_address_take_turns() -> None:
    async def story() -> None:
        site = Site(at_once=2)
        many = [site.ask("a", headers=[(b"authorization", b"one")]) for _ in range(9)]
        await settle()
        other = site.ask("a", headers=[(b"authorization", b"two")])
        many[0].cancel()
        await settle()
        assert len(site.in_work) == 3
        other.cancel()
        await settle()
        assert other.done() and len(site.in_work) == 4

    run(story)


def test_who_leaves_while_it_waits_takes_no_turn_along() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        first, second = site.ask("a"), site.ask("b")
        site.ask("c")
        await settle()
        first.cancel()
        second.cancel()
        await settle()
        assert site.in_work[0] == "a" and site.in_work[-1] == "c"
        site.may_answer.set()
        site.ask("d")
        await settle()
        assert site.in_work[-1] == "d"

    run(story)


def test_a_turn_that_comes_free_while_the_next_goes_is_given_to_who_stays() -> None:
    async def story() -> None:
        turns = Turns(1)
        await turns.acquire(ASKER)
        goes, stays = (asyncio.ensure_future(turns.acquire(ASKER)) for _ in range(2))
        await settle()
        goes.cancel()
        turns.release(ASKER)
        await asyncio.wait_for(stays, 10)
        assert goes.done()

    run(story)


def test_nobody_works_for_who_has_gone_while_it_waited() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        first = site.ask("first")
        await settle()
        gone = site.ask("gone", WHOLE, GONE)
        site.ask("next")
        await settle()
        assert gone.done()
        first.cancel()
        await settle()
        assert site.in_work == ["first", "next"]

    run(story)


def test_who_goes_as_it_is_called_leaves_its_turn_to_the_next() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        first = site.ask("first")
        await settle()
        goes = site.ask("goes", WHOLE, GONE)
        first.cancel()  # in one step of the loop
        site.ask("next")
        await settle()
        assert goes.done() and site.in_work == ["first", "next"]

    run(story)


def test_a_turn_that_is_given_to_who_gives_up_is_the_next_ones() -> None:
    async def story() -> None:
        turns = Turns(1)
        assert turns.try_acquire(ASKER)
        called, following = turns.wait(ASKER), turns.wait(ASKER)
        turns.release(ASKER)
        assert called.called.done() and not following.called.done()
        turns.leave(called)
        assert following.called.done() and not turns.try_acquire(ASKER)
        turns.release(ASKER)
        assert turns.try_acquire(ASKER)

    run(story)


def test_no_more_wait_than_there_is_room_for() -> None:
    def refused(turns: Turns, address: str, shown: int) -> bool:
        """Whether it is because of how many wait in all."""
        with pytest.raises(TooManyWaiting) as full:
            turns.wait(Asker(address=address, shown=shown))
        return full.value.is_of_all

    async def story() -> None:
        turns = Turns(0, Room(of_asker=2, of_address=3, of_all=4))
        mine = [turns.wait(Asker(address="a", shown=1)) for _ in range(2)]
        assert not refused(turns, "a", 1)
        turns.wait(Asker(address="a", shown=2))
        assert not refused(turns, "a", 3)
        turns.wait(Asker(address="b", shown=1))
        assert refused(turns, "c", 1)
        turns.leave(mine[0])
        turns.wait(Asker(address="a", shown=1))
        assert refused(turns, "c", 1)

    run(story)


def test_who_comes_back_to_its_turn_is_never_refused() -> None:
    async def story() -> None:
        turns = Turns(1, Room(of_asker=0, of_address=0, of_all=0))
        assert turns.try_acquire(ASKER)
        back = asyncio.ensure_future(turns.acquire(ASKER))
        await settle()
        assert not back.done()
        turns.release(ASKER)
        await asyncio.wait_for(back, 10)

    run(story)


def test_an_answer_that_goes_on_keeps_nobody_waiting() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        site.may_answer.set()
        for client in "abc":
            site.ask(client)
        await settle()
        assert site.in_work == ["a", "b", "c"]

    run(story)


def test_who_sends_slowly_has_no_turn_yet() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        site.ask("slow", PART)
        await settle()
        site.ask("quick")
        await settle()
        assert site.in_work == ["quick"]

    run(story)


def test_an_error_gives_the_turn_back() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        with pytest.raises(ConnectionError):
            await site.ask("broken", fails=True)
        site.ask("next")
        await settle()
        assert site.in_work == ["broken", "next"]

    run(story)


def test_who_waits_outside_of_its_turn_keeps_nobody_waiting_and_comes_back_in_turn() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        site.ask("slow")
        await settle()
        is_outside, may_return, is_back = (asyncio.Event() for _ in range(3))
        loop = asyncio.get_running_loop()

        def wait_elsewhere() -> None:
            with site.visits["slow"].outside_of_turn():
                loop.call_soon_threadsafe(is_outside.set)
                asyncio.run_coroutine_threadsafe(may_return.wait(), loop).result()
            loop.call_soon_threadsafe(is_back.set)

        thread = asyncio.ensure_future(asyncio.to_thread(wait_elsewhere))
        await is_outside.wait()
        quick = site.ask("quick")
        await settle()
        assert site.in_work == ["slow", "quick"]
        may_return.set()
        await settle()
        assert not is_back.is_set()
        quick.cancel()
        await thread
        assert is_back.is_set()
        site.ask("next")
        await settle()
        assert site.in_work == ["slow", "quick"]

    run(story)


def test_a_client_that_goes_is_told_at_once_and_its_turn_lasts_until_the_work_for_it_ends() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        gone = asyncio.Event()
        site.ask("gone", WHOLE, GONE)
        site.ask("next")
        await settle()
        with site.visits["gone"].when_left(gone.set):
            assert gone.is_set()
        assert site.in_work == ["gone"] and not site.heard
        site.may_answer.set()
        await settle()
        assert site.in_work == ["gone", "next"]

    run(story)


def test_when_the_server_stops_whoever_is_worked_for_has_left() -> None:
    async def story() -> None:
        site = Site(at_once=1)
        asked = site.ask("someone")
        await settle()
        gone = asyncio.Event()
        with site.visits["someone"].when_left(gone.set):
            asked.cancel()
            await settle()
        assert gone.is_set() and site.visits["someone"].has_left

    run(story)

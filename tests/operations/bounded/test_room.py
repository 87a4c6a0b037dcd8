"""Who works, who waits and who is turned away; and that nothing is left when its client goes."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from operations.bounded import room
from operations.bounded.children import Children
from operations.bounded.errors import ClientGone, Replaced, TooBusy
from operations.bounded.room import Room
from operations.bounded.visit import Visit
from operations.bounded.work import Work
from tests.operations.bounded import works
from tests.operations.bounded.works import work
from tests.running.stack import wait_until

pytestmark = pytest.mark.django_db  # or a run of this file alone has no database

LAST = work(works.last)
NEWEST = work(works.last, newest_counts=True)
ECHO = work(works.echo)


class Guests:
    """Requests of several users, each on its thread; what is still there at the end goes away."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._visits: list[Visit] = []
        self._threads = ThreadPoolExecutor(16)

    def ask(self, work: Work, user: object) -> "tuple[Visit, Future[Any]]":
        visit = Visit()
        self._visits.append(visit)
        asked = self._threads.submit(self.room.run, work, {"say": user}, user=user, visit=visit)
        return visit, asked

    def fill(self, *users: object) -> None:
        """With work that lasts; returns when all of it is under way."""
        for user in users:
            self.ask(LAST, user)
            wait_until(lambda user=user: user in self.running())

    def running(self) -> list[object]:
        return [place.user for place in self.room._places if place.line is not None]

    def waiting(self) -> list[object]:
        return [place.user for place in self.room._places if not place.is_running]

    def leave(self) -> None:
        for visit in self._visits:
            visit.leave()
        self._threads.shutdown()


@pytest.fixture
def guests(children: Children) -> Iterator[Guests]:
    guests = Guests(Room(children, patience_seconds=20))
    yield guests
    guests.leave()
    assert guests.room._places == []
    wait_until(lambda: not children_of(children))


def children_of(children: Children) -> list[psutil.Process]:
    if children._parent is None:
        return []
    return psutil.Process(children._parent.pid).children()


def test_two_work_and_the_next_waits_until_one_has_ended(guests: Guests) -> None:
    visit, _ = guests.ask(LAST, "a")
    guests.fill("b")
    _, third = guests.ask(ECHO, "c")
    wait_until(lambda: guests.waiting() == ["c"])
    visit.leave()
    assert third.result(30)["said"] == "c"


def test_who_waits_too_long_is_told_to_come_again(children: Children) -> None:
    guests = Guests(Room(children, patience_seconds=0.2))
    guests.fill("a", "b")
    with pytest.raises(TooBusy, match="Try again in 5 s") as refused:
        guests.ask(ECHO, "c")[1].result(30)
    assert refused.value.wait == 5
    guests.leave()


def test_where_four_wait_already_the_next_is_told_so_at_once(guests: Guests) -> None:
    guests.fill("a", "b")
    for number in range(4):
        guests.ask(ECHO, number)
    wait_until(lambda: len(guests.waiting()) == 4)
    with pytest.raises(TooBusy):
        guests.room.run(ECHO, {}, user="d", visit=Visit())


def test_a_newer_one_of_the_same_user_ends_the_older_whether_it_works_or_waits(
    guests: Guests,
) -> None:
    asked = []
    for number in range(4):
        asked.append(guests.ask(NEWEST, "a")[1])
        wait_until(lambda: len(guests.running()) == 1 and not guests.waiting())
        if number:
            with pytest.raises(Replaced, match="A newer last of yours"):
                asked[number - 1].result(30)
    guests.fill("b")
    _, waiting = guests.ask(NEWEST, "c")
    wait_until(lambda: guests.waiting() == ["c"])
    _, newer = guests.ask(NEWEST, "c")
    with pytest.raises(Replaced):
        waiting.result(30)
    assert not newer.done() and not asked[-1].done()


def test_of_what_waits_for_each_other_one_of_a_user_works(guests: Guests) -> None:
    visit, _ = guests.ask(LAST, "a")
    wait_until(lambda: guests.running() == ["a"])
    _, second = guests.ask(LAST, "a")
    wait_until(lambda: guests.waiting() == ["a"])
    assert guests.ask(ECHO, "b")[1].result(30)["said"] == "b"  # passes it by: there is a place
    visit.leave()
    wait_until(lambda: guests.running() == ["a"] and not guests.waiting())
    assert not second.done()


def test_one_user_alone_fills_no_room(guests: Guests) -> None:
    guests.fill("a")
    for _ in range(2):
        guests.ask(LAST, "a")
    wait_until(lambda: guests.waiting() == ["a", "a"])
    with pytest.raises(TooBusy):
        guests.room.run(LAST, {}, user="a", visit=Visit())
    assert guests.ask(ECHO, "b")[1].result(30)["said"] == "b"


def test_one_user_works_on_two_things_until_another_asks(
    guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = guests.ask(LAST, "a")
    wait_until(lambda: guests.running() == ["a"])
    assert guests.ask(ECHO, "a")[1].result(30)["said"] == "a"
    assert guests.ask(ECHO, "b")[1].result(30)["said"] == "b"
    _, second = guests.ask(ECHO, "a")
    wait_until(lambda: guests.waiting() == ["a"])
    assert guests.ask(ECHO, "b")[1].result(30)["said"] == "b"  # passes it by
    assert not second.done()
    first.leave()
    assert second.result(30)["said"] == "a"
    guests.fill("a")
    monkeypatch.setattr(room, "OTHERS_SECONDS", 0)
    assert guests.ask(ECHO, "a")[1].result(30)["said"] == "a"


def test_a_client_that_goes_ends_its_child_and_who_waits_for_nothing_goes_too(
    guests: Guests, children: Children
) -> None:
    visits = [guests.ask(LAST, user) for user in "abc"]
    wait_until(lambda: len(children_of(children)) == 2)
    for visit, _ in visits:
        visit.leave()
    for _, asked in visits:
        with pytest.raises(ClientGone):
            asked.result(30)
    wait_until(lambda: not children_of(children))


def test_who_has_left_before_gets_no_child(guests: Guests) -> None:
    visit = Visit()
    visit.leave()
    with pytest.raises(ClientGone):
        guests.room.run(ECHO, {"say": 1}, user="a", visit=visit)


def test_while_it_waits_and_works_it_has_no_turn_and_is_refused_within_it(
    children: Children,
) -> None:
    class Turn:
        def __init__(self) -> None:
            self.outside = threading.Event()
            self.told: list[str] = []

        def step_out(self) -> None:
            self.told.append("out")

        def step_in(self) -> None:
            self.told.append("in")

    turn = Turn()
    room = Room(children)
    assert room.run(ECHO, {"say": 1}, user="a", visit=Visit(turn))["said"] == 1
    assert turn.told == ["out", "in"]
    with pytest.raises(TooBusy):
        Room(children, waiting=0).run(ECHO, {}, user="a", visit=Visit(turn))
    assert turn.told == ["out", "in"]


def test_with_the_room_every_child_goes(children: Children) -> None:
    guests = Guests(Room(children))
    guests.fill("a", "b")
    ended = children_of(children)
    children.close()
    psutil.wait_procs(ended, timeout=30)
    assert not any(child.is_running() for child in ended)
    guests.leave()


def test_one_that_is_ended_before_it_has_its_child_can_be_ended_again(children: Children) -> None:
    room = Room(children)
    place = room._enter(NEWEST, "a")
    room._end(place, Replaced(name="last"))
    with pytest.raises(Replaced), room._child(place):
        raise AssertionError("it has a child")
    assert place.line is None
    room._end(place, Replaced(name="last"))

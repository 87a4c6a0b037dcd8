"""What takes long in a request's own thread: outside of its turn, few at once, one of a user."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from operations.bounded.errors import TooManyReadings
from operations.bounded.slots import RETRY_SECONDS, Slots
from operations.bounded.visit import Visit


class Turn:
    is_taken = True

    def step_out(self) -> None:
        self.is_taken = False

    def step_in(self) -> None:
        self.is_taken = True


@pytest.fixture
def slots() -> Slots:
    return Slots(at_once=2, patience_seconds=0)


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def assert_refused(slots: Slots, user: str) -> None:
    with pytest.raises(TooManyReadings) as told, slots.taken(user=user, visit=Visit()):
        pass
    assert told.value.wait == RETRY_SECONDS


def test_no_turn_is_held_meanwhile_and_there_is_one_again_afterwards(slots: Slots) -> None:
    turn = Turn()
    with slots.taken(user="a", visit=Visit(turn)):
        assert not turn.is_taken
    assert turn.is_taken
    with pytest.raises(ZeroDivisionError), slots.taken(user="a", visit=Visit(turn)):
        raise ZeroDivisionError
    assert turn.is_taken


def test_who_is_refused_is_back_in_its_turn(slots: Slots, held: ExitStack) -> None:
    held.enter_context(slots.taken(user="a", visit=Visit()))
    turn = Turn()
    with pytest.raises(TooManyReadings), slots.taken(user="a", visit=Visit(turn)):
        pass
    assert turn.is_taken


def test_a_user_has_one_and_all_have_so_many(slots: Slots, held: ExitStack) -> None:
    held.enter_context(slots.taken(user="a", visit=Visit()))
    assert_refused(slots, "a")
    with slots.taken(user="b", visit=Visit()):
        assert_refused(slots, "c")
    with slots.taken(user="c", visit=Visit()):
        pass

"""Who may work now, who waits, and who is told to come again."""

import logging
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Condition
from typing import Any

from operations.bounded import refusals, wire
from operations.bounded.children import Children
from operations.bounded.errors import (
    ClientGone,
    NoAnswer,
    Replaced,
    TooBusy,
    TookTooLong,
    TookTooMuchMemory,
)
from operations.bounded.visit import Visit
from operations.bounded.work import Work
from operations.errors import DomainError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 5
"""What who was turned away is told to wait: most work has ended by then."""
LOADING_SECONDS = 60
"""Until a first child begins: its parent has to load 0.2 GB, from a cold disk at worst."""


OTHERS_SECONDS = 60
"""For so long after another user has asked, nobody works on two things: one place is theirs."""


@dataclass(eq=False)
class Place:
    """One request in the room."""

    work: Work
    user: object
    is_running: bool = False
    ended: DomainError | None = None
    """Why somebody ended it."""
    line: socket.socket | None = field(default=None, repr=False)

    def is_beside(self, other: "Place") -> bool:
        """Whether it is the same kind of work of the same user."""
        return (self.work.name, self.user) == (other.work.name, other.user)


class Room:
    """For one process of the site: so many run, so many wait for a moment, the others are refused.

    Of one user one piece of each kind of work runs at a time, and one of all kinds while others
    ask, too; and a user has half of the places for those that wait.
    """

    def __init__(
        self, children: Children, *, running: int = 2, waiting: int = 4, patience_seconds: float = 2
    ) -> None:
        self.children = children
        self._most_running = running
        self._most_waiting = waiting
        self._patience_seconds = patience_seconds
        self._places: list[Place] = []  # in the order of arrival
        self._asked_at: dict[object, float] = {}  # by user, of the last `OTHERS_SECONDS`
        self._changed = Condition()

    def run(self, work: Work, arguments: Mapping[str, Any], *, user: object, visit: Visit) -> Any:
        """Return what the work's function does, done in a child that ends with the visit.

        Raises `TooBusy`, `Replaced`, `ClientGone`, `TookTooLong`, `TookTooMuchMemory`, `NoAnswer`,
        and whatever domain error the function does.
        """
        place = self._enter(work, user)
        with (
            visit.outside_of_turn(),
            self._left_at_the_end(place),  # before its turn comes again
            visit.when_left(partial(self._end, place, ClientGone())),
        ):
            self._wait(place)
            return self._conduct(place, arguments)

    def _enter(self, work: Work, user: object) -> Place:
        """Raises `TooBusy`."""
        place = Place(work=work, user=user)
        with self._changed:
            if work.newest_counts:
                for older in filter(place.is_beside, self._places):
                    self._end(older, Replaced(name=work.name))
            self._note(user)
            waiting = [it.user for it in self._places if not (it.is_running or it.ended)]
            if len(waiting) >= self._most_waiting or waiting.count(user) >= self._most_waiting // 2:
                raise TooBusy(wait=RETRY_SECONDS)
            self._places.append(place)
        return place

    def _note(self, user: object) -> None:
        now = time.monotonic()
        lately = {it: at for it, at in self._asked_at.items() if at > now - OTHERS_SECONDS}
        self._asked_at = {**lately, user: now}

    def _wait(self, place: Place) -> None:
        """Until it may run. Raises `TooBusy` when patience is over, and why it was ended."""
        with self._changed:
            self._changed.wait_for(
                lambda: place.ended or self._next() is place, timeout=self._patience_seconds
            )
            if place.ended:
                raise place.ended
            if self._next() is not place:
                raise TooBusy(wait=RETRY_SECONDS)
            place.is_running = True
            self._changed.notify_all()  # the one behind it may be next

    def _next(self) -> Place | None:
        """Who may run now, if anybody: the first that waits, for nothing else of its own."""
        running = [it for it in self._places if it.is_running]
        if len(running) >= self._most_running:
            return None
        waiting = (it for it in self._places if not (it.is_running or it.ended))
        return next((it for it in waiting if self._may_run(it, running)), None)

    def _may_run(self, place: Place, running: list[Place]) -> bool:
        own = [it for it in running if it.user == place.user]
        oldest = time.monotonic() - OTHERS_SECONDS
        others = any(at > oldest for user, at in self._asked_at.items() if user != place.user)
        return not own or not (others or any(map(place.is_beside, own)))

    def _end(self, place: Place, why: DomainError) -> None:
        """End its child, if it has one; its request finds out why."""
        with self._changed:
            place.ended = place.ended or why
            if place.line is not None:
                with suppress(OSError):  # its child has ended already
                    place.line.shutdown(socket.SHUT_RDWR)
            self._changed.notify_all()

    @contextmanager
    def _left_at_the_end(self, place: Place) -> Iterator[None]:
        try:
            yield
        finally:
            with self._changed:
                self._places.remove(place)
                self._changed.notify_all()

    def _conduct(self, place: Place, arguments: Mapping[str, Any]) -> Any:
        told = self._told_by_a_child(place, arguments)
        if told.has_not_begun:  # its parent ended at that moment
            told = self._told_by_a_child(place, arguments)
        return told.outcome(place.work)

    def _told_by_a_child(self, place: Place, arguments: Mapping[str, Any]) -> "_Told":
        """Raises why its place was ended."""
        told = _Told()
        with self._child(place) as line:
            try:
                _order(line, place.work, arguments)
                told.listen(line, place.work)
            except (TimeoutError, ConnectionError) as error:
                told.broke_off = error
        if place.ended:
            raise place.ended
        return told

    @contextmanager
    def _child(self, place: Place) -> Iterator[socket.socket]:
        with self.children.fork() as line:
            try:
                with self._changed:
                    place.line = line
                    if place.ended:
                        raise place.ended
                yield line
            finally:
                with self._changed:
                    place.line = None


def _order(line: socket.socket, work: Work, arguments: Mapping[str, Any]) -> None:
    wire.send(
        line,
        function=work.function,
        arguments=dict(arguments),
        seconds=work.seconds,
        memory_mb=work.memory_mb,
        writes=work.writes,
    )


class _Told:
    """What a child has told, until it, or our patience, ended."""

    def __init__(self) -> None:
        self.broke_off: Exception | None = None
        self._step = "starting"
        self._last: dict[str, Any] = {}

    def listen(self, line: socket.socket, work: Work) -> None:
        """Raises `TimeoutError`."""
        lines = wire.Lines(line)
        lines.deadline = time.monotonic() + LOADING_SECONDS
        for number, told in enumerate(lines):
            if number == 0:
                lines.deadline = time.monotonic() + work.seconds
            self._step = told.get("step", self._step)
            self._last = told
            if "step" not in told:
                return

    @property
    def has_not_begun(self) -> bool:
        return not (self._last or isinstance(self.broke_off, TimeoutError))

    def outcome(self, work: Work) -> Any:
        """The function's answer; raises what came instead of one."""
        match self._last:
            case {"done": answer}:
                return answer
            case {"refused": told}:
                raise refusals.from_json(told)
        if isinstance(self.broke_off, TimeoutError) and self._last:
            raise TookTooLong(work, step=self._step)
        # Compiled code that gets no memory aborts.
        if "out_of_memory" in self._last or self._last.get("ended") == -signal.SIGABRT:
            raise TookTooMuchMemory(work, step=self._step)
        raise NoAnswer(f"{work.name}: {self.broke_off or self._last}, at this step: {self._step}")

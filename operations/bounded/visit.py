"""The request that waits for something, as whoever keeps it waiting sees it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Protocol

VISIT = "ktrdr.visit"
"""Where a request's ASGI scope has its visit."""


class Turn(Protocol):
    """The place of a request among those that are worked on at once."""

    def step_out(self) -> None:
        """Let another request have it. Called from a view's thread."""

    def step_in(self) -> None:
        """Wait until there is a place again. Called from a view's thread."""


class Visit:
    """A client that waits for its answer, until it has that or goes away.

    One that no web server has brought, as in a command, has no turn and never goes.
    """

    def __init__(self, turn: Turn | None = None) -> None:
        self._turn = turn
        self._lock = Lock()
        self._has_left = False
        self._when_left: list[Callable[[], None]] = []

    @property
    def has_left(self) -> bool:
        return self._has_left

    def leave(self) -> None:
        """The client is gone, or the server stops: nobody waits for the answer any more."""
        with self._lock:
            self._has_left = True
            acts, self._when_left = self._when_left, []
        for act in acts:
            act()

    @contextmanager
    def when_left(self, act: Callable[[], None]) -> Iterator[None]:
        """Call `act`, on another thread, if the client goes meanwhile; now if it is gone."""
        with self._lock:
            if not self._has_left:
                self._when_left.append(act)
        if self._has_left:
            act()
        try:
            yield
        finally:
            with self._lock:
                if act in self._when_left:
                    self._when_left.remove(act)

    @contextmanager
    def outside_of_turn(self) -> Iterator[None]:
        """Wait in here without keeping others waiting; afterwards it is this request's turn again.

        Who is gone needs no turn: nothing is left to be done for it.
        """
        if self._turn is None:
            yield
            return
        self._turn.step_out()
        try:
            yield
        finally:
            if not self._has_left:
                self._turn.step_in()


def visit_of(request: Any) -> Visit:
    """The visit of Django's or REST framework's request."""
    scope = getattr(request, "scope", None) or {}
    return scope.get(VISIT) or Visit()

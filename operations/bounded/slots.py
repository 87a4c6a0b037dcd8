"""Places for what a request does in its own thread, and what takes long although it is no work."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from operations.bounded.errors import TooManyReadings
from operations.bounded.visit import Visit

RETRY_SECONDS = 5
"""What who was turned away is told to wait."""


class Slots:
    """For one process of the site: so many at once, one of a user; others wait for a moment."""

    def __init__(self, *, at_once: int, patience_seconds: float) -> None:
        self._at_once = at_once
        self._patience_seconds = patience_seconds
        self._users: set[object] = set()
        self._changed = Condition()

    @contextmanager
    def taken(self, *, user: object, visit: Visit) -> Iterator[None]:
        """Outside of the request's turn. Raises `TooManyReadings` when patience is over."""
        with visit.outside_of_turn():
            self._take(user)
            try:
                yield
            finally:
                self._give_back(user)

    def _take(self, user: object) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_free_for(user), self._patience_seconds):
                raise TooManyReadings(wait=RETRY_SECONDS)
            self._users.add(user)

    def _is_free_for(self, user: object) -> bool:
        return len(self._users) < self._at_once and user not in self._users

    def _give_back(self, user: object) -> None:
        with self._changed:
            self._users.remove(user)
            self._changed.notify_all()

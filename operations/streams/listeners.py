"""Who listens to a stream: how many one user may have open, and whether they still may listen."""

import time
from dataclasses import dataclass
from importlib import import_module
from threading import Lock
from types import TracebackType

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest
from rest_framework.request import Request

from operations.access.tokens import ApiToken
from operations.errors import TooManyStreams

MOST_STREAMS = 20
"""Of one user in one web process; a tab that nobody sees gives its own back."""
CLAIM_SECONDS = 10.0
"""A seat whose stream has not begun by then is free again: its client left before."""


@dataclass(frozen=True, kw_only=True)
class Listener:
    """By what somebody listens, to be asked again while they do."""

    user_id: int
    is_staff: bool
    token_id: int | None
    session_key: str | None
    """Of who has no token."""

    @classmethod
    def of(cls, request: Request) -> "Listener":
        assert request.user.pk is not None  # anonymous: refused before
        token = request.auth if isinstance(request.auth, ApiToken) else None
        return cls(
            user_id=request.user.pk,
            is_staff=getattr(request.user, "is_staff", False),
            token_id=token.pk if token else None,
            session_key=None if token else request.session.session_key,
        )

    def may_listen(self) -> bool:
        """Whether they are who they were: signed in, or with a valid token, and staff or not."""
        user = self._user()
        return user.pk == self.user_id and getattr(user, "is_staff", False) == self.is_staff

    def _user(self) -> AbstractBaseUser | AnonymousUser:
        if self.token_id is None:
            return _signed_in(self.session_key)
        token = ApiToken.objects.valid().select_related("user").filter(pk=self.token_id).first()
        return token.user if token else AnonymousUser()


def _signed_in(session_key: str | None) -> AbstractBaseUser | AnonymousUser:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    return get_user(request)


class Seats:
    """How many streams of each user are open. For any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: dict[int, list[Seat]] = {}

    def take(self, user_id: int) -> "Seat":
        """Exactly `MOST_STREAMS` of any number at once get one. Raises `TooManyStreams`."""
        with self._lock:
            taken = [seat for seat in self._taken.get(user_id, ()) if not seat.has_lapsed]
            if len(taken) >= MOST_STREAMS:
                raise TooManyStreams(most=MOST_STREAMS)
            seat = Seat(self, user_id)
            self._taken[user_id] = [*taken, seat]
        return seat

    def free(self, seat: "Seat") -> None:
        with self._lock:
            left = [taken for taken in self._taken.get(seat.user_id, ()) if taken is not seat]
            self._taken[seat.user_id] = left
            if not left:
                del self._taken[seat.user_id]


class Seat:
    """One stream's place; it is held while the stream is open."""

    def __init__(self, seats: Seats, user_id: int) -> None:
        self.user_id = user_id
        self._seats = seats
        self._claimed_until = time.monotonic() + CLAIM_SECONDS

    @property
    def has_lapsed(self) -> bool:
        return time.monotonic() > self._claimed_until

    def __enter__(self) -> None:
        self._claimed_until = float("inf")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._seats.free(self)


SEATS = Seats()

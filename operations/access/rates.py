"""How often something may happen in a while, for all web processes together: counted in Redis.

While Redis is away each process counts by itself: nothing that a training depends on, and whoever
guesses at passwords is not let go on.
"""

import hashlib
import logging
import math
import time
from collections.abc import Callable
from enum import StrEnum
from threading import Lock
from typing import TypeVar

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from operations import redis_client

logger = logging.getLogger(__name__)

T = TypeVar("T")

WINDOW_SECONDS = 60
"""From the first that is counted; but see `Rate.window_seconds`."""
PAUSE_SECONDS = 5.0
"""After an error Redis is left alone for so long: where it swallows packets, asking costs 0.5 s."""


class Rate(StrEnum):
    """What is counted; each is the name of its setting, a number a minute, 0 for no limit."""

    REQUESTS = "KTRDR_API_REQUESTS_PER_MINUTE"
    """Requests of one user to the API, and what pages do at a click."""
    ACTIONS = "KTRDR_API_ACTIONS_PER_MINUTE"
    """Those of them that start, preview, resume, cancel or delete."""
    FAILED_LOGINS = "KTRDR_FAILED_LOGINS_PER_MINUTE"
    """Failed sign-ins of one address for one user name; and bad tokens of one address."""
    FAILED_LOGINS_OF_ADDRESS = "KTRDR_FAILED_LOGINS_PER_ADDRESS"
    """Failed sign-ins of one address, whatever the name, in ten minutes."""

    @property
    def window_seconds(self) -> int:
        return 600 if self is Rate.FAILED_LOGINS_OF_ADDRESS else WINDOW_SECONDS


_quiet_until: dict[str, float] = {}
"""By the address of a Redis that did not answer, on this process's monotonic clock."""


def take_request(subject: object, *, acts: bool) -> int | None:
    """Count one more request of this user's, as `take` does; one that acts as an action, too."""
    wait = take(Rate.REQUESTS, subject)
    return take(Rate.ACTIONS, subject) if wait is None and acts else wait


def take(rate: Rate, subject: object) -> int | None:
    """Count one more of this subject's; how many seconds to wait if that is too many, else None."""
    allowed = getattr(settings, rate)
    if not allowed:
        return None
    taken, seconds_left = _take(_key(rate, subject), rate.window_seconds)
    return max(seconds_left, 1) if taken > allowed else None


def _take(key: str, window_seconds: int) -> tuple[int, int]:
    """How many there are now, and the seconds until this count ends."""
    return ask(
        lambda redis: _count(redis, key, window_seconds),
        lambda: _own_counts.count(key, window_seconds),
    )


def ask(redis_has: Callable[[Redis], T], process_has: Callable[[], T]) -> T:
    """What Redis knows; while it is away, what this process knows by itself."""
    if _may_ask():
        try:
            return redis_has(redis_client.client())
        except RedisError as error:
            _leave_alone(error)
    return process_has()


def give_back(rate: Rate, subject: object) -> None:
    """One that was counted turned out to be none."""
    key = _key(rate, subject)
    _own_counts.give_back(key)
    ask(lambda redis: _give_back(redis, key), lambda: None)


def forget(rate: Rate, subject: object) -> None:
    """Begin again at nought."""
    key = _key(rate, subject)
    _own_counts.forget(key)
    ask(lambda redis: redis.delete(key), lambda: None)


class _OwnCounts:
    """What this process counts while Redis is away. For any thread."""

    MOST = 10_000
    """Then it begins anew: whoever can send that many names cannot fill the memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    def count(self, key: str, window_seconds: int) -> tuple[int, int]:
        now = time.monotonic()
        with self._lock:
            taken, ends_at = self._counts.get(key, (0, 0.0))
            if ends_at <= now:
                taken, ends_at = 0, now + window_seconds
            if len(self._counts) >= self.MOST:
                self._counts.clear()
            self._counts[key] = (taken + 1, ends_at)
        return taken + 1, math.ceil(ends_at - now)

    def give_back(self, key: str) -> None:
        with self._lock:
            if key in self._counts:
                taken, ends_at = self._counts[key]
                self._counts[key] = (max(taken - 1, 0), ends_at)

    def forget(self, key: str) -> None:
        with self._lock:
            self._counts.pop(key, None)


_own_counts = _OwnCounts()


def _count(redis: Redis, key: str, window_seconds: int) -> tuple[int, int]:
    """As `_take`; by no clock but Redis's."""
    pipeline = redis.pipeline()
    pipeline.set(key, 0, ex=window_seconds, nx=True)
    pipeline.incr(key)
    pipeline.ttl(key)
    _, taken, seconds_left = pipeline.execute()
    return int(taken), int(seconds_left)


def _give_back(redis: Redis, key: str) -> None:
    if redis.decr(key) < 0:  # its window is over
        redis.delete(key)


def _key(rate: Rate, subject: object) -> str:
    hashed = hashlib.sha256(repr(subject).encode()).hexdigest()[:32]  # whatever a client sent
    return f"ktrdr:rate:{rate.lower()}:{hashed}"


def _may_ask() -> bool:
    return time.monotonic() >= _quiet_until.get(settings.REDIS_URL, 0.0)


def _leave_alone(error: RedisError) -> None:
    _quiet_until[settings.REDIS_URL] = time.monotonic() + PAUSE_SECONDS
    logger.warning("each process counts requests by itself while Redis is away: %s", error)

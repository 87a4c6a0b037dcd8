"""How long the next try for a name has to wait, from wherever it comes: who guesses at one user's
password from many addresses gets two tries a minute.

Whether there is such a user is not asked here, so a name that nobody has waits like any other. A
wait is an answer, never a sleep: nobody who waits takes a place from somebody else.
"""

import hashlib
import math
import time
from threading import Lock

from redis import Redis

from operations.access import rates

FREE_TRIES = 2
FIRST_SECONDS = 1
MOST_SECONDS = 30
FORGOTTEN_AFTER_SECONDS = 3600
"""Without a further try."""


def take(name: str) -> int | None:
    """Count one more try; the seconds that it has to wait for, and is not counted then, else None.

    Of any number at the same time one goes on, from the third of them on.
    """
    key = _key(name)
    return rates.ask(lambda redis: _take(redis, key), lambda: _own_tries.take(key))


def forget(name: str) -> None:
    """The password was right: begin again at nought."""
    key = _key(name)
    _own_tries.forget(key)
    rates.ask(lambda redis: redis.delete(key, _wait_key(key)), lambda: None)


def seconds_after(tries: int) -> int:
    """0, 0, 1, 2, 4, 8, 16, and then the most."""
    doubled = max(tries - FREE_TRIES - 1, 0)
    return min(FIRST_SECONDS << doubled, MOST_SECONDS) if tries > FREE_TRIES else 0


def _take(redis: Redis, key: str) -> int | None:
    """By no clock but Redis's. Whoever sets the wait for the next one is the one that goes on."""
    seconds = seconds_after(int(redis.get(key) or 0) + 1)
    if seconds and not redis.set(_wait_key(key), 1, ex=seconds, nx=True):
        return max(math.ceil(redis.pttl(_wait_key(key)) / 1000), 1)
    pipeline = redis.pipeline()
    pipeline.incr(key)
    pipeline.expire(key, FORGOTTEN_AFTER_SECONDS)
    pipeline.execute()
    return None


class _OwnTries:
    """What this process counts while Redis is away. For any thread."""

    MOST = 10_000
    """Names; then it begins anew."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tries: dict[str, tuple[int, float]] = {}

    def take(self, key: str) -> int | None:
        now = time.monotonic()
        with self._lock:
            tries, free_at = self._tries.get(key, (0, 0.0))
            if free_at > now:
                return math.ceil(free_at - now)
            if free_at + FORGOTTEN_AFTER_SECONDS < now:
                tries = 0
            if len(self._tries) >= self.MOST:
                self._tries.clear()
            self._tries[key] = (tries + 1, now + seconds_after(tries + 1))
            return None

    def forget(self, key: str) -> None:
        with self._lock:
            self._tries.pop(key, None)


_own_tries = _OwnTries()


def _key(name: str) -> str:
    return f"ktrdr:tries:{hashlib.sha256(name.encode()).hexdigest()[:32]}"  # whatever was sent


def _wait_key(key: str) -> str:
    return f"{key}:wait"

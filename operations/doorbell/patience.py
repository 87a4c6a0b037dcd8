"""What a worker does while Redis refuses it or is away: it tries again, and says why it has to."""

import logging
import time
from collections.abc import Callable
from typing import Any

from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from operations import redis_client

logger = logging.getLogger(__name__)

RETRIES = 100  # with pauses of up to 10 s: an outage of a quarter of an hour is waited out
LONGEST_PAUSE_SECONDS = 10.0
SECONDS_BETWEEN_LINES = 60.0


class Complaints:
    """The first failure is said at once, and from then on one a minute."""

    def __init__(self, *, every_seconds: float = SECONDS_BETWEEN_LINES) -> None:
        self._every_seconds = every_seconds
        self._said_at = float("-inf")

    def about(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._said_at < self._every_seconds:
            return
        self._said_at = now
        logger.warning(
            "Redis lets no ring through to this worker, which tries again: %s. REDIS_URL says "
            "where it is, as whom, and, by rediss://, whether over TLS (?ssl_ca_certs= names the "
            "file of who signs its certificate)",
            _reason(error),
        )


def _reason(error: Exception) -> str:
    told = str(error).strip().rstrip(".")
    if isinstance(error, AuthenticationError):  # Valkey's own word for none is on its protocol
        return f"it asks for a user and a password, or for others ({told})"
    return told


def complain_at_once() -> None:
    """Look whether Redis lets this worker in, before it takes seconds to load torch."""
    try:
        redis_client.look()
    except (RedisError, OSError) as error:
        COMPLAINTS.about(error)


COMPLAINTS = Complaints()
"""Of this process: its connections fail one after the other."""


class Patience(Retry):
    """redis-py's own way to try again, which says nothing."""

    def __init__(self) -> None:
        pause = ExponentialWithJitterBackoff(base=0.1, cap=LONGEST_PAUSE_SECONDS)
        super().__init__(pause, RETRIES)

    def call_with_retry(self, do: Callable[[], Any], *rest: Any, **options: Any) -> Any:
        def once() -> Any:
            try:
                return do()
            except (RedisError, OSError) as error:
                if isinstance(error, self._supported_errors):
                    COMPLAINTS.about(error)
                raise

        return super().call_with_retry(once, *rest, **options)

"""How often a minute something may happen, for all web processes together: counted in Redis.

While Redis is away nothing is counted and nothing refused: the limits protect a site from a script
gone wild, and are nothing that a training depends on.
"""

import hashlib
import logging
import time
from enum import StrEnum

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from operations import redis_client

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
"""From the first that is counted."""
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


_quiet_until: dict[str, float] = {}
"""By the address of a Redis that did not answer, on this process's monotonic clock."""


def take_request(subject: object, *, acts: bool) -> int | None:
    """Count one more request of this user's, as `take` does; one that acts as an action, too."""
    wait = take(Rate.REQUESTS, subject)
    return take(Rate.ACTIONS, subject) if wait is None and acts else wait


def take(rate: Rate, subject: object) -> int | None:
    """Count one more of this subject's; how many seconds to wait if that is too many, else None."""
    allowed = getattr(settings, rate)
    if not allowed or not _may_ask():
        return None
    try:
        taken, seconds_left = _count(redis_client.client(), _key(rate, subject))
    except RedisError as error:
        _leave_alone(error)
        return None
    return max(seconds_left, 1) if taken > allowed else None


def forget(rate: Rate, subject: object) -> None:
    """Begin again at nought."""
    if not _may_ask():
        return
    try:
        redis_client.client().delete(_key(rate, subject))
    except RedisError as error:
        _leave_alone(error)


def _count(redis: Redis, key: str) -> tuple[int, int]:
    """How many there are now, and the seconds until this count ends; by no clock but Redis's."""
    pipeline = redis.pipeline()
    pipeline.set(key, 0, ex=WINDOW_SECONDS, nx=True)
    pipeline.incr(key)
    pipeline.ttl(key)
    _, taken, seconds_left = pipeline.execute()
    return int(taken), int(seconds_left)


def _key(rate: Rate, subject: object) -> str:
    hashed = hashlib.sha256(repr(subject).encode()).hexdigest()[:32]  # whatever a client sent
    return f"ktrdr:rate:{rate.lower()}:{hashed}"


def _may_ask() -> bool:
    return time.monotonic() >= _quiet_until.get(settings.REDIS_URL, 0.0)


def _leave_alone(error: RedisError) -> None:
    _quiet_until[settings.REDIS_URL] = time.monotonic() + PAUSE_SECONDS
    logger.warning("requests are not counted while Redis is away: %s", error)

"""The one way to Redis, which never makes a request wait for long."""

from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def client() -> Redis:
    """Fails at once, with a `RedisError`, instead of retrying."""
    return _client(settings.REDIS_URL)


def look() -> None:
    """Raises a `RedisError` that says why Redis does not let this process in; waits for 5 s."""
    with _new(settings.REDIS_URL, timeout_seconds=5) as looking:
        looking.ping()


@cache
def _client(url: str) -> Redis:
    return _new(url, timeout_seconds=0.5)


def _new(url: str, *, timeout_seconds: float) -> Redis:
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
    )

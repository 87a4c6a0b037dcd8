"""Rings wait in RQ's queues, lists of job ids in Redis. One is taken with all there is of it."""

import logging
import re
import time
from collections.abc import Iterable
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError
from rq import Queue
from rq.exceptions import DequeueTimeout
from rq.serializers import JSONSerializer
from rq.utils import as_text

from operations.doorbell.patience import COMPLAINTS
from operations.doorbell.ring import MAX_STORED_BYTES, DoorbellJob, NotARing

logger = logging.getLogger(__name__)

SHOWN_BYTES = 100
"""Of what is refused: it may be anything."""
PAUSE_SECONDS = 1.0
CLEARING_SECONDS = 1.0
"""For which what is no ring is taken off before its caller hears whether it is to stop."""

_JOB_ID = re.compile(rb"[A-Za-z0-9_-]{1,100}")


class DoorbellQueue(Queue):
    """A queue of rings. Whatever else lies in it is taken off, with a line in the log."""

    job_class = DoorbellJob

    def __init__(self, name: str, connection: Redis, **ignored: Any) -> None:
        super().__init__(
            name, connection=connection, job_class=DoorbellJob, serializer=JSONSerializer
        )

    def waiting(self) -> set[str]:
        """The ids in it."""
        found: list[bytes] = self.connection.lrange(self.key, 0, -1)  # type: ignore[assignment]
        return {job_id.decode(errors="replace") for job_id in found}

    def clear_the_way(self) -> None:
        """For the next ring, after Redis refused one."""
        try:
            clear_the_way(self.connection, [self.key])
        except RedisError as error:
            logger.warning("the way for rings could not be cleared: %s", error)

    @classmethod
    def dequeue_any(
        cls,
        queues: Iterable[Queue],
        timeout: int | None,
        connection: Redis,
        *rest: Any,
        **ignored: Any,
    ) -> tuple[DoorbellJob, Queue] | None:
        """The next ring, and its queue; None when there is none and `timeout` (seconds) is None.

        Raises `DequeueTimeout` when none came in time.
        """
        by_key = {queue.key: queue for queue in queues}
        until = time.monotonic() + (timeout or CLEARING_SECONDS)
        try:
            while popped := cls._pop(list(by_key), timeout, connection):
                queue, job_id = by_key[as_text(popped[0])], popped[1]
                try:
                    return take(job_id, connection, queue), queue
                except NotARing as why:
                    shown = job_id[:SHOWN_BYTES]
                    logger.warning(
                        "%r in %s is no ring and is taken off: %s", shown, queue.name, why
                    )
                if time.monotonic() >= until:
                    raise DequeueTimeout(timeout, list(by_key))
        except ResponseError as error:
            _wait_out(error)
            raise DequeueTimeout(timeout, list(by_key)) from error
        return None

    @classmethod
    def _pop(cls, keys: list[str], timeout: int | None, connection: Redis) -> Any:
        try:
            return cls.lpop(keys, timeout, connection=connection)
        except ResponseError:
            if not clear_the_way(connection, keys):
                raise
            return cls.lpop(keys, timeout, connection=connection)


def _wait_out(error: ResponseError) -> None:
    """Redis is there and refuses: it cannot write to its disk, or is a replica that only reads."""
    COMPLAINTS.about(error)
    time.sleep(PAUSE_SECONDS)


def take(job_id: bytes, connection: Redis, queue: Queue) -> DoorbellJob:
    """The record of a ring that was popped: it is gone from Redis afterwards, whatever it was.

    Raises `NotARing`.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise NotARing("its id is none of ours")
    job = DoorbellJob(as_text(job_id), connection=connection, serializer=JSONSerializer)
    job.origin = queue.name
    try:
        job.restore({b"data": _stored(connection, job.key)})
    finally:
        connection.unlink(job.key)
    return job


def _stored(connection: Redis, key: str) -> bytes:
    """Raises `NotARing`."""
    try:
        if connection.hstrlen(key, "data") > MAX_STORED_BYTES:
            raise NotARing("it is too large")
        stored = connection.hget(key, "data")
    except ResponseError as error:
        raise NotARing("its record is no hash") from error
    if stored is None:
        raise NotARing("nothing is kept under its id")
    return bytes(stored)  # type: ignore[arg-type]


def clear_the_way(connection: Redis, queue_keys: Iterable[str]) -> bool:
    """Remove what stands where RQ keeps queues and is none; whether there was any."""
    kinds = {Queue.redis_queues_keys: b"set", **dict.fromkeys(queue_keys, b"list")}
    wrong = [key for key, kind in kinds.items() if connection.type(key) not in (kind, b"none")]
    if wrong:
        connection.unlink(*wrong)
        logger.warning("%s in Redis could hold no rings and is removed", ", ".join(wrong))
    return bool(wrong)

"""Ring the doorbell: tell a worker, through Redis, that an attempt waits in the database.

The database is the truth. A ring that is lost is rung again by the sweeper, and one too many is
harmless: the claim lets exactly one delivery through.
"""

import logging
from functools import cache, partial

from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from operations import lifecycle
from operations.models import EventType, Operation

logger = logging.getLogger(__name__)

FINISHED_JOB_TTL_SECONDS = 60
"""RQ's record of a job is no truth here: it goes soon, so that Redis does not grow."""


def ring_after_commit(operation_id: str, attempt: int) -> None:
    """Ring for a new attempt once the transaction that made it is durable."""
    transaction.on_commit(partial(ring, operation_id, attempt), robust=True)


def ring(operation_id: str, attempt: int, *, after_ring: int = 0) -> bool:
    """Enqueue an unclaimed attempt under an id of its own; True when the ring reached Redis."""
    number = lifecycle.take_ring(operation_id, attempt, after_ring=after_ring)
    if number is None:
        return False
    operation = Operation.objects.only("queue", "operation_type").get(pk=operation_id)
    job_id = _job_id(operation_id, attempt, number)
    try:
        _enqueue(operation, attempt, job_id)
    except RedisError as error:
        logger.warning("%s waits for Redis, the sweeper rings again: %s", operation_id, error)
        return False
    lifecycle.note(operation_id, EventType.QUEUED, {"queue": operation.queue, "ring": number})
    return True


def is_queued(operation: Operation) -> bool:
    """Whether the last ring still waits in its queue. Raises `RedisError` when Redis is away."""
    job_id = _job_id(operation.pk, operation.attempt, operation.rings)
    return _queue(operation.queue).get_job_position(job_id) is not None


def _job_id(operation_id: str, attempt: int, number: int) -> str:
    return f"{operation_id}-{attempt}-{number}"


def _enqueue(operation: Operation, attempt: int, job_id: str) -> None:
    try:
        _queue(operation.queue).enqueue_call(
            settings.OPERATION_TYPES[operation.operation_type]["job"],
            args=(operation.pk, attempt),
            job_id=job_id,
            unique=True,
            timeout=-1,
            result_ttl=FINISHED_JOB_TTL_SECONDS,
            failure_ttl=FINISHED_JOB_TTL_SECONDS,
        )
    except DuplicateJobError:
        logger.info("job %s is in Redis already", job_id)


def _queue(name: str) -> Queue:
    return Queue(name, connection=_connection(), serializer=JSONSerializer)


@cache
def _connection() -> Redis:
    """A client that fails at once instead of retrying: a request never waits for the doorbell."""
    return Redis.from_url(
        settings.REDIS_URL,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=1,
        socket_timeout=2,
    )

"""Ring the doorbell: tell a worker, through Redis, that an attempt waits in the database.

The database is the truth. A ring that is lost is rung again by the sweeper, and one too many is
harmless: the claim lets exactly one delivery through.
"""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from redis.exceptions import RedisError, ResponseError
from rq.exceptions import DuplicateJobError

from checkpoints.failpoints import failpoint
from operations import lifecycle, locks, redis_client
from operations.doorbell.queue import DoorbellQueue
from operations.models import EventType, Operation

logger = logging.getLogger(__name__)


def ring_after_commit(operation_id: str, attempt: int) -> None:
    """Ring for a new attempt once the transaction that made it, which is this one, is durable."""
    number = lifecycle.take_ring(operation_id, attempt, after_ring=0)
    if number is None:
        return

    def ring_now() -> None:  # a `partial` has no name for the log line of a hook that failed
        _ring(operation_id, attempt, number)

    transaction.on_commit(ring_now, robust=True)


def ring(operation_id: str, attempt: int, *, after_ring: int = 0) -> bool:
    """Enqueue an unclaimed attempt under an id of its own; True when the ring reached Redis.

    False, at once, while another session holds its row.
    """
    with locks.taken(operation_id) as is_free:
        if not is_free:
            return False
        number = lifecycle.take_ring(operation_id, attempt, after_ring=after_ring)
    return number is not None and _ring(operation_id, attempt, number)


def _ring(operation_id: str, attempt: int, number: int) -> bool:
    failpoint("ring.taken")
    operation = Operation.objects.only("queue", "operation_type").get(pk=operation_id)
    queue = _queue(operation.queue)
    try:
        _enqueue(queue, operation, attempt, _job_id(operation_id, attempt, number))
    except (RedisError, DuplicateJobError) as error:
        logger.warning("no ring for %s, the sweeper rings again: %s", operation_id, error)
        if isinstance(error, ResponseError):
            queue.clear_the_way()
        return False
    failpoint("ring.enqueued")
    data = {"queue": operation.queue, "ring": number}
    with locks.impatient():  # a worker may have claimed it by now, and frozen while it did
        lifecycle.note(operation_id, EventType.QUEUED, data, attempt=attempt)
    failpoint("ring.noted")
    return True


def queued_job_ids(queues: Iterable[str]) -> set[str]:
    """The rings that no worker has taken yet. Raises `RedisError` when Redis is away."""
    return {job_id for name in queues for job_id in _queue(name).waiting()}


def last_job_id(operation: Operation) -> str:
    return _job_id(operation.pk, operation.attempt, operation.rings)


def answers() -> bool:
    """Whether Redis is there to be rung."""
    try:
        return bool(redis_client.client().ping())
    except RedisError:
        return False


def _job_id(operation_id: str, attempt: int, number: int) -> str:
    return f"{operation_id}-{attempt}-{number}"


def _enqueue(queue: DoorbellQueue, operation: Operation, attempt: int, job_id: str) -> None:
    queue.enqueue_call(
        settings.OPERATION_TYPES[operation.operation_type]["job"],
        args=(operation.pk, attempt),
        job_id=job_id,
        unique=True,
        timeout=-1,
    )


def _queue(name: str) -> DoorbellQueue:
    return DoorbellQueue(name, connection=redis_client.client())

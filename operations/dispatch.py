"""Ring the doorbell: tell a worker, through Redis, that an attempt waits in the database.

The database is the truth. A ring that is lost is rung again by the sweeper, and one too many is
harmless: the claim lets exactly one delivery through.

Parts of a live family have no ring of their own: their family rings, as often as workers could take
one now, and whoever hears it takes the lowest part that waits (`operations/parts.py`).
"""

import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from redis.exceptions import RedisError, ResponseError
from rq.exceptions import DuplicateJobError

from checkpoints.failpoints import failpoint
from operations import lifecycle, locks, redis_client, selectors
from operations.doorbell.queue import DoorbellQueue
from operations.models import EventType, Operation, Process

logger = logging.getLogger(__name__)


def ring_after_commit(operation_id: str, attempt: int) -> None:
    """Ring for a new attempt once the transaction that made it, which is this one, is durable."""
    if family_id := selectors.live_family_of(operation_id):
        ring_parts_after_commit(family_id)
        return
    number = lifecycle.take_ring(operation_id, attempt, after_ring=0)
    if number is None:
        return

    def ring_now() -> None:  # a `partial` has no name for the log line of a hook that failed
        _ring(operation_id, attempt, number)

    transaction.on_commit(ring_now, robust=True)


@receiver(lifecycle.woken)
def ring_for_woken(operation_id: str, attempt: int, **signal: Any) -> None:
    """For a family whose parts woke it, in the transaction that did."""
    ring_after_commit(operation_id, attempt)
    failpoint("wake.taken")


@receiver(lifecycle.parts_wait)
def ring_parts_after_commit(family_id: str, **signal: Any) -> None:
    """Ring for parts of a family once the transaction that lets them wait is durable."""

    def ring_parts_now() -> None:
        ring_parts(family_id)

    transaction.on_commit(ring_parts_now, robust=True)


def ring(operation_id: str, attempt: int, *, after_ring: int = 0) -> bool:
    """Enqueue an unclaimed attempt under an id of its own; True when the ring reached Redis.

    False, at once, while another session holds its row.
    """
    if family_id := selectors.live_family_of(operation_id):
        return ring_parts(family_id)
    with locks.taken(operation_id) as is_free:
        if not is_free:
            return False
        number = lifecycle.take_ring(operation_id, attempt, after_ring=after_ring)
    return number is not None and _ring(operation_id, attempt, number)


def ring_parts(family_id: str) -> bool:
    """Ring as often as there are workers for its waiting parts; whether that reached Redis."""
    family = Operation.objects.only("attempt", "operation_type").get(pk=family_id)
    failpoint("parts.begin")
    try:
        for queue, number in _bells(family_id).items():
            for bell in range(1, number + 1):
                _enqueue_bell(family, queue, bell)
    except RedisError as error:
        logger.warning("no ring for parts of %s, the sweeper rings again: %s", family_id, error)
        return False
    failpoint("parts.rung")
    return True


def _bells(family_id: str) -> dict[str, int]:
    """By queue: how many parts wait there, or how many workers serve it, if that are fewer."""
    waiting = selectors.waiting_parts(family_id).order_by().values_list("queue", flat=True)
    details = selectors.alive(Process.Kind.WORKER).values_list("details", flat=True)
    workers = Counter(queue for told in details for queue in told.get("queues", ()))
    return {queue: min(n, max(1, workers[queue])) for queue, n in Counter(waiting).items()}


def _enqueue_bell(family: Operation, queue: str, bell: int) -> None:
    """Nothing where this one has not been heard yet."""
    job = settings.OPERATION_TYPES[family.operation_type]["parts_job"]
    try:
        _enqueue(_queue(queue), job, family, family.attempt, f"{_bells_of(family, queue)}{bell}")
    except DuplicateJobError:
        return


def _bells_of(family: Operation, queue: str) -> str:
    """What the ids of a family's bells begin with, whatever its attempt is now."""
    return f"{family.pk}-{queue}-parts-"


def has_bells(family: Operation, queue: str, queued: Iterable[str]) -> bool:
    """Whether one of its bells is among these ids of rings."""
    return any(job_id.startswith(_bells_of(family, queue)) for job_id in queued)


def _ring(operation_id: str, attempt: int, number: int) -> bool:
    failpoint("ring.taken")
    operation = Operation.objects.only("queue", "operation_type").get(pk=operation_id)
    queue = _queue(operation.queue)
    job = settings.OPERATION_TYPES[operation.operation_type]["job"]
    try:
        _enqueue(queue, job, operation, attempt, _job_id(operation_id, attempt, number))
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


def _enqueue(
    queue: DoorbellQueue, job: str, operation: Operation, attempt: int, job_id: str
) -> None:
    queue.enqueue_call(job, args=(operation.pk, attempt), job_id=job_id, unique=True, timeout=-1)


def _queue(name: str) -> DoorbellQueue:
    return DoorbellQueue(name, connection=redis_client.client())

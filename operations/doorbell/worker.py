"""RQ's worker, with an ear for rings only."""

import logging
from typing import Any
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError, ResponseError
from rq import Queue, Worker
from rq.exceptions import DequeueTimeout
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker.base import WorkerStatus

from checkpoints.failpoints import failpoint
from operations import redis_client
from operations.doorbell.patience import COMPLAINTS, Patience
from operations.doorbell.queue import DoorbellQueue, clear_the_way
from operations.doorbell.ring import DoorbellJob, NotARing
from operations.staying import Fork, Stay, by_itself, staying

logger = logging.getLogger(__name__)


class DoorbellWorker(Worker):
    """RQ's loop, its forks and its signals. Of Redis it asks one thing: the next ring.

    What RQ keeps there besides (workers, states, heartbeats, executions, results, registries) the
    database knows; what RQ does at a word from there (commands, suspension, callbacks, webhooks,
    dependents, repeats, retries, maintenance) is not done.
    """

    rings_are_counted = False
    """Whether it ends after a number of rings: then each has a horse."""

    def __init__(self, queues: Any, *args: Any, **kwargs: Any) -> None:
        names = [queue.name if isinstance(queue, Queue) else queue for queue in queues]
        kwargs["job_class"] = DoorbellJob
        kwargs["queue_class"] = DoorbellQueue
        kwargs["serializer"] = JSONSerializer
        super().__init__(names, *args, **kwargs)
        self.connection.set_retry(Patience())

    # -- What is done instead

    def bootstrap(self, *args: Any, **kwargs: Any) -> None:
        try:
            clear_the_way(self.connection, self.queue_keys())
        except ResponseError as error:  # the queues tell, too, and wait
            COMPLAINTS.about(error)
        super().bootstrap(*args, **kwargs)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        self.last_heartbeat = now()

    def set_state(self, state: str, pipeline: Any = None) -> None:
        self._state = state

    def prepare_execution(self, job: Job) -> Execution:
        execution = Execution(uuid4().hex, job.id, self.connection, worker_name=self.name)
        self.executions[execution.id] = execution
        self.set_state(WorkerStatus.BUSY)
        return execution

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        self.heartbeat()

    def work(self, *args: Any, **kwargs: Any) -> bool:
        self.rings_are_counted = kwargs.get("max_jobs") is not None
        return super().work(*args, **kwargs)

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """In the horse: the job function, and those of the rings that come after, while it may
        stay."""
        fork = Fork(has_to_end=self.has_to_end)
        was_answered = self._answer(job, queue, fork)
        while was_answered and not self.rings_are_counted and fork.takes_rings():
            if (ring := self._next_ring()) is None:
                break
            failpoint("horse.popped")
            was_answered = self._answer(*ring, fork)
        return was_answered

    def _next_ring(self) -> tuple[DoorbellJob, Queue] | None:
        """None where none waits now, or Redis does not say: to be patient is the worker's."""
        impatient = redis_client.client()
        queues = [DoorbellQueue(name, connection=impatient) for name in self.queue_names()]
        try:
            return DoorbellQueue.dequeue_any(queues, None, impatient)
        except DequeueTimeout:  # Redis refuses, which has been told
            return None
        except (RedisError, OSError) as error:
            logger.warning("no further ring is taken here: %s", error)
            return None

    def _answer(self, job: Job, queue: Queue, fork: Fork) -> bool:
        """Whether its job came to an end without an error."""
        job.worker_name = self.name
        self.begins(job)
        try:
            with staying(self._stay(queue, fork)), by_itself():
                job.perform()
        except NotARing as refused:
            logger.warning("ring %s is refused: %s", job.id, refused)
            return False
        except Exception:
            logger.exception("the job of ring %s failed: %s", job.id, job.description)
            return False
        logger.info("ring %s has been answered: %s", job.id, job.description)
        return True

    def begins(self, job: Job) -> None:
        """In the horse, before each ring that it answers."""

    def has_to_end(self) -> bool:
        """In the horse, between two operations: whether it was told to stop."""
        return False

    def _stay(self, queue: Queue, fork: Fork) -> Stay:
        names = self.queue_names()
        return Stay(fork=fork, queue=queue.name, higher_queues=names[: names.index(queue.name)])

    # -- What is left out

    def _set_ip_address(self, connection: Redis) -> None:
        """Not asked: redis-py cannot read the answer where the socket's path has a space."""
        self.ip_address = "unknown"

    @property
    def should_run_maintenance_tasks(self) -> bool:
        return False

    def check_for_suspension(self, burst: bool) -> None:
        pass

    def register_birth(self) -> None:
        pass

    def register_death(self) -> None:
        pass

    def subscribe(self) -> None:
        pass

    def set_shutdown_requested_date(self) -> None:
        pass

    def handle_job_failure(self, *args: Any, **kwargs: Any) -> None:
        pass

    def _start_scheduler(self, *args: Any, **kwargs: Any) -> None:
        logger.warning("no scheduler runs: nothing here is scheduled through Redis")

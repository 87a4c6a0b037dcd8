"""RQ's worker, with an ear for rings only."""

import logging
from typing import Any
from uuid import uuid4

from redis.exceptions import ResponseError
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker.base import WorkerStatus

from operations.doorbell.patience import COMPLAINTS, Patience
from operations.doorbell.queue import DoorbellQueue, clear_the_way
from operations.doorbell.ring import DoorbellJob, NotARing
from operations.staying import Stay, staying

logger = logging.getLogger(__name__)


class DoorbellWorker(Worker):
    """RQ's loop, its forks and its signals. Of Redis it asks one thing: the next ring.

    What RQ keeps there besides (workers, states, heartbeats, executions, results, registries) the
    database knows; what RQ does at a word from there (commands, suspension, callbacks, webhooks,
    dependents, repeats, retries, maintenance) is not done.
    """

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

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """In the horse: the job function, and nothing after it."""
        job.worker_name = self.name
        try:
            with staying(self._stay(queue)):
                job.perform()
        except NotARing as refused:
            logger.warning("ring %s is refused: %s", job.id, refused)
            return False
        except Exception:
            logger.exception("the job of ring %s failed: %s", job.id, job.description)
            return False
        logger.info("ring %s has been answered: %s", job.id, job.description)
        return True

    def has_to_end(self) -> bool:
        """In the horse, between two parts of a family: whether it was told to stop."""
        return False

    def _stay(self, queue: Queue) -> Stay:
        names = self.queue_names()
        higher = names[: names.index(queue.name)]
        return Stay(queue=queue.name, higher_queues=higher, has_to_end=self.has_to_end)

    # -- What is left out

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

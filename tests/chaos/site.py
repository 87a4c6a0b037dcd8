"""What chaos happens to: workers, sweepers and servers under a load of small trainings."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from django.db import connections

from operations.models import LIVE, RESUMABLE, Operation, Status
from tests.acceptance import trainings
from tests.chaos.crew import Crew
from tests.chaos.front import Front
from tests.running.servers import Servers
from tests.running.stack import Stack, StackProcess, wait_until

EPOCHS = 12
SEEDS = (1, 2, 3)
LIVE_AT_ONCE = 6
NUM_WORKERS = 3

FULL_DISK = "checkpoint.write.chunk=ENOSPC@9;checkpoint.write.sync=EIO@5"
"""Of one of the workers: in each of its horses one save finds no room, and one a broken disk."""


@dataclass(kw_only=True)
class Site:
    stack: Stack
    servers: Servers
    storage: Path
    """The directory of the checkpoint storage."""
    random: random.Random
    twins: dict[int, dict[str, str]] = field(default_factory=dict)
    """By seed, what an undisturbed training ends with."""
    operations: dict[str, int] = field(default_factory=dict)
    """Id and seed of everything that was started."""

    def train_twins(self) -> None:
        worker = self.stack.worker()
        for seed in SEEDS:
            ended = trainings.wait_for_end(trainings.start(epochs=EPOCHS, seed=seed), 180)
            self.twins[seed] = trainings.digests(ended)
        worker.kill_all()

    def open(self) -> None:
        """Web, workers and sweepers, each started again whenever it ends."""
        self.front = Front()
        address = f"127.0.0.1:{self.front.port}"
        web = {"web": lambda: self.stack.start("web", "runserver", "--noreload", address)}
        workers = {f"worker {number}": self.stack.worker for number in range(1, NUM_WORKERS)}
        full = {"worker on a bad disk": lambda: self.stack.worker(KTRDR_FAILPOINTS=FULL_DISK)}
        sweepers = {"sweeper 1": self.stack.sweeper, "sweeper 2": self.stack.sweeper}
        self.crew = Crew({**web, **workers, **full, **sweepers})

    def keep_busy(self) -> None:
        self.crew.look()
        busy = Operation.objects.live().count() + len(self.front.unanswered)
        for _ in range(LIVE_AT_ONCE - busy):
            self.front.order(epochs=EPOCHS, seed=self.random.choice(SEEDS))
        self.operations |= self.front.answers()

    def settle(self, timeout: float) -> None:
        """Until nothing is live; what still is after `timeout` seconds is stuck."""

        def settled() -> bool:
            self.crew.look()
            self.operations |= self.front.answers()
            return not self.front.unanswered and not Operation.objects.live().exists()

        try:
            wait_until(settled, timeout)
        except AssertionError:
            return

    def processes(self, kind: str) -> list[StackProcess]:
        named = self.crew.at.items()
        return [process for post, process in named if post.startswith(kind) and process.alive]

    def horses(self) -> list[psutil.Process]:
        pids = [worker.pid for worker in self.processes("worker")]
        return [horse for pid in pids for horse in _children(pid)]

    def stopped_operations(self) -> list[Operation]:
        return list(self._started().filter(status__in=RESUMABLE).order_by("pk"))

    def live_operations(self) -> list[Operation]:
        return list(self._started().filter(status__in=LIVE).order_by("pk"))

    def ended(self) -> Iterable[Operation]:
        return self._started().filter(status=Status.COMPLETED)

    def without_database(self) -> None:
        """Before its server goes: connections of this process would be broken after it."""
        connections.close_all()

    def started_behind_the_back(self) -> list[str]:
        """Operations that nobody ordered, or that one order started twice."""
        twins = len(self.twins)
        ordered = set(self.operations)
        others = Operation.objects.exclude(pk__in=ordered).order_by("created_at")
        return [operation.pk for operation in others[twins:]]

    def _started(self):  # type: ignore[no-untyped-def]
        return Operation.objects.filter(pk__in=self.operations)


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children()
    except psutil.NoSuchProcess:
        return []

"""A site whose every process reaches PostgreSQL through PgBouncer."""

from collections.abc import Callable, Iterator

import psutil
import pytest
from django.db import connection
from environ import Env

from operations.cancel import cancel_operation
from operations.models import Status
from operations.resume import resume_operation
from tests.acceptance import trainings
from tests.acceptance.trainings import now, wait_for_end, wait_for_epoch
from tests.operations import scenes
from tests.running.pooler import Pooler
from tests.running.servers import ON_SQLITE, Servers
from tests.running.stack import Stack, StackProcess, wait_until

pytestmark = [
    pytest.mark.skipif(ON_SQLITE, reason="about PostgreSQL"),
    pytest.mark.timeout(600),
]

SAVE = "checkpoint.commit.inserted"
"""Inside the transaction of a checkpoint's rows."""


class PooledSite:
    """This process, and those that it starts, reach the test's database through it."""

    def __init__(self, pooler: Pooler, stack: Stack) -> None:
        self.pooler = pooler
        self._stack = stack
        self._env = {
            "DATABASE_URL": pooler.url(str(connection.settings_dict["NAME"])),
            "KTRDR_DATABASE_POOLER": "true",
        }

    def worker(self, **env: str) -> StackProcess:
        return self._stack.worker(**self._env, **env)

    def sweeper(self) -> StackProcess:
        return self._stack.sweeper(**self._env)


@pytest.fixture
def pooled_site(stack: Stack, servers: Servers) -> Iterator[Callable[[str], PooledSite]]:
    """Of a mode."""
    made: list[Pooler] = []
    directly = connection.settings_dict.copy()

    def make(mode: str) -> PooledSite:
        pooler = Pooler(servers, mode=mode)
        made.append(pooler)
        through = Env.db_url_config(pooler.url(str(directly["NAME"])))
        connection.close()
        connection.settings_dict |= {**through, "DISABLE_SERVER_SIDE_CURSORS": True}
        return PooledSite(pooler, stack)

    yield make
    stack.stop()
    connection.close()
    connection.settings_dict.clear()
    connection.settings_dict.update(directly)
    for pooler in made:
        pooler.stop()


@pytest.mark.parametrize(
    "mode", [pytest.param("session", marks=pytest.mark.repeats), "transaction"]
)
def test_a_training_starts_runs_is_cancelled_and_resumed(
    pooled_site: Callable[[str], PooledSite], mode: str
) -> None:
    worker = pooled_site(mode).worker()
    operation = trainings.start(epochs=60)
    wait_for_epoch(operation, 3)
    cancel_operation(operation.pk)
    assert wait_for_end(operation).status == Status.CANCELLED
    resume_operation(operation.pk)
    assert wait_for_end(operation).status == Status.COMPLETED
    assert "Traceback" not in worker.output


def test_a_worker_that_freezes_in_a_transaction_keeps_its_own_operation_alone(
    pooled_site: Callable[[str], PooledSite], tmp_path
) -> None:
    """Nothing ends its session: the limits of the role are not set."""
    site = pooled_site("transaction")
    sweeper = site.sweeper()
    worker = site.worker(KTRDR_FAILPOINTS=f"{SAVE}=stop@once", KTRDR_FAILPOINTS_ONCE=str(tmp_path))
    frozen = trainings.start(epochs=30)
    horse = stopped_horse(worker)
    wait_until(lambda: f"{frozen.pk} is held by a session" in sweeper.output, 60)

    lost = scenes.as_training(scenes.running())
    scenes.expire_lease(lost)
    wait_until(lambda: now(lost).attempt == 2, 60, lambda: sweeper.output)

    assert now(frozen).attempt == 1
    horse.resume()
    assert wait_for_end(frozen).status == Status.COMPLETED
    assert sweeper.alive and "Traceback" not in sweeper.output


def stopped_horse(worker: StackProcess) -> psutil.Process:
    def stopped() -> list[psutil.Process]:
        horses = psutil.Process(worker.pid).children()
        return [horse for horse in horses if horse.status() == psutil.STATUS_STOPPED]

    wait_until(stopped, 60, lambda: worker.output)
    return stopped()[0]

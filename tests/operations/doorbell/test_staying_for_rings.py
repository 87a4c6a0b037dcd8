"""A worker's fork answers ring after ring while there is one and it may stay."""

import logging
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings
from redis import Redis

from operations import dispatch, lifecycle
from operations.doorbell import queue
from operations.doorbell.queue import DoorbellQueue
from operations.doorbell.worker import DoorbellWorker
from operations.staying import end_after_this, hold_device
from tests.operations.fake_type import OPERATION_TYPES
from tests.running.servers import ValkeyServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]

HIGH, NORMAL = "training-high", "training"
AFTER: dict[str, Callable[[], None]] = {}
"""What an operation does besides being answered."""
ANSWERED: list[str] = []


def answer(operation_id: str, attempt: int) -> None:
    ANSWERED.append(operation_id)
    AFTER.get(operation_id, lambda: None)()


@pytest.fixture(autouse=True)
def answering(settings: Settings, fake_type: None) -> None:
    job = f"{__name__}.{answer.__name__}"
    settings.OPERATION_TYPES = {"fake": {**OPERATION_TYPES["fake"], "job": job}}
    AFTER.clear()
    ANSWERED.clear()


class Worker(DoorbellWorker):
    told_to_stop = False

    def has_to_end(self) -> bool:
        return self.told_to_stop


@pytest.fixture
def worker(valkey: Redis) -> Worker:
    return Worker([HIGH, NORMAL], connection=valkey)


def rung(*, queue: str = NORMAL) -> str:
    operation = lifecycle.start(operation_type="fake", request={}, queue=queue, max_restarts=3)
    assert dispatch.ring(operation.pk, 1)
    return str(operation.pk)


def hear_first(worker: Worker) -> bool:
    """As the fork does for which its worker has taken the first ring."""
    queues = [DoorbellQueue(name, worker.connection) for name in worker.queue_names()]
    job, queue = DoorbellQueue.dequeue_any(queues, None, worker.connection)
    return worker.perform_job(job, queue, worker.prepare_execution(job))


def waiting(worker: Worker) -> int:
    return sum(len(DoorbellQueue(name, worker.connection)) for name in worker.queue_names())


def test_one_fork_answers_all_that_wait(worker: Worker) -> None:
    rings = [rung() for _ in range(3)]
    assert hear_first(worker)
    assert rings == ANSWERED
    assert waiting(worker) == 0


def test_a_higher_queue_comes_first_each_time(worker: Worker) -> None:
    first, last = rung(), rung()
    urgent: list[str] = []
    AFTER[first] = lambda: urgent.append(rung(queue=HIGH))
    assert hear_first(worker)
    assert [first, *urgent, last] == ANSWERED


def test_told_to_stop_it_takes_no_other(worker: Worker) -> None:
    first, _ = rung(), rung()
    AFTER[first] = lambda: setattr(worker, "told_to_stop", True)
    assert hear_first(worker)
    assert [first] == ANSWERED
    assert waiting(worker) == 1


@pytest.mark.parametrize("left_behind", [end_after_this, hold_device])
def test_what_left_something_behind_is_the_last(
    worker: Worker, left_behind: Callable[[], None]
) -> None:
    """A failure, or memory of a GPU."""
    first, _ = rung(), rung()
    AFTER[first] = left_behind
    assert hear_first(worker)
    assert (ANSWERED, waiting(worker)) == ([first], 1)


def test_after_a_job_that_raised_it_takes_no_other(worker: Worker) -> None:
    first, second, _ = rung(), rung(), rung()

    def raise_it() -> None:
        raise RuntimeError("broken")

    AFTER[second] = raise_it
    assert not hear_first(worker)
    assert (ANSWERED, waiting(worker)) == ([first, second], 1)


def test_what_is_no_ring_is_taken_off_on_the_way(worker: Worker, valkey: Redis) -> None:
    first = rung()
    valkey.rpush(f"rq:queue:{NORMAL}", "nothing")
    last = rung()
    assert hear_first(worker)
    assert (ANSWERED, waiting(worker)) == ([first, last], 0)


def test_between_a_flood_of_what_is_no_ring_it_ends(
    worker: Worker, valkey: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hears no stop while it takes that off; its worker does, between two looks."""
    monkeypatch.setattr(queue, "CLEARING_SECONDS", 0.0)
    first = rung()
    valkey.rpush(f"rq:queue:{NORMAL}", *(["nothing"] * 3))
    rung()
    assert hear_first(worker)
    assert (ANSWERED, waiting(worker)) == ([first], 3)


def test_without_redis_it_ends_at_once(
    worker: Worker, valkey_server: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """To be patient is its worker's: a fork that waits looks as if it hung."""
    AFTER[rung()] = valkey_server.stop
    caplog.set_level(logging.WARNING)
    assert hear_first(worker)
    assert "no further ring is taken here" in caplog.text
    valkey_server.start()


def test_where_redis_refuses_it_ends_with_words_for_people(
    worker: Worker, valkey: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = rung(), rung()
    AFTER[first] = lambda: valkey.execute_command("REPLICAOF", "127.0.0.1", "1")
    caplog.set_level(logging.WARNING)
    try:
        assert hear_first(worker)
    finally:
        valkey.execute_command("REPLICAOF", "NO", "ONE")
    assert [first] == ANSWERED
    assert f"rq:queue:{NORMAL}" not in caplog.text


def test_where_a_worker_ends_after_a_number_of_rings_each_has_its_fork(worker: Worker) -> None:
    first, _ = rung(), rung()
    worker.rings_are_counted = True
    assert hear_first(worker)
    assert (ANSWERED, waiting(worker)) == ([first], 1)

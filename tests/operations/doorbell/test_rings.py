"""Of all that lies in Redis only a ring is believed: a job of this site, an id and an attempt."""

import logging
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings
from redis import Redis
from rq.exceptions import DequeueTimeout
from rq.job import Job

from operations import dispatch
from operations.doorbell.queue import DoorbellQueue
from operations.doorbell.ring import DoorbellJob, NotARing, Ring
from operations.doorbell.worker import DoorbellWorker
from operations.models import Operation
from tests.operations import scenes
from tests.operations.doorbell import hostile
from tests.operations.fake_type import OPERATION_TYPES

JOB = OPERATION_TYPES["fake"]["job"]
RING = ("op_1", 1)
RAN: list[str] = []

pytestmark = pytest.mark.usefixtures("fake_type")


@pytest.fixture
def ran() -> Iterator[list[str]]:
    """The operations for which `run_other` ran."""
    RAN.clear()
    yield RAN
    RAN.clear()


def run_other(operation_id: str, attempt: int) -> None:
    RAN.append(operation_id)


def taken(valkey: Redis) -> list[DoorbellJob]:
    """All that a worker would run, in order."""
    queue = DoorbellQueue("training", valkey)
    found = []
    while answer := DoorbellQueue.dequeue_any([queue], None, valkey):
        found.append(answer[0])
    return found


@pytest.mark.django_db
def test_a_ring_of_this_site_is_taken_with_all_that_redis_kept_of_it(valkey: Redis) -> None:
    operation = scenes.pending()
    assert dispatch.ring(operation.pk, 1)

    [job] = taken(valkey)

    assert job.ring == Ring(job=JOB, operation_id=operation.pk, attempt=1)
    assert job.id == f"{operation.pk}-1-1"
    assert valkey.keys("rq:job:*") == valkey.keys("rq:queue:*") == []


@pytest.mark.django_db
def test_of_all_that_is_hostile_only_rings_are_left(
    valkey: Redis, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with hostile.listening() as (server, address):
        ring = (scenes.pending().pk, 1)
        hostile.everything(valkey, JOB, ring, address)
        waiting = valkey.llen(hostile.QUEUE)

        with caplog.at_level(logging.WARNING):
            jobs = taken(valkey)

        assert {job.ring for job in jobs} == {Ring(job=JOB, operation_id=ring[0], attempt=1)}
        refused = [record for record in caplog.records if "is no ring" in record.message]
        assert len(jobs) + len(refused) == waiting
        for job in jobs:
            job.perform()
            assert job.success_callback is job.failure_callback is job.stopped_callback is None
            assert job.webhooks == job.dependent_ids == []
            assert not job.should_retry and not job.repeats_left and not job.has_rate_limit
            assert (job.timeout, job.meta) == (-1, {})
        with pytest.raises(BlockingIOError):
            server.accept()
    assert hostile.RAN not in "".join(capfd.readouterr())
    assert max(len(record.message) for record in refused) < 500


@pytest.mark.parametrize("name", ["garbage", "pickled", "large", "a-string"])
def test_what_was_no_ring_is_kept_no_longer(valkey: Redis, name: str) -> None:
    with hostile.listening() as (_, address):
        hostile.everything(valkey, JOB, RING, address)

    taken(valkey)

    assert not valkey.exists(f"rq:job:{name}")


def test_a_record_that_is_read_by_rqs_own_ways_is_read_as_a_ring(valkey: Redis) -> None:
    shell = hostile.queue(valkey).enqueue_call(*hostile.SHELL)
    whole = hostile.queue(valkey).enqueue_call(JOB, list(RING), on_success=hostile.Callback(JOB))

    with pytest.raises(NotARing, match="no job of this site"):
        DoorbellJob.fetch(shell.id, connection=valkey)
    found = DoorbellJob.fetch(whole.id, connection=valkey)
    assert found.success_callback is None
    assert Job.fetch(whole.id, connection=valkey, serializer=found.serializer).success_callback


def test_a_call_that_was_put_into_a_ring_afterwards_does_not_run(valkey: Redis) -> None:
    hostile.queue(valkey).enqueue_call(JOB, list(RING))
    [job] = taken(valkey)
    job.func_name, job.args = hostile.SHELL

    with pytest.raises(NotARing):
        job.perform()


@pytest.mark.django_db
def test_another_types_job_is_not_run_for_an_operation(
    valkey: Redis, settings: Settings, ran: list[str]
) -> None:
    other = {**OPERATION_TYPES["fake"], "job": f"{__name__}.run_other"}
    settings.OPERATION_TYPES = {**OPERATION_TYPES, "other": other}
    operation = scenes.pending()
    for job, operation_id in ((other["job"], operation.pk), (JOB, "none"), (JOB, operation.pk)):
        hostile.queue(valkey).enqueue_call(job, [operation_id, 1])
    foreign, of_none, own = taken(valkey)

    for refused in (foreign, of_none):
        with pytest.raises(NotARing, match="no operation of its job"):
            refused.perform()
    assert ran == []
    own.perform()
    Operation.objects.filter(pk=operation.pk).update(operation_type="other")
    foreign.perform()
    assert ran == [operation.pk]


@pytest.mark.django_db
def test_a_worker_says_so_in_a_line(valkey: Redis, caplog: pytest.LogCaptureFixture) -> None:
    hostile.queue(valkey).enqueue_call(JOB, ["none", 1])
    worker = DoorbellWorker(["training"], connection=valkey, prepare_for_work=False)
    [job] = taken(valkey)

    with caplog.at_level(logging.WARNING):
        assert not worker.perform_job(job, worker.queues[0], worker.prepare_execution(job))

    [record] = caplog.records
    assert "is refused: it rings for no operation of its job" in record.message
    assert record.exc_info is None


def test_a_job_that_this_site_no_longer_has_is_refused(valkey: Redis, settings: Settings) -> None:
    hostile.queue(valkey).enqueue_call(JOB, list(RING))
    settings.OPERATION_TYPES = {}

    assert taken(valkey) == []


def test_a_queue_full_of_nonsense_keeps_no_worker_from_its_heartbeat(valkey: Redis) -> None:
    valkey.rpush(hostile.QUEUE, *["nonsense"] * 500)
    queue = DoorbellQueue("training", valkey)
    beats = 0

    while valkey.llen(hostile.QUEUE):
        with pytest.raises(DequeueTimeout):
            DoorbellQueue.dequeue_any([queue], 0.001, valkey)  # type: ignore[arg-type]
        beats += 1

    assert beats > 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", [hostile.QUEUE, "rq:queues"])
def test_what_stands_in_the_way_of_rings_is_removed(valkey: Redis, key: str) -> None:
    valkey.set(key, "neither a list nor a set")
    operation = scenes.pending()

    assert not dispatch.ring(operation.pk, 1)
    assert dispatch.ring(operation.pk, 1, after_ring=1)
    assert [job.ring.operation_id for job in taken(valkey)] == [operation.pk]


def test_a_worker_removes_what_stands_in_its_way(valkey: Redis) -> None:
    valkey.set(hostile.QUEUE, "no list")

    assert taken(valkey) == []
    hostile.queue(valkey).enqueue_call(JOB, list(RING))
    assert len(taken(valkey)) == 1


def test_ids_that_are_no_text_are_shown_to_the_sweeper_all_the_same(valkey: Redis) -> None:
    valkey.rpush(hostile.QUEUE, b"\xff", "op_1-1-1")

    assert dispatch.queued_job_ids(["training"]) == {"�", "op_1-1-1"}

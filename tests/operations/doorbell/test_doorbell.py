"""Redis is only a doorbell: whatever it loses, forgets or repeats, each attempt starts once."""

import time

import pytest
from django.db import transaction
from redis import Redis

from operations import dispatch, lifecycle
from operations.models import Operation, Status
from operations.resume import resume_operation
from operations.upkeep.sweeper import sweep
from tests.operations import scenes
from tests.operations.history import assert_whole
from tests.running.servers import ValkeyServer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("fake_type"),
]

real_commits = pytest.mark.django_db(transaction=True)

QUEUE = "rq:queue:training"
LONG_AGO = 3600


def jobs(valkey: Redis) -> list[str]:
    return [job_id.decode() for job_id in valkey.lrange(QUEUE, 0, -1)]


def rung() -> Operation:
    operation = scenes.pending()
    assert dispatch.ring(operation.pk, 1)
    return scenes.reread(operation)


def pop(valkey: Redis) -> None:
    """As a worker does that dies at once: the job's own record stays, for ever."""
    assert valkey.lpop(QUEUE) is not None


def test_a_ring_is_one_job_with_plain_arguments(valkey: Redis) -> None:
    operation = rung()

    job_id = f"{operation.pk}-1-1"
    assert jobs(valkey) == [job_id]
    job = valkey.hgetall(f"rq:job:{job_id}")
    assert job[b"timeout"] == b"-1"
    assert operation.rings == 1
    assert scenes.events(operation) == ["created", "queued"]
    assert scenes.last_event(operation).data == {"queue": "training", "ring": 1}
    assert_whole(operation.pk)


@real_commits
def test_nothing_rings_before_the_commit_or_after_a_rollback(valkey: Redis) -> None:
    with transaction.atomic():
        operation = scenes.pending()
        dispatch.ring_after_commit(operation.pk, 1)
        assert jobs(valkey) == []
    assert jobs(valkey) == [f"{operation.pk}-1-1"]

    with transaction.atomic():
        dispatch.ring_after_commit(scenes.pending().pk, 1)
        transaction.set_rollback(True)
    assert len(jobs(valkey)) == 1


def test_a_duplicate_ring_is_no_second_job(valkey: Redis) -> None:
    operation = rung()

    assert not dispatch.ring(operation.pk, 1)
    assert len(jobs(valkey)) == 1


def test_a_ring_number_is_taken_once() -> None:
    operation = scenes.pending()

    assert lifecycle.take_ring(operation.pk, 1, after_ring=0) == 1
    assert lifecycle.take_ring(operation.pk, 1, after_ring=0) is None
    assert lifecycle.take_ring(operation.pk, 1, after_ring=1) == 2


def test_nothing_rings_for_an_attempt_that_is_claimed_over_or_ended(valkey: Redis) -> None:
    claimed = scenes.running()
    handed_on = scenes.running()
    assert lifecycle.interrupt(handed_on.pk, 1)

    for operation in (claimed, handed_on, scenes.cancelled()):
        assert not dispatch.ring(operation.pk, 1)
    assert jobs(valkey) == []


def test_an_id_that_redis_knows_already_is_left_to_the_next_ring(valkey: Redis) -> None:
    operation = scenes.pending()
    valkey.hset(f"rq:job:{operation.pk}-1-1", "from", "before the restore of a backup")

    assert not dispatch.ring(operation.pk, 1)
    assert scenes.events(operation) == ["created"]
    assert dispatch.ring(operation.pk, 1, after_ring=1)
    assert jobs(valkey) == [f"{operation.pk}-1-2"]


@real_commits
@pytest.mark.usefixtures("redis_down")
def test_without_redis_a_resume_answers_all_the_same() -> None:
    operation = scenes.cancelled(25)
    began = time.monotonic()

    resumed = resume_operation(operation.pk)

    assert time.monotonic() - began < 2  # a client that retries takes 4 s
    assert resumed.attempt == 2
    waiting = scenes.reread(operation)
    assert (waiting.status, waiting.rings) == (Status.RUNNING, 1)
    assert scenes.events(waiting)[-1] == "resumed"
    assert_whole(operation.pk)


@pytest.mark.usefixtures("redis_down")
def test_without_redis_the_sweeper_burns_no_ring() -> None:
    operation = scenes.pending()

    assert sweep(name="s").rung == 0
    assert scenes.reread(operation).rings == 0


@real_commits
def test_when_redis_is_back_the_sweeper_rings(valkey_server: ValkeyServer, valkey: Redis) -> None:
    operation = scenes.cancelled(25)
    valkey_server.stop()
    resume_operation(operation.pk)
    scenes.age_ring(operation, seconds=LONG_AGO)
    assert sweep(name="s").rung == 0

    valkey_server.start()

    assert sweep(name="s").rung == 1
    assert jobs(valkey) == [f"{operation.pk}-2-2"]
    assert scenes.last_event(operation).data == {"queue": "training", "ring": 2}
    assert_whole(operation.pk)


def test_after_a_flush_each_waiting_attempt_is_rung_once_in_the_order_of_the_starts(
    valkey: Redis,
) -> None:
    waiting = [rung() for _ in range(3)]
    for operation in waiting:
        scenes.age_ring(operation, seconds=LONG_AGO)
    valkey.flushall()

    assert sweep(name="s").rung == 3
    assert sweep(name="s").rung == 0
    # RQ takes from the left and adds at the right: the first start is served first.
    assert jobs(valkey) == [f"{operation.pk}-1-2" for operation in waiting]


def test_a_job_that_still_waits_in_its_queue_is_not_rung_again(valkey: Redis) -> None:
    operation = rung()
    scenes.age_ring(operation, seconds=LONG_AGO)

    assert sweep(name="s").rung == 0
    assert jobs(valkey) == [f"{operation.pk}-1-1"]


def test_a_job_popped_by_a_worker_that_never_claimed_is_rung_under_the_next_number(
    valkey: Redis,
) -> None:
    operation = rung()
    pop(valkey)
    assert sweep(name="s").rung == 0, "its worker may be about to claim it"
    scenes.age_ring(operation, seconds=LONG_AGO)

    assert sweep(name="s").rung == 1
    assert jobs(valkey) == [f"{operation.pk}-1-2"]


def test_an_attempt_whose_maker_died_before_it_rang_is_rung_at_the_next_look(
    valkey: Redis,
) -> None:
    operation = scenes.pending()

    assert sweep(name="s").rung == 1
    assert jobs(valkey) == [f"{operation.pk}-1-1"]


def test_a_claimed_attempt_is_not_rung_again(valkey: Redis) -> None:
    operation = rung()
    pop(valkey)
    scenes.age_ring(operation, seconds=LONG_AGO)
    scenes.claim(operation)

    assert sweep(name="s").rung == 0
    assert jobs(valkey) == []

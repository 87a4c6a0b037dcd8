"""Whoever can write to Redis can delay work, and no more: no code runs, no worker ends."""

import pytest
from redis import Redis

from operations import dispatch
from operations.models import Process, Status
from tests.acceptance import trainings
from tests.acceptance.trainings import events_of, now, wait_for_end, wait_for_epoch
from tests.operations.doorbell import hostile
from tests.running.stack import Stack, wait_until

JOB = "training.jobs.run_training"
RINGS = 10
"""Of what is hostile, so many are rings by themselves: the attempt is claimed once all the same."""


def worker_name() -> str:
    return Process.objects.get(kind=Process.Kind.WORKER).name


def test_a_worker_among_all_that_is_hostile_trains_what_the_site_rings_for(
    stack: Stack, valkey: Redis
) -> None:
    with hostile.listening() as (server, address):
        first = trainings.start(epochs=3)
        hostile.everything(valkey, JOB, (first.pk, 1), address)
        valkey.hset(
            f"rq:job:{dispatch.last_job_id(now(first))}",
            mapping={
                "success_callback_name": hostile.HERE,
                "failure_callback_name": hostile.HERE,
                "retries_left": 9,
                "repeats_left": 9,
                "timeout": 1,
                "status": "no status",
            },
        )
        worker = stack.worker(KTRDR_FAILPOINTS=trainings.REST)
        assert wait_for_end(first).status == Status.COMPLETED
        wait_until(lambda: not valkey.llen(hostile.QUEUE), 60)

        second = trainings.start_resting()
        wait_for_epoch(second, 2)
        horse = trainings.horse_of(worker)
        hostile.commands(valkey, worker_name(), dispatch.last_job_id(now(second)))
        hostile.everything(valkey, JOB, (second.pk, 1), address)
        wait_for_epoch(second, 8)
        assert horse.is_running()
        trainings.cancel(second)
        assert wait_for_end(second).status == Status.CANCELLED
        wait_until(lambda: not valkey.llen(hostile.QUEUE), 60)

        with pytest.raises(BlockingIOError):
            server.accept()
    assert worker.alive
    for operation in (first, second):
        assert events_of(operation).count("claimed") == 1
        assert now(operation).restarts == 0
    assert hostile.RAN not in worker.output.replace(hostile.SHELL[1][0], "")
    assert worker.output.count("is no ring and is taken off") > 2 * RINGS
    assert "Traceback" not in worker.output

"""An attempt's log is there while it runs, survives its worker, and tells what happened."""

import re

import pytest

from operations.models import Operation
from operations.reading import attempt_logs
from tests.acceptance import trainings
from tests.running.stack import Stack, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def log(operation: Operation, attempt: int) -> str:
    return attempt_logs.read(trainings.now(operation), attempt).text


def test_the_log_tells_the_story_of_each_attempt(stack: Stack) -> None:
    operation = trainings.start_resting()
    worker, _ = stack.worker(KTRDR_FAILPOINTS=trainings.REST), stack.sweeper()
    wait_until(lambda: "epoch " in log(operation, 1), 60, lambda: trainings.story(operation))
    trainings.wait_for_event(operation, "checkpoint_saved")
    trainings.horse_of(worker).kill()
    told = log(operation, 1)
    for line in (r"attempt 1 of op_\w+", r"train: \d", r"\d features", r"trains on cpu, \d"):
        assert re.search(line, told), told

    trainings.wait_for_event(operation, "started", number=2)
    trainings.wait_for_epoch(operation, 5)
    trainings.cancel(operation)
    assert trainings.wait_for_end(operation).status == "cancelled"
    wait_until(lambda: "cancelled" in log(operation, 2), 20, lambda: log(operation, 2))
    told = log(operation, 2)
    for line in ("attempt 2 of", "goes on after", "stops for a cancellation", "saved: cancel"):
        assert line in told, told

"""Child processes that play a scenario and are killed at a point of it."""

import multiprocessing
import os
from collections.abc import Callable

from django.db import connections

from checkpoints import retention, store
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.models import Operation
from tests.checkpoints import scenes


def save(operation: Operation) -> None:
    scenes.save(operation, 3)


def complete(operation: Operation) -> None:
    with lifecycle.completing(operation.pk, operation.attempt, result={}):
        store.delete_rows(operation.pk)


def sweep(operation: Operation) -> None:
    scenes.stage(operation, 3)
    scenes.next_attempt(operation)
    retention.sweep_orphans()


Scenario = Callable[[Operation], None]


def run_until_killed(scenario: Scenario, operation: Operation, point: str) -> int | None:
    """The exit code of a child process that plays the scenario."""
    name, _, hit = point.partition("@")
    connections.close_all()  # a connection must not be shared with the child
    child = multiprocessing.get_context("fork").Process(
        target=play, args=(scenario, operation, f"{name}=kill@{hit or 1}")
    )
    child.start()
    child.join()
    return child.exitcode


def play(scenario: Scenario, operation: Operation, failpoints: str) -> None:
    os.environ["KTRDR_FAILPOINTS"] = failpoints
    scenario(operation)


def assert_something_loads(operation: Operation) -> None:
    """Every row's checkpoint loads whole, and there is one unless the operation has completed."""
    rows = list(Checkpoint.objects.filter(operation=operation))
    for checkpoint in rows:
        assert store.load(checkpoint) == scenes.contents(checkpoint.epoch, checkpoint.batch)
    operation.refresh_from_db()
    assert rows or operation.status == "completed"


def end_attempt(operation_id: str) -> None:
    operation = Operation.objects.get(pk=operation_id)
    if operation.is_live:
        assert lifecycle.interrupt(operation.pk, operation.attempt)

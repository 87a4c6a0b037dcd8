"""However an operation descends from others, an interruption changes no byte of it.

The same descendant is started twice, trained once undisturbed and once interrupted; its ancestors
were stopped, accepted changed data, were restarted, extended and forked before.
"""

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from operations.models import Operation, Status
from operations.restart import restart_operation
from operations.resume import resume_operation
from tests.acceptance.trainings import digests, story
from tests.training.launch.attempts import (
    import_rows,
    now,
    run,
    run_until,
    sample_without_last,
    start,
)
from training.attempt.requests import StopReason
from training.launch.branching import extend_operation, fork_operation

pytestmark = pytest.mark.django_db(transaction=True)

BATCHES = 25  # of an epoch, about
EPOCHS = 4
changes = itertools.count(1)

STEPS = ("restart", "extend", "fork", "accept")
DESCENTS = ("restart", "extend", "fork")


def descend(operation: Operation, step: str, directory: Path) -> Operation:
    """The next of the line; `accept` goes on with the same operation on other bars."""
    epochs = operation.request["strategy"]["training"]["epochs"]
    if step == "restart":
        return restart_operation(operation.pk, owner=None)
    if step == "extend":
        return extend_operation(operation.pk, epochs=epochs + 2).operation
    if step == "fork":
        settings = {"training.learning_rate": 0.02, "training.epochs": epochs + 1}
        return fork_operation(operation.pk, settings=settings).operation
    import_rows(directory, sample_without_last(next(changes)))
    resume_operation(operation.pk, accept_changed_data=True)
    return now(operation)


@settings(
    max_examples=int(os.environ.get("DESCENDANTS", "6")),
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    ancestry=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(1, 2 * BATCHES)), min_size=0, max_size=3
    ),
    first_stop=st.integers(1, 3 * BATCHES),
    descent=st.sampled_from(DESCENTS),
    interruptions=st.lists(st.integers(1, 2 * BATCHES), min_size=1, max_size=2),
)
def test_an_interrupted_descendant_ends_with_the_bytes_of_an_undisturbed_one(
    tmp_path: Path,
    ancestry: list[tuple[str, int]],
    first_stop: int,
    descent: str,
    interruptions: list[int],
) -> None:
    operation = run_until(start(epochs=EPOCHS), first_stop, StopReason.CANCEL)
    for step, stop in ancestry:
        operation = run_until(descend(operation, step, tmp_path), stop, StopReason.CANCEL)
        assume(operation.status != Status.COMPLETED)  # the stops were more than it has batches
        assert operation.status == Status.CANCELLED, story(operation)
    undisturbed = run(descend(operation, descent, tmp_path))
    assert undisturbed.status == Status.COMPLETED, story(undisturbed)
    child = descend(operation, descent, tmp_path)
    for boundary in interruptions:
        child = run_until(child, boundary, StopReason.SHUTDOWN)
        assert child.status == Status.RUNNING, story(child)
    child = run(child)
    assert digests(child) == digests(undisturbed)
    assert child.result["best_epoch"] == undisturbed.result["best_epoch"]
    assert {attempt.exact for attempt in child.attempts.all()} == {True}

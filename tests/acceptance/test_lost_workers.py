"""Whatever dies, the training goes on and ends with the same bytes."""

import signal

import pytest

from operations.cancel import cancel_operation
from operations.models import Outcome, Process, Status
from operations.resume import resume_operation
from tests.acceptance import trainings
from tests.acceptance.trainings import (
    REST,
    RESTING,
    checkpoint_types,
    events_of,
    horse_of,
    now,
    wait_for_end,
    wait_for_epoch,
    wait_for_event,
    wait_for_workers,
)
from tests.running.stack import Stack, wait_until


def test_a_worker_that_is_told_to_stop_hands_its_operation_on(stack: Stack, twin) -> None:
    undisturbed = twin(60, RESTING)
    first = stack.worker(KTRDR_FAILPOINTS=REST)
    operation = trainings.start_resting(epochs=60)
    wait_for_epoch(operation, 4)
    first.send(signal.SIGTERM)
    first.send(signal.SIGTERM)
    assert first.wait(25) == 0
    assert checkpoint_types(operation) >= {"shutdown"}
    assert events_of(operation).count("interrupted") == 1
    stack.worker(KTRDR_FAILPOINTS=REST)
    assert wait_for_end(operation).status == Status.COMPLETED
    assert now(operation).restarts == 0
    assert trainings.digests(operation) == undisturbed


def test_an_idle_worker_exits_at_once(stack: Stack) -> None:
    worker = stack.worker()
    wait_for_workers(1)
    worker.send(signal.SIGTERM)
    assert worker.wait(5) == 0
    assert not Process.objects.filter(kind=Process.Kind.WORKER).exists()


def test_a_killed_worker_and_horse_are_replaced_and_what_is_trained_again_is_the_same(
    stack: Stack, twin
) -> None:
    undisturbed = twin(90, RESTING)
    stack.sweeper()
    first = stack.worker(KTRDR_FAILPOINTS=REST)
    operation = trainings.start_resting(epochs=90, every_epochs=30)
    wait_for_epoch(operation, 32)  # what is recorded lies between two saves
    first.kill_all()
    stack.worker(KTRDR_FAILPOINTS=REST)
    assert wait_for_end(operation).status == Status.COMPLETED
    lost, second = operation.attempts.order_by("number")
    assert lost.outcome == Outcome.LOST
    assert now(operation).restarts == 1
    assert second.replay_verified is True and second.replayed_epochs > 0
    assert trainings.digests(operation) == undisturbed


def test_what_is_trained_again_and_comes_out_different_is_a_mismatch(stack: Stack) -> None:
    """Otherwise the test above could not fail: here a resume forgets what the optimizer knew."""
    forgetful = {"DJANGO_SETTINGS_MODULE": "tests.acceptance.forgetful_site"}
    first = stack.worker(KTRDR_FAILPOINTS=REST)
    operation = trainings.start_resting(epochs=90, every_epochs=30)
    wait_for_epoch(operation, 32)
    first.kill_all()
    stack.sweeper(**forgetful)  # whoever rings says what runs
    stack.worker(**forgetful, KTRDR_FAILPOINTS=REST)
    wait_for_event(operation, "replay_mismatch")
    assert operation.attempts.get(number=2).replay_verified is False


def test_a_horse_whose_worker_alone_was_killed_saves_and_hands_on_for_free(stack: Stack) -> None:
    first = stack.worker(KTRDR_FAILPOINTS=REST)
    operation = trainings.start_resting()
    wait_for_epoch(operation, 3)
    first.send(signal.SIGKILL)
    wait_for_event(operation, "interrupted")
    assert checkpoint_types(operation) >= {"shutdown"}
    assert (now(operation).restarts, now(operation).attempt) == (0, 2)
    wait_until(lambda: not first.pids(), 10)


def test_without_restarts_left_a_lost_worker_waits_for_a_person(stack: Stack) -> None:
    stack.sweeper()
    worker = stack.worker(KTRDR_FAILPOINTS=REST)
    operation = trainings.start_resting(max_restarts=0)
    wait_for_event(operation, "checkpoint_saved")
    worker.kill_all()
    assert wait_for_end(operation).error_code == "worker_lost"
    assert resume_operation(operation.pk).status == Status.RUNNING


def test_a_cancel_that_its_worker_never_sees_ends_as_cancelled(stack: Stack) -> None:
    stack.sweeper()
    worker = stack.worker(KTRDR_FAILPOINTS=REST)
    operation = trainings.start_resting()
    wait_for_epoch(operation, 2)
    horse_of(worker).suspend()
    cancel_operation(operation.pk)
    worker.kill_all()
    assert wait_for_end(operation).status == Status.CANCELLED


def test_force_ends_an_operation_whose_worker_hangs(stack: Stack) -> None:
    worker = stack.worker(KTRDR_FAILPOINTS=REST)
    operation = trainings.start_resting()
    wait_for_epoch(operation, 2)
    horse = horse_of(worker)
    horse.suspend()
    assert cancel_operation(operation.pk, force=True).status == Status.CANCELLED
    written = operation.metrics.count()
    horse.resume()
    wait_until(lambda: not horse.is_running() or horse.status() == "zombie", 20)
    assert now(operation).status == Status.CANCELLED
    assert operation.metrics.count() == written


def test_a_zombie_writes_nothing_once_another_has_taken_over(stack: Stack, twin) -> None:
    undisturbed = twin(60, RESTING)
    stack.sweeper()
    first = stack.worker(KTRDR_FAILPOINTS=REST)
    operation = trainings.start_resting(epochs=60)
    wait_for_epoch(operation, 6)
    horse = horse_of(first)
    horse.suspend()
    stack.worker(KTRDR_FAILPOINTS=REST)
    wait_for_event(operation, "claimed", 2)
    written = operation.metrics.filter(attempt=1).count()
    horse.resume()
    assert wait_for_end(operation).status == Status.COMPLETED
    wait_until(lambda: not horse.is_running() or horse.status() == "zombie", 20)
    assert operation.metrics.filter(attempt=1).count() == written
    assert not operation.checkpoints.exists()
    assert operation.attempts.get(number=1).outcome == Outcome.LOST
    assert trainings.digests(operation) == undisturbed


@pytest.mark.parametrize(
    "restart",
    [pytest.param(True, marks=pytest.mark.repeats), False],
    ids=["restarted", "flushed"],
)
def test_a_doorbell_that_forgets_loses_no_operation(
    stack: Stack, valkey, valkey_server, restart: bool
) -> None:
    stack.sweeper()
    operations = [trainings.start(epochs=2) for _ in range(3)]
    if restart:
        valkey_server.stop()
        valkey_server.start()
    else:
        valkey.flushall()
    stack.worker()
    for operation in operations:
        assert wait_for_end(operation).status == Status.COMPLETED
        assert events_of(operation).count("claimed") == 1

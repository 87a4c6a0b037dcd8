"""PostgreSQL and Valkey go away in the middle of a claim, a training, a save
and an end. The training neither stops nor is declared lost, and ends once.

A horse stops itself with SIGSTOP just there, so that the outage begins at that very step.
`OUTAGE_SECONDS` sets how long a server is away: three leases here, 60 in `make outages`.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import redis
from django.db import connections

from operations.dispatch import ring_after_commit
from operations.models import Operation, Status
from tests.acceptance import trainings
from tests.acceptance.killing import at_once, stopped_horses
from tests.acceptance.trainings import events_of, now, wait_for_end
from tests.chaos.crew import Crew
from tests.chaos.invariants import broken_rules
from tests.running.postgres import PostgresServer
from tests.running.servers import ValkeyServer
from tests.running.stack import Stack, StackProcess, wait_until
from tests.training.explaining import scenes as analyses
from training.explaining.start import start_importance

pytestmark = pytest.mark.timeout(900)

EPOCHS = 30
OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "6"))

CLAIM, PREPARE, SAVE, END = (
    "claim.written",
    "prepare.begin",
    "checkpoint.commit.inserted",
    "end.complete.written",
)
OF_AN_ANALYSIS = (CLAIM, "analysis.prepared", "analysis.group.inserted", END)


@pytest.mark.parametrize(
    "away_seconds",
    [
        pytest.param(0, id="restarted", marks=pytest.mark.repeats),
        pytest.param(OUTAGE_SECONDS, id="away"),
    ],
)
def test_postgresql_is_gone_in_the_middle_of_everything(
    stack: Stack, twin, postgres_server: PostgresServer, tmp_path: Path, away_seconds: float
) -> None:
    undisturbed = twin(EPOCHS)
    sweepers = [stack.sweeper(), stack.sweeper()]
    worker = stopping_worker(stack, tmp_path, CLAIM, PREPARE, SAVE, END)
    operation = trainings.start(epochs=EPOCHS)
    for _ in (CLAIM, PREPARE, SAVE, END):  # after the save the training goes on all the same
        crash(postgres_server, stopped_one(worker), away_seconds)
    assert_ended_as_if_nothing_had_happened(operation, undisturbed)
    assert worker.alive and all(sweeper.alive for sweeper in sweepers)


@pytest.mark.repeats
@pytest.mark.parametrize("away_seconds", [0, OUTAGE_SECONDS], ids=["restarted", "away"])
def test_postgresql_is_gone_in_the_middle_of_an_analysis(
    stack: Stack, postgres_server: PostgresServer, tmp_path: Path, away_seconds: float
) -> None:
    model = analyses.model_of()
    undisturbed = analyses.as_bytes(analyses.ended(start_importance(model)))
    sweeper, worker = stack.sweeper(), stopping_worker(stack, tmp_path, *OF_AN_ANALYSIS)
    operation = analyses.another(model)
    ring_after_commit(operation.pk, operation.attempt)
    for _ in OF_AN_ANALYSIS:
        crash(postgres_server, stopped_one(worker), away_seconds)
    assert_ended_once(operation)
    assert analyses.as_bytes(operation) == undisturbed
    assert worker.alive and sweeper.alive


@pytest.mark.parametrize(
    "outage", [pytest.param("restarted", marks=pytest.mark.repeats), "away", "flushed"]
)
def test_valkey_is_gone_in_the_middle_of_everything(
    stack: Stack, twin, valkey: redis.Redis, valkey_server: ValkeyServer, tmp_path: Path, outage
) -> None:
    undisturbed = twin(EPOCHS)
    stack.sweeper()
    # A training goes on without Valkey: while that is away, it goes all the way to its end.
    points = (CLAIM,) if outage == "away" else (CLAIM, SAVE, END)
    crew = Crew({"worker": lambda: stopping_worker(stack, tmp_path, *points)})
    operation = trainings.start(epochs=EPOCHS)
    for _ in points:
        horse = stopped_one(crew.at["worker"])
        disturb(valkey, valkey_server, outage, meanwhile=horse.resume)
    assert_ended_as_if_nothing_had_happened(operation, undisturbed)
    next_one = trainings.start(epochs=2)

    def looked() -> bool:
        crew.look()  # a supervisor restarts a worker that gave up
        return now(next_one).status == Status.COMPLETED

    wait_until(looked, 90, lambda: trainings.story(next_one))
    assert broken_rules(now(next_one)) == []


def test_a_worker_is_restarted_under_the_same_name(stack: Stack) -> None:
    first = stack.worker("--name", "fixed")
    trainings.wait_for_workers(1)
    first.kill_all()
    operation = trainings.start(epochs=2)
    stack.worker("--name", "fixed")
    assert wait_for_end(operation).status == Status.COMPLETED


def disturb(
    valkey: redis.Redis, server: ValkeyServer, outage: str, *, meanwhile: Callable[[], None]
) -> None:
    if outage == "flushed":
        valkey.flushall()
        meanwhile()
        return
    server.stop()
    meanwhile()
    time.sleep(OUTAGE_SECONDS if outage == "away" else 0)
    server.start()


def crash(server: PostgresServer, horse: psutil.Process, away_seconds: float) -> None:
    """Nobody is told; the horse goes on meanwhile."""
    connections.close_all()
    server.stop(signal.SIGQUIT)
    horse.resume()
    time.sleep(away_seconds)
    server.start()


def stopping_worker(stack: Stack, directory: Path, *points: str) -> StackProcess:
    return stack.worker(**at_once(points, directory, act="stop"))


def stopped_one(worker: StackProcess) -> psutil.Process:
    """The horse that has stopped itself. Waits until there is one."""
    wait_until(lambda: stopped_horses(worker), 60)
    return stopped_horses(worker)[0]


def assert_ended_as_if_nothing_had_happened(
    operation: Operation, undisturbed: dict[str, str]
) -> None:
    assert_ended_once(operation)
    assert trainings.digests(operation) == undisturbed


def assert_ended_once(operation: Operation) -> None:
    """By its first attempt."""
    assert wait_for_end(operation).status == Status.COMPLETED
    assert (now(operation).attempt, now(operation).restarts) == (1, 0), trainings.story(operation)
    events = events_of(operation)
    assert events.count("claimed") == events.count("completed") == 1
    assert broken_rules(now(operation)) == []


def test_a_horse_that_freezes_in_a_transaction_keeps_nobody_from_taking_over(
    stack: Stack, twin, tmp_path: Path
) -> None:
    """It holds the lock of the operation's row: the server ends such a session after a lease."""
    undisturbed = twin(EPOCHS)
    stack.sweeper()
    first = stopping_worker(stack, tmp_path, SAVE)
    operation = trainings.start(epochs=EPOCHS)
    frozen = stopped_one(first)
    stack.worker()
    assert wait_for_end(operation).status == Status.COMPLETED
    frozen.resume()
    wait_until(lambda: not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE, 20)
    assert "Traceback" not in first.output
    assert [attempt.outcome for attempt in operation.attempts.all()] == ["lost", "completed"]
    assert broken_rules(now(operation)) == []
    assert trainings.digests(operation) == undisturbed

"""An attempt whose lease ran out gets exactly one outcome, as of the time somebody looked."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Now

from operations import lifecycle
from operations.models import EventType, Operation, Outcome, Process, Status
from tests.operations import scenes
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]


def database_now() -> datetime:
    process = Process.objects.create(kind="worker", name="clock", host="h", pid=1, beat_at=Now())
    process.refresh_from_db()
    process.delete()
    return process.beat_at


def expired(*, max_restarts: int = 3) -> Operation:
    operation = scenes.running(max_restarts=max_restarts)
    scenes.expire_lease(operation)
    return operation


def declare_lost(operation: Operation, attempt: int, as_of: datetime) -> list[bool]:
    """Every verdict that there is."""
    verdicts = (lifecycle.interrupt_lost, lifecycle.cancel_lost, lifecycle.lose)
    return [verdict(operation.pk, attempt, as_of=as_of) for verdict in verdicts]


def test_with_budget_left_the_next_attempt_waits() -> None:
    operation = expired(max_restarts=1)

    assert declare_lost(operation, 1, database_now()) == [True, False, False]

    waiting = scenes.reread(operation)
    assert (waiting.status, waiting.attempt, waiting.restarts) == (Status.RUNNING, 2, 1)
    assert (waiting.claimed_at, waiting.claim_token, waiting.worker) == (None, "", "")
    assert (waiting.lease_expires_at, waiting.rings, waiting.rung_at) == (None, 0, None)
    assert scenes.attempt(waiting, 1).outcome == Outcome.LOST
    event = scenes.last_event(waiting)
    assert (event.event_type, event.attempt) == (EventType.WORKER_LOST, 1)
    assert event.data == {"worker": "w1"}
    assert_whole(waiting.pk)


def test_with_the_budget_spent_it_fails_and_can_be_resumed() -> None:
    operation = expired(max_restarts=0)

    assert declare_lost(operation, 1, database_now()) == [False, False, True]

    ended = scenes.reread(operation)
    assert (ended.status, ended.error_code) == (Status.FAILED, "worker_lost")
    assert ended.is_resumable
    assert ended.completed_at is not None
    attempt = scenes.attempt(ended, 1)
    assert attempt.outcome == Outcome.LOST
    assert attempt.error is not None
    assert attempt.error["code"] == "worker_lost"
    assert scenes.last_event(ended).event_type == EventType.FAILED
    assert_whole(ended.pk)


@pytest.mark.parametrize("max_restarts", [0, 3])
def test_with_an_intent_it_is_cancelled(max_restarts: int) -> None:
    operation = expired(max_restarts=max_restarts)
    lifecycle.request_cancel(operation.pk, reason="enough")

    assert declare_lost(operation, 1, database_now()) == [False, True, False]

    ended = scenes.reread(operation)
    assert (ended.status, ended.restarts) == (Status.CANCELLED, 0)
    assert scenes.attempt(ended, 1).outcome == Outcome.LOST
    assert scenes.last_event(ended).data == {"worker_lost": True}
    assert_whole(ended.pk)


def test_each_loss_costs_one_restart_until_the_budget_is_spent() -> None:
    operation = scenes.running(max_restarts=2)

    for attempt in (1, 2):
        scenes.expire_lease(operation)
        assert declare_lost(operation, attempt, database_now()) == [True, False, False]
        scenes.claim(operation, token=f"t{attempt + 1}")
    scenes.expire_lease(operation)
    assert declare_lost(operation, 3, database_now()) == [False, False, True]

    assert_whole(operation.pk)


def still_leased() -> Operation:
    return scenes.running()


def revived() -> Operation:
    operation = expired()
    assert lifecycle.heartbeat(operation.pk, 1, progress={})
    return operation


def handed_on() -> Operation:
    operation = expired()
    assert lifecycle.interrupt(operation.pk, 1)
    return operation


@pytest.mark.parametrize(
    "operation",
    [scenes.pending, still_leased, revived, handed_on, scenes.cancelled, scenes.completed],
)
def test_nothing_else_can_be_declared_lost(operation: Callable[[], Operation]) -> None:
    other = operation()
    before = scenes.rows(other)

    assert declare_lost(other, 1, database_now()) == [False, False, False]
    assert scenes.rows(other) == before


def test_a_look_from_before_the_lease_ran_out_proves_nothing() -> None:
    """The machine slept between a sweeper's look and its verdict: everyone's lease ran out then."""
    operation = expired()
    before = scenes.rows(operation)

    a_minute_ago = database_now() - timedelta(minutes=1)

    assert declare_lost(operation, 1, a_minute_ago) == [False, False, False]
    assert scenes.rows(operation) == before


def test_an_attempt_is_lost_once() -> None:
    operation = expired()
    now = database_now()

    assert declare_lost(operation, 1, now) == [True, False, False]
    assert declare_lost(operation, 1, now) == [False, False, False]

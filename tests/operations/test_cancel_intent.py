"""Cancelling: at once where nobody works, by intent where somebody does, by force if it hangs."""

from collections.abc import Callable

import pytest

from operations import lifecycle
from operations.models import Operation, Outcome, Status
from operations.selectors import Standing, standing
from tests.operations import scenes
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]


def unclaimed_second_attempt() -> Operation:
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)
    return scenes.reread(operation)


def resumed_but_unclaimed() -> Operation:
    operation = scenes.cancelled()
    assert lifecycle.resume(
        operation.pk, operation.attempt, resumed_from={}, request={}, queue="training"
    )
    return scenes.reread(operation)


@pytest.mark.parametrize(
    "unclaimed", [scenes.pending, unclaimed_second_attempt, resumed_but_unclaimed]
)
def test_what_nobody_has_claimed_is_cancelled_at_once(unclaimed: Callable[[], Operation]) -> None:
    operation = unclaimed()

    assert lifecycle.request_cancel(operation.pk, reason="not needed") == Status.CANCELLED

    ended = scenes.reread(operation)
    assert ended.status == Status.CANCELLED
    assert ended.completed_at is not None
    assert ended.cancel_reason == "not needed"
    assert scenes.attempt(ended, ended.attempt).outcome == Outcome.CANCELLED
    assert scenes.events(ended)[-1] == "cancelled"
    assert scenes.last_event(ended).data == {"reason": "not needed"}
    assert_whole(ended.pk)


def test_a_claimed_operation_gets_an_intent_and_runs_on() -> None:
    operation = scenes.running()

    assert lifecycle.request_cancel(operation.pk, reason="too slow") == Status.RUNNING

    asked = scenes.reread(operation)
    assert asked.status == Status.RUNNING
    assert asked.cancel_requested_at is not None
    assert asked.completed_at is None
    assert scenes.attempt(asked, 1).ended_at is None
    assert scenes.events(asked) == ["created", "claimed", "cancel_requested"]
    assert standing(asked.pk, 1) == Standing.CANCEL_REQUESTED
    assert_whole(asked.pk)


def test_the_first_request_and_its_reason_are_kept() -> None:
    operation = scenes.running()
    lifecycle.request_cancel(operation.pk, reason="first")
    before = scenes.rows(operation)

    assert lifecycle.request_cancel(operation.pk, reason="second") is None
    assert scenes.rows(operation) == before


@pytest.mark.parametrize("end", [scenes.cancelled, scenes.failed, scenes.completed])
def test_an_ended_operation_cannot_be_cancelled(end: Callable[[], Operation]) -> None:
    operation = end()
    before = scenes.rows(operation)

    assert lifecycle.request_cancel(operation.pk) is None
    assert not lifecycle.force_cancel(operation.pk, 1)
    assert not lifecycle.cancel(operation.pk, 1)
    assert scenes.rows(operation) == before


def test_the_worker_answers_the_intent() -> None:
    operation = scenes.running()
    lifecycle.request_cancel(operation.pk, reason="enough")

    assert lifecycle.cancel(operation.pk, 1, lost="all of it")

    ended = scenes.reread(operation)
    assert ended.status == Status.CANCELLED
    assert ended.cancel_reason == "enough"
    assert scenes.attempt(ended, 1).outcome == Outcome.CANCELLED
    assert scenes.last_event(ended).data == {"lost_checkpoint": True, "lost": "all of it"}
    assert_whole(ended.pk)


def test_force_cancels_over_the_head_of_the_worker() -> None:
    operation = scenes.running()

    assert lifecycle.force_cancel(operation.pk, 1, reason="hangs")

    ended = scenes.reread(operation)
    assert ended.status == Status.CANCELLED
    assert scenes.last_event(ended).data == {"forced": True, "reason": "hangs"}
    assert standing(ended.pk, 1) == Standing.SUPERSEDED
    assert not lifecycle.heartbeat(ended.pk, 1, progress={})
    assert_whole(ended.pk)


def test_force_means_the_attempt_that_was_read() -> None:
    operation = unclaimed_second_attempt()
    before = scenes.rows(operation)

    assert not lifecycle.force_cancel(operation.pk, 1)
    assert scenes.rows(operation) == before

"""Completing, failing, and what a worker may still do when its turn is over."""

from collections.abc import Callable

import pytest

from operations import lifecycle
from operations.errors import Superseded
from operations.lifecycle import Failure
from operations.models import EventType, Metric, Operation, Outcome, Status
from operations.selectors import Standing, ended_by, standing
from tests.operations import scenes
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]


def superseded() -> Operation:
    """Attempt 1 was handed on and attempt 2 claimed by another worker."""
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)
    return scenes.claim(operation, worker="w2", token="t2")


def complete(operation: Operation, attempt: int) -> None:
    with lifecycle.completing(operation.pk, attempt, result={"loss": 0.25}):
        Metric.objects.create(operation=operation, attempt=attempt, step=0, values={"loss": 0.25})


def test_completing_keeps_result_and_rows_together() -> None:
    operation = scenes.running()

    complete(operation, 1)

    ended = scenes.reread(operation)
    assert (ended.status, ended.result) == (Status.COMPLETED, {"loss": 0.25})
    assert ended.completed_at is not None
    assert scenes.attempt(ended, 1).outcome == Outcome.COMPLETED
    assert scenes.events(ended) == ["created", "claimed", "completed"]
    assert Metric.objects.filter(operation=ended).count() == 1
    assert_whole(ended.pk)


def test_completing_wins_over_an_intent_to_cancel() -> None:
    operation = scenes.running()
    lifecycle.request_cancel(operation.pk)

    complete(operation, 1)

    assert scenes.reread(operation).status == Status.COMPLETED
    assert_whole(operation.pk)


def test_an_error_while_completing_changes_nothing() -> None:
    operation = scenes.running()
    before = scenes.rows(operation)

    with (
        pytest.raises(ZeroDivisionError),
        lifecycle.completing(operation.pk, 1, result={}),
    ):
        Metric.objects.create(operation=operation, attempt=1, step=0, values={})
        _ = 1 / 0

    assert scenes.rows(operation) == before
    assert not Metric.objects.filter(operation=operation).exists()


def test_what_is_noted_while_completing_has_a_number_of_its_own() -> None:
    operation = scenes.running()

    with lifecycle.completing(operation.pk, 1, result={}):
        lifecycle.note(operation.pk, EventType.CHECKPOINT_QUARANTINED, {})

    assert scenes.events(operation)[2:] == ["completed", "checkpoint_quarantined"]
    assert_whole(operation.pk)


def test_a_failure_is_told_on_operation_attempt_and_event() -> None:
    operation = scenes.running()

    assert lifecycle.fail(operation.pk, 1, scenes.BROKEN)

    ended = scenes.reread(operation)
    assert (ended.status, ended.error_code) == (Status.FAILED, "broken")
    assert ended.error_message == "It broke."
    assert ended.completed_at is not None
    attempt = scenes.attempt(ended, 1)
    assert attempt.outcome == Outcome.FAILED
    assert attempt.error == scenes.BROKEN.as_json()
    assert scenes.last_event(ended).data == {"code": "broken", "message": "It broke."}
    assert_whole(ended.pk)


def test_no_text_in_an_error_keeps_the_failure_from_being_recorded() -> None:
    operation = scenes.running()
    hostile = "NUL \0, a lone surrogate \udc80, and a snowman ☃"

    assert lifecycle.fail(
        operation.pk, 1, Failure(code="broken", message=hostile, traceback=hostile)
    )

    assert scenes.reread(operation).error_message == (
        "NUL \N{SYMBOL FOR NULL}, a lone surrogate ?, and a snowman ☃"
    )
    assert_whole(operation.pk)


@pytest.mark.parametrize("end", [scenes.cancelled, scenes.failed, scenes.completed])
def test_nothing_overwrites_an_end(end: Callable[[], Operation]) -> None:
    operation = end()
    before = scenes.rows(operation)

    assert not lifecycle.fail(operation.pk, 1, scenes.BROKEN)
    assert not lifecycle.cancel(operation.pk, 1)
    assert not lifecycle.force_cancel(operation.pk, 1)
    assert not lifecycle.interrupt(operation.pk, 1)
    assert not lifecycle.heartbeat(operation.pk, 1, progress={"epoch": 9})
    with pytest.raises(Superseded):
        complete(operation, 1)
    assert scenes.rows(operation) == before


def test_nothing_of_a_superseded_attempt_lands() -> None:
    operation = superseded()
    before = scenes.rows(operation)

    assert not lifecycle.heartbeat(operation.pk, 1, progress={"epoch": 9})
    assert not lifecycle.fail(operation.pk, 1, scenes.BROKEN)
    assert not lifecycle.cancel(operation.pk, 1)
    assert not lifecycle.interrupt(operation.pk, 1)
    with pytest.raises(Superseded):
        complete(operation, 1)
    with pytest.raises(Superseded):
        lifecycle.pin(operation.pk, 1, pinned={"threads": 8})
    with pytest.raises(Superseded):
        lifecycle.describe_attempt(operation.pk, 1, device="cuda")
    with pytest.raises(Superseded), lifecycle.fenced(operation.pk, 1):
        Metric.objects.create(operation=operation, attempt=1, step=0, values={})

    assert scenes.rows(operation) == before
    assert not Metric.objects.exists()
    assert standing(operation.pk, 1) == Standing.SUPERSEDED
    assert standing(operation.pk, 2) == Standing.HELD


def test_a_pending_operation_is_no_attempt_to_write_for() -> None:
    operation = scenes.pending()
    before = scenes.rows(operation)

    assert not lifecycle.heartbeat(operation.pk, 1, progress={})
    assert not lifecycle.fail(operation.pk, 1, scenes.BROKEN)
    assert not lifecycle.interrupt(operation.pk, 1)
    with pytest.raises(Superseded):
        complete(operation, 1)
    assert scenes.rows(operation) == before


def test_after_a_lost_answer_a_worker_recognises_its_own_end() -> None:
    operation = scenes.running()
    assert lifecycle.fail(operation.pk, 1, scenes.BROKEN)

    assert ended_by(operation.pk, 1, token="t1", status=Status.FAILED)
    assert not ended_by(operation.pk, 1, token="t2", status=Status.FAILED)
    assert not ended_by(operation.pk, 1, token="t1", status=Status.COMPLETED)

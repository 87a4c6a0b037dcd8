"""What a worker writes while it runs: heartbeats, rows under the fence, what it pins."""

import pytest

from operations import lifecycle
from operations.models import EventType, Metric, Outcome, Status
from tests.operations import scenes
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]


def test_a_heartbeat_renews_the_lease_and_shows_the_progress() -> None:
    operation = scenes.running()
    scenes.expire_lease(operation)
    expired = scenes.reread(operation)

    assert lifecycle.heartbeat(operation.pk, 1, progress={"epoch": 3})

    renewed = scenes.reread(operation)
    assert renewed.lease_expires_at > expired.lease_expires_at  # type: ignore[operator]
    assert renewed.lease_expires_at > renewed.heartbeat_at  # type: ignore[operator]
    assert renewed.progress == {"epoch": 3}
    assert scenes.events(operation) == ["created", "claimed"]


def test_a_fenced_insert_comes_with_its_event() -> None:
    operation = scenes.running()

    with lifecycle.fenced(operation.pk, 1, EventType.CHECKPOINT_SAVED, {"epoch": 1}) as event:
        Metric.objects.create(operation=operation, attempt=1, step=1, values={})
        event["size_bytes"] = 10

    assert scenes.last_event(operation).data == {"epoch": 1, "size_bytes": 10}
    assert_whole(operation.pk)


def test_an_error_under_the_fence_leaves_no_event_and_no_number() -> None:
    operation = scenes.running()
    before = scenes.rows(operation)

    with (
        pytest.raises(ZeroDivisionError),
        lifecycle.fenced(operation.pk, 1, EventType.CHECKPOINT_SAVED),
    ):
        _ = 1 / 0

    assert scenes.rows(operation) == before


def test_what_is_noted_under_the_fence_has_a_number_of_its_own() -> None:
    operation = scenes.running()

    with lifecycle.fenced(operation.pk, 1, EventType.CHECKPOINT_SAVED):
        lifecycle.note(operation.pk, EventType.CHECKPOINT_QUARANTINED, {})

    assert_whole(operation.pk)


def test_an_insert_without_an_event_takes_no_number() -> None:
    operation = scenes.running()

    with lifecycle.fenced(operation.pk, 1):
        Metric.objects.create(operation=operation, attempt=1, step=1, values={})

    assert scenes.reread(operation).last_event == 2
    assert_whole(operation.pk)


def test_what_is_pinned_stays_for_the_next_attempt() -> None:
    operation = scenes.running()

    lifecycle.pin(operation.pk, 1, pinned={"threads": 2})
    assert lifecycle.interrupt(operation.pk, 1)

    assert scenes.reread(operation).pinned == {"threads": 2}


def test_an_attempt_describes_itself() -> None:
    operation = scenes.running()

    lifecycle.describe_attempt(operation.pk, 1, fingerprint={"torch": "2"}, exact=True)

    attempt = scenes.attempt(operation, 1)
    assert (attempt.fingerprint, attempt.exact) == ({"torch": "2"}, True)


def test_a_shutdown_hands_on_and_costs_no_budget() -> None:
    operation = scenes.running(max_restarts=0)

    assert lifecycle.interrupt(operation.pk, 1)

    waiting = scenes.reread(operation)
    assert (waiting.status, waiting.attempt, waiting.restarts) == (Status.RUNNING, 2, 0)
    assert (waiting.claimed_at, waiting.claim_token, waiting.worker) == (None, "", "")
    assert (waiting.lease_expires_at, waiting.rings, waiting.rung_at) == (None, 0, None)
    assert waiting.started_at == operation.started_at
    assert scenes.attempt(waiting, 1).outcome == Outcome.INTERRUPTED
    assert scenes.attempt(waiting, 2).ended_at is None
    assert scenes.last_event(waiting).event_type == EventType.INTERRUPTED
    assert scenes.last_event(waiting).attempt == 1
    assert_whole(waiting.pk)


def test_a_shutdown_after_an_intent_is_a_cancel() -> None:
    operation = scenes.running()
    lifecycle.request_cancel(operation.pk)

    assert not lifecycle.interrupt(operation.pk, 1)
    assert lifecycle.cancel(operation.pk, 1)


def test_an_attempt_that_nobody_claimed_cannot_be_handed_on() -> None:
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)

    assert not lifecycle.interrupt(operation.pk, 2)


def test_a_note_about_an_earlier_attempt_names_it() -> None:
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)

    lifecycle.note(operation.pk, EventType.QUEUED, {"ring": 1}, attempt=1)

    assert scenes.last_event(operation).attempt == 1


def test_a_note_about_nothing_is_no_error() -> None:
    lifecycle.note("op_none", EventType.QUEUED, {})

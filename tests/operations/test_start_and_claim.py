"""From nothing to pending, and from pending to a worker's hands."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from operations import lifecycle
from operations.models import EventType, Operation, Status
from operations.reading.overview import phase_of
from tests.operations import scenes
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]


def claim(operation: Operation, attempt: int, *, token: str = "t2") -> Operation | None:
    return lifecycle.claim(operation.pk, attempt, worker="w2", device="cpu", token=token)


def test_a_new_operation_is_pending_with_its_first_attempt() -> None:
    operation = scenes.pending(epochs=5)

    assert operation.status == Status.PENDING
    assert (operation.attempt, operation.rings, operation.restarts) == (1, 0, 0)
    assert operation.request == {"epochs": 5}
    assert operation.created_at is not None
    assert scenes.events(operation) == ["created"]
    assert scenes.attempt(operation, 1).claimed_at is None
    assert_whole(operation.pk)


def test_a_new_operation_has_the_restarts_of_the_settings(settings: Settings) -> None:
    settings.KTRDR_MAX_RESTARTS = 7

    operation = lifecycle.start(operation_type="fake", request={}, queue="training")

    assert operation.max_restarts == 7


def test_a_child_knows_its_parent() -> None:
    parent = scenes.pending()

    child = lifecycle.start(operation_type="fake", request={}, queue="training", parent=parent)

    assert child.parent_id == parent.pk
    assert scenes.last_event(child).data == {"parent": parent.pk}


def test_who_claims_does_not_do_what_the_one_before_did_in_the_end() -> None:
    stopped = scenes.running()
    saving = {"phase": "saving", "epoch": 7, "percent": 40.0}
    assert lifecycle.heartbeat(stopped.pk, 1, progress=saving)
    assert lifecycle.interrupt(stopped.pk, 1)
    claimed = claim(stopped, 2)
    assert claimed is not None
    assert claimed.progress == scenes.reread(stopped).progress == {"epoch": 7, "percent": 40.0}
    assert phase_of(claimed) == "preparing data"


def test_the_first_claim_sets_it_running(settings: Settings) -> None:
    settings.KTRDR_LEASE_SECONDS = 30
    pending = scenes.pending()

    operation = claim(pending, 1)

    assert operation is not None
    assert operation.status == Status.RUNNING
    assert (operation.worker, operation.claim_token) == ("w2", "t2")
    assert operation.started_at == operation.claimed_at == operation.heartbeat_at
    assert operation.lease_expires_at is not None
    assert operation.claimed_at is not None
    lease = operation.lease_expires_at - operation.claimed_at
    assert lease.total_seconds() == pytest.approx(30, abs=0.01)
    attempt = scenes.attempt(operation, 1)
    assert (attempt.worker, attempt.device) == ("w2", "cpu")
    assert attempt.claimed_at == operation.claimed_at
    assert scenes.events(operation) == ["created", "claimed"]
    assert scenes.last_event(operation).data == {"worker": "w2", "device": "cpu"}
    assert_whole(operation.pk)


def test_a_second_delivery_of_a_claimed_attempt_gets_nothing() -> None:
    operation = scenes.running()
    before = scenes.rows(operation)

    assert claim(operation, 1) is None
    assert scenes.rows(operation) == before


def test_a_claim_repeated_with_its_own_token_gets_the_same_again() -> None:
    operation = scenes.running()
    before = scenes.rows(operation)

    again = claim(operation, 1, token="t1")

    assert again is not None
    assert again.pk == operation.pk
    assert scenes.rows(operation) == before


@pytest.mark.parametrize("attempt", [1, 3])
def test_only_the_current_attempt_can_be_claimed(attempt: int) -> None:
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)

    assert claim(operation, attempt) is None
    assert claim(operation, 2) is not None


def test_a_later_attempt_keeps_the_time_of_the_start() -> None:
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)

    again = scenes.claim(operation, token="t2")

    assert again.started_at == operation.started_at
    assert_whole(operation.pk)


@pytest.mark.parametrize("end", [scenes.cancelled, scenes.failed, scenes.completed])
def test_an_ended_operation_cannot_be_claimed(end: Callable[[], Operation]) -> None:
    operation = end()
    before = scenes.rows(operation)

    assert claim(operation, 1) is None
    assert scenes.rows(operation) == before


def test_an_operation_cancelled_before_its_claim_cannot_be_claimed() -> None:
    operation = scenes.pending()
    lifecycle.request_cancel(operation.pk)

    assert claim(operation, 1) is None


def test_nobody_can_claim_what_does_not_exist() -> None:
    assert lifecycle.claim("op_none", 1, worker="w", device="cpu", token="t") is None


def test_ids_sort_by_time_and_are_safe_in_a_path() -> None:
    operation_id = lifecycle.new_operation_id("fake")

    assert operation_id.startswith("op_fake_2")
    assert operation_id.replace("_", "").isalnum()
    assert len(operation_id) <= 64


def test_a_first_batch_is_an_event_of_its_attempt() -> None:
    operation = scenes.running()

    with lifecycle.fenced(operation.pk, 1, EventType.STARTED):
        pass

    assert scenes.events(operation) == ["created", "claimed", "started"]

"""What a resume answers, in which order, and that a refusal changes nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.errors import (
    DomainError,
    NoCheckpoint,
    NotResumable,
    NoUsableCheckpoint,
    OperationNotFound,
    StorageUnavailable,
)
from operations.models import Operation, Status
from operations.resume import resume_operation
from tests.operations import scenes
from tests.operations.fake_type import FakeDataChanged
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "valkey")]


def refusal(operation: Operation) -> DomainError:
    """The error, after making sure that nothing at all has changed."""
    before = scenes.rows(operation)
    with pytest.raises(DomainError) as caught:
        resume_operation(operation.pk)
    assert scenes.rows(operation) == before
    return caught.value


def unclaimed_again() -> Operation:
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)
    return scenes.reread(operation)


def damage(checkpoint: Checkpoint, root: Path, name: str = "model.pt") -> Path:
    path = root / checkpoint.artifacts.get(name=name).file.name
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)
    return path


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_operation_goes_on_from_its_checkpoint(valkey: Redis) -> None:
    operation = scenes.cancelled(24, 25)
    checkpoint = scenes.newest(operation)

    resumed = resume_operation(operation.pk)

    assert (resumed.operation_id, resumed.attempt) == (operation.pk, 2)
    assert resumed.status == Status.RUNNING
    assert resumed.resumed_from == {
        "checkpoint_id": checkpoint.pk,
        "checkpoint_type": "cancellation",
        "created_at": checkpoint.created_at.isoformat(),
        "epoch": 25,
        "batch": 0,
    }
    now = scenes.reread(operation)
    assert (now.status, now.attempt, now.restarts) == (Status.RUNNING, 2, 0)
    assert now.started_at > operation.started_at  # type: ignore[operator]
    assert (now.completed_at, now.cancel_requested_at, now.cancel_reason) == (None, None, "")
    assert (now.claimed_at, now.claim_token, now.lease_expires_at) == (None, "", None)
    attempt = scenes.attempt(now, 2)
    assert (attempt.resumed_from, attempt.ended_at) == (resumed.resumed_from, None)
    assert scenes.events(now)[-2:] == ["resumed", "queued"]
    assert valkey.lrange("rq:queue:training", 0, -1) == [f"{operation.pk}-2-1".encode()]
    assert_whole(now.pk)


def test_a_failed_operation_goes_on_and_its_error_is_gone() -> None:
    operation = scenes.failed(7)

    resumed = resume_operation(operation.pk)

    assert resumed.resumed_from["checkpoint_type"] == "periodic"
    now = scenes.reread(operation)
    assert (now.status, now.error_code, now.error_message) == (Status.RUNNING, "", "")
    assert scenes.attempt(now, 1).error is not None
    assert_whole(now.pk)


def test_an_operation_whose_budget_was_spent_starts_with_a_new_one() -> None:
    operation = scenes.failed(7)
    Operation.objects.filter(pk=operation.pk).update(restarts=3)

    resume_operation(operation.pk)

    assert scenes.reread(operation).restarts == 0


def test_an_unknown_operation_is_not_found() -> None:
    with pytest.raises(OperationNotFound, match="op_none"):
        resume_operation("op_none")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (scenes.running, "is already running"),
        (unclaimed_again, "is already running"),
        (lambda: scenes.completed(3), "is already completed"),
        (scenes.pending, "Cannot resume operation .* from status pending"),
    ],
)
def test_what_has_not_stopped_is_refused(state: Callable[[], Operation], words: str) -> None:
    error = refusal(state())

    assert isinstance(error, NotResumable)
    with pytest.raises(NotResumable, match=words):
        raise error


def test_the_status_is_judged_before_any_file_is_read(checkpoint_root: Path) -> None:
    operation = scenes.completed(3)
    path = damage(scenes.newest(operation), checkpoint_root)

    assert isinstance(refusal(operation), NotResumable)
    path.unlink()
    assert isinstance(refusal(operation), NotResumable)
    assert scenes.newest(operation).quarantined_at is None


def test_without_a_checkpoint_there_is_nothing_to_resume_from() -> None:
    error = refusal(scenes.cancelled())

    assert isinstance(error, NoCheckpoint)
    assert "restart_operation" in str(error)


def test_without_a_checkpoint_a_failure_stays_as_it_was() -> None:
    operation = scenes.failed()

    assert isinstance(refusal(operation), NoCheckpoint)
    assert scenes.reread(operation).error_message == "It broke."


def test_the_older_checkpoint_serves_where_the_newest_is_damaged(checkpoint_root: Path) -> None:
    operation = scenes.cancelled(24, 25)
    newest = scenes.newest(operation)
    path = damage(newest, checkpoint_root)

    resumed = resume_operation(operation.pk)

    assert resumed.resumed_from["epoch"] == 24
    newest.refresh_from_db()
    assert newest.quarantined_at is not None
    assert path.name in newest.quarantine_reason
    assert "checkpoint_quarantined" in scenes.events(operation)
    assert_whole(operation.pk)


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 0x40
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [remove, empty, truncate, flip_a_bit])
@pytest.mark.parametrize("name", ["model.pt", "optimizer.pt"])
def test_no_usable_checkpoint_is_said_before_anything_changes(
    harm: Callable[[Path], None], name: str, checkpoint_root: Path
) -> None:
    operation = scenes.cancelled(25)
    newest = scenes.newest(operation)
    before = scenes.row(operation)
    harm(checkpoint_root / newest.artifacts.get(name=name).file.name)

    with pytest.raises(NoUsableCheckpoint, match=name):
        resume_operation(operation.pk)

    after = scenes.row(operation)
    assert {**after, "last_event": None} == {**before, "last_event": None}
    assert scenes.events(operation)[-1] == "checkpoint_quarantined"
    assert_whole(operation.pk)


def test_a_second_look_says_the_same_and_records_nothing_more(checkpoint_root: Path) -> None:
    operation = scenes.cancelled(25)
    damage(scenes.newest(operation), checkpoint_root)
    with pytest.raises(NoUsableCheckpoint, match=r"model\.pt"):
        resume_operation(operation.pk)

    error = refusal(operation)

    assert isinstance(error, NoUsableCheckpoint)
    assert "model.pt" in str(error)


def test_a_storage_that_does_not_answer_is_no_verdict(checkpoint_root: Path) -> None:
    operation = scenes.cancelled(25)
    away = checkpoint_root.with_name("away")
    checkpoint_root.rename(away)
    try:
        assert isinstance(refusal(operation), StorageUnavailable)
    finally:
        away.rename(checkpoint_root)

    assert resume_operation(operation.pk).resumed_from["epoch"] == 25


def test_changed_data_are_told_after_the_checkpoints_and_can_be_accepted() -> None:
    assert isinstance(refusal(scenes.cancelled(data_changed=True)), NoCheckpoint)
    operation = scenes.cancelled(25, data_changed=True)
    assert isinstance(refusal(operation), FakeDataChanged)

    resume_operation(operation.pk, accept_changed_data=True)

    assert scenes.reread(operation).status == Status.RUNNING


def test_the_next_attempt_works_with_the_request_that_the_resume_decided() -> None:
    operation = scenes.cancelled(25, queue="training-gpu", epochs=50)

    resume_operation(operation.pk, device="cuda")

    now = scenes.reread(operation)
    assert now.request == {"queue": "training-gpu", "epochs": 50, "device": "cuda"}
    assert now.queue == "training-gpu"


def test_a_cancelled_resume_can_be_resumed_again() -> None:
    operation = scenes.cancelled(25)
    resume_operation(operation.pk)
    assert lifecycle.request_cancel(operation.pk) == Status.CANCELLED

    resumed = resume_operation(operation.pk)

    assert (resumed.attempt, resumed.resumed_from["epoch"]) == (3, 25)
    assert_whole(operation.pk)


def test_a_resume_while_the_worker_still_stops_is_refused() -> None:
    operation = scenes.running()
    scenes.save(operation, 25)
    lifecycle.request_cancel(operation.pk)

    assert isinstance(refusal(operation), NotResumable)

"""A training that fails says why, and keeps what it can."""

from operations.cancel import cancel_operation
from operations.models import Status
from operations.resume import resume_operation
from tests.acceptance import trainings
from tests.acceptance.trainings import (
    DIVERGING,
    checkpoint_types,
    events_of,
    now,
    wait_for_end,
    wait_for_epoch,
)
from tests.running.stack import Stack


def test_a_training_that_diverges_fails_and_keeps_its_last_finite_state(stack: Stack) -> None:
    operation = trainings.start(strategy_yaml=DIVERGING)
    stack.worker("--burst").wait()
    failed = now(operation)
    assert (failed.status, failed.error_code) == (Status.FAILED, "training_failed")
    assert "epoch 0, batch" in failed.error_message
    assert "Start again with other settings" in failed.error_message  # no epoch was finished
    assert "{" not in failed.error_message
    assert checkpoint_types(operation) == {"failure"}
    assert "Traceback" in operation.attempts.get().error["traceback"]


def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_used(
    stack: Stack, twin, checkpoint_root
) -> None:
    undisturbed = twin(60)
    stack.worker()
    operation = trainings.start(epochs=60)
    wait_for_epoch(operation, 12)
    cancel_operation(operation.pk)
    wait_for_end(operation)
    newest = operation.checkpoints.order_by("-epoch", "-batch").first()
    path = checkpoint_root / newest.artifacts.get(name="optimizer.pt").file.name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert resume_operation(operation.pk).resumed_from["checkpoint_id"] != newest.pk
    assert "checkpoint_quarantined" in events_of(operation)
    newest.refresh_from_db()
    assert "optimizer.pt" in newest.quarantine_reason
    assert wait_for_end(operation).status == Status.COMPLETED
    assert trainings.digests(operation) == undisturbed

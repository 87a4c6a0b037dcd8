"""The main job, by a real worker on real data."""

import hashlib

import pytest

from operations.cancel import cancel_operation
from operations.errors import NoCheckpoint
from operations.models import Status
from operations.resume import resume_operation
from tests.acceptance import trainings
from tests.acceptance.trainings import now, wait_for_end, wait_for_epoch
from tests.running.stack import Stack


def test_a_cancelled_training_resumes_and_ends_as_if_nothing_had_happened(
    stack: Stack, twin
) -> None:
    undisturbed = twin(60)
    stack.worker()
    operation = trainings.start(epochs=60)
    for epoch in (3, 20):
        wait_for_epoch(operation, epoch)
        cancel_operation(operation.pk)
        assert wait_for_end(operation).status == Status.CANCELLED
        resumed = resume_operation(operation.pk)
        assert resumed.resumed_from["checkpoint_type"] == "cancellation"
    assert wait_for_end(operation).status == Status.COMPLETED
    assert trainings.digests(operation) == undisturbed


def test_a_cancel_loses_no_batch(stack: Stack) -> None:
    stack.worker()
    operation = trainings.start(epochs=10_000)
    wait_for_epoch(operation, 3)
    cancel_operation(operation.pk)
    wait_for_end(operation)
    reached = operation.metrics.order_by("step").last()
    origin = resume_operation(operation.pk).resumed_from
    assert origin["epoch"] == reached.step
    wait_for_epoch(operation, origin["epoch"] + 1)
    steps = list(operation.metrics.order_by("step", "attempt").values_list("step", flat=True))
    assert steps == list(range(len(steps)))


def test_a_pending_operation_is_cancelled_at_once_and_never_trains(stack: Stack) -> None:
    operation = trainings.start()
    answer = cancel_operation(operation.pk)
    assert answer.status == Status.CANCELLED
    stack.worker("--burst").wait()
    assert now(operation).status == Status.CANCELLED
    assert not operation.metrics.exists()
    with pytest.raises(NoCheckpoint):
        resume_operation(operation.pk)


def test_a_completed_operation_leaves_its_model_and_no_checkpoints(
    stack: Stack, checkpoint_root
) -> None:
    operation = trainings.start(epochs=12)
    stack.worker("--burst", afresh=True).wait()
    assert now(operation).status == Status.COMPLETED
    weights = operation.trained_model.artifacts.get(name="model.safetensors")
    stored = hashlib.sha256((checkpoint_root / weights.file.name).read_bytes()).hexdigest()
    assert stored == weights.sha256 == operation.trained_model.weights_sha256
    assert stored == now(operation).result["weights_sha256"]
    last = operation.metrics.order_by("step").last()
    assert now(operation).result["state_digest"] == last.values["digest"]
    assert not operation.checkpoints.exists()
    assert not list((checkpoint_root / "checkpoints").glob(f"{operation.pk}*"))
    for artifact in operation.trained_model.artifacts.all():
        assert (checkpoint_root / artifact.file.name).stat().st_size == artifact.size_bytes

"""What needs more memory than it may take ends with its own words, and loses nothing."""

from pathlib import Path

from operations.dispatch import ring_after_commit
from operations.models import Status
from operations.operation_types import remedy
from operations.resume import resume_operation
from tests.acceptance import trainings
from tests.acceptance.trainings import (
    events_of,
    horse_of,
    now,
    wait_for_end,
    wait_for_epoch,
    wait_for_event,
)
from tests.running.stack import Stack
from tests.training.explaining import scenes as analyses

WIDE = trainings.STRATEGY.replace("[32, 16]", "[1024, 1024]").replace(
    "batch_size: 1\n", "batch_size: 256\n"
)
"""Some 200 MB: a million weights."""
NOT_ENOUGH_TO_TRAIN = {"KTRDR_TRAINING_MEMORY_MB": "70"}
NOT_ENOUGH_TO_READ = {"KTRDR_TRAINING_MEMORY_MB": "20"}
NOT_ENOUGH_TO_MEASURE = {"KTRDR_TRAINING_MEMORY_MB": "15"}
ENOUGH_TO_MEASURE = {"KTRDR_TRAINING_MEMORY_MB": "30"}
"""Less than the buffers of OpenBLAS, which are no part of it."""


def test_a_training_that_runs_out_of_memory_ends_and_goes_on_where_there_is_more(
    stack: Stack,
) -> None:
    operation = trainings.start(strategy_yaml=WIDE, epochs=100, every_epochs=1)
    worker = stack.worker()
    wait_for_epoch(operation, 2)
    score = Path(f"/proc/{horse_of(worker).pid}/oom_score_adj").read_text()
    assert int(score) == 800
    trainings.cancel(operation)
    assert wait_for_end(operation).status == Status.CANCELLED
    worker.kill_all()

    for limit in (NOT_ENOUGH_TO_READ, NOT_ENOUGH_TO_TRAIN):
        resume_operation(operation.pk)
        stack.worker("--burst", **limit).wait(60)
        failed = now(operation)
        assert (failed.status, failed.error_code) == (Status.FAILED, "out_of_memory")
        assert limit["KTRDR_TRAINING_MEMORY_MB"] in failed.error_message
        assert failed.restarts == 0
        assert "checkpoint_quarantined" not in events_of(operation)

    resume_operation(operation.pk)
    stack.worker()
    wait_for_event(operation, "started", 2)


def test_an_analysis_says_the_same_and_goes_on_where_there_is_more(stack: Stack) -> None:
    model = analyses.model_of(WIDE)
    undisturbed = analyses.as_bytes(analyses.ended(analyses.another(model, repeats=2)))
    operation = analyses.another(model, repeats=2)
    ring_after_commit(operation.pk, operation.attempt)
    stack.worker("--burst", **NOT_ENOUGH_TO_MEASURE).wait(60)
    failed = now(operation)
    assert (failed.status, failed.error_code) == (Status.FAILED, "out_of_memory")
    assert "Unable to allocate" in failed.error_message
    assert "KTRDR_TRAINING_MEMORY_MB is 15 here" in failed.error_message
    assert "fork" not in failed.error_message
    helps = remedy(failed)
    assert helps is not None and helps.is_resume and "more memory" in helps.words
    assert "MemoryError" in failed.attempts.get().error["traceback"]

    resume_operation(operation.pk)
    stack.worker("--burst", **ENOUGH_TO_MEASURE).wait(60)
    assert analyses.as_bytes(operation) == undisturbed

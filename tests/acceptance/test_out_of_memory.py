"""A training that needs more memory than it may take ends with its own words, and loses nothing."""

from pathlib import Path

from operations.models import Status
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

WIDE = trainings.STRATEGY.replace("[32, 16]", "[1024, 1024]").replace(
    "batch_size: 1\n", "batch_size: 256\n"
)
"""Some 200 MB: a million weights."""
NOT_ENOUGH_TO_TRAIN = {"KTRDR_TRAINING_MEMORY_MB": "70"}
NOT_ENOUGH_TO_READ = {"KTRDR_TRAINING_MEMORY_MB": "20"}


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

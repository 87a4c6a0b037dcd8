"""A whole training with its checkpoints and its model on an S3 server."""

from operations.models import Status
from operations.resume import resume_operation
from operations.upkeep.housekeeping import clean_up
from tests.acceptance import trainings
from tests.acceptance.trainings import wait_for_end, wait_for_epoch
from tests.running.s3 import S3Server, s3, s3_server
from tests.running.stack import Stack, wait_until

__all__ = ["s3", "s3_server"]


def test_a_training_is_cancelled_resumed_killed_and_completed(
    stack: Stack, s3: S3Server, twin
) -> None:
    undisturbed = twin(60)
    stack.sweeper(**s3.environment)
    worker = stack.worker(**s3.environment)
    operation = trainings.start(epochs=60)
    wait_for_epoch(operation, 6)
    trainings.cancel(operation)
    assert wait_for_end(operation).status == Status.CANCELLED
    assert resume_operation(operation.pk).resumed_from["checkpoint_type"] == "cancellation"
    wait_for_epoch(operation, 20)
    trainings.horse_of(worker).kill()
    assert wait_for_end(operation).status == Status.COMPLETED
    assert trainings.digests(operation) == undisturbed
    wait_until(
        lambda: worker.output.count("has been answered") == 2, 30
    )  # its checkpoints have gone, too
    clean_up()  # what the killed horse was just writing
    assert s3.names("checkpoints/") == set()
    assert s3.names("models/") >= {
        artifact.file.name for artifact in operation.trained_model.artifacts.all()
    }

"""What an attempt goes on from: the newest good checkpoint, carried over where it has to be."""

import logging
from functools import partial

from checkpoints import store
from checkpoints.models import Checkpoint
from operations import restore_point
from operations.errors import NoCheckpoint, NoUsableCheckpoint
from operations.models import Operation
from operations.outage import patiently
from training.attempt.run_context import RunContext
from training.attempt.storage_outage import wait_for_storage
from training.errors import NoEpochLeft
from training.launch.carry_plan import CarryPlan, plan_for
from training.launch.request import TrainingRequest
from training.strategy import Strategy
from training.trainer.carry import carry
from training.trainer.resume_context import TrainingResumeContext, read_snapshot
from training.version import ROWS_VERSION

logger = logging.getLogger(__name__)


def go_on_from(run: RunContext) -> TrainingResumeContext | None:
    """None for a first attempt, unless it is a branch's, which begins with its origin's state; and
    for a later one whose predecessors had not saved yet.

    And for a part of a family whose checkpoints are all damaged: nobody is asked about one of many
    trainings, and from the start it ends with the same bytes.

    Waits for a database or a storage that is away. Raises `NoUsableCheckpoint`, `NoEpochLeft`,
    `StorageUnavailable`, `StopRequestedError` or `Superseded`.
    """
    if run.begins_anew:
        return None
    restore = partial(patiently, partial(restore_from_checkpoint, run.operation_id))
    preparing = partial(run.preparing, "checkpoint")
    preparing()
    try:
        context = wait_for_storage(restore, waiting=preparing)
    except NoCheckpoint:
        return None
    except NoUsableCheckpoint as error:
        if not run.is_part:
            raise
        logger.warning("%s It begins anew.", error)
        return None
    run.restored(context)
    return context


def restore_from_checkpoint(operation_id: str) -> TrainingResumeContext:
    """The newest checkpoint that verifies and can be read, for `ModelTrainer`.

    Falls back to older ones; what does not verify is quarantined. Raises `NoCheckpoint`,
    `NoUsableCheckpoint`, `NoEpochLeft` or `StorageUnavailable`.
    """
    return restore_point.read_newest(operation_id, _read)[1]


def _read(checkpoint: Checkpoint) -> TrainingResumeContext:
    operation = Operation.objects.get(pk=checkpoint.operation_id)
    request = TrainingRequest.of(operation)
    artifacts = store.load(checkpoint)
    plan = plan_for(request, checkpoint.attempt, rows_version=ROWS_VERSION)
    if plan is not None:
        artifacts = _carried(artifacts, plan, request.read_strategy())
    return TrainingResumeContext.from_artifacts(
        artifacts, original_request=operation.request, origin=restore_point.describe(checkpoint)
    )


def _carried(artifacts: dict[str, bytes], plan: CarryPlan, strategy: Strategy) -> dict[str, bytes]:
    """Raises `NoEpochLeft`; a branch was refused for that before it started."""
    try:
        return carry(read_snapshot(artifacts), plan, strategy).artifacts()
    except ValueError as error:
        raise NoEpochLeft(reason=str(error)) from error

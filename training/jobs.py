"""RQ's entry point: one attempt of one training, from its claim to its end."""

import logging
import os
import secrets
import socket
import time
from functools import partial

from django.conf import settings
from rq import get_current_job

from checkpoints import store
from checkpoints.failpoints import failpoint
from checkpoints.models import Checkpoint
from operations import lifecycle, restore_point
from operations.errors import NoCheckpoint, StorageUnavailable, Superseded
from operations.log_context import process_about
from operations.models import Operation
from operations.outage import patiently
from training.attempt import endings
from training.attempt.captured_log import CapturedLog
from training.attempt.conditions import choose_pinned
from training.attempt.horse import this_horse
from training.attempt.liveness import Liveness
from training.errors import NoEpochLeft
from training.launch.carry_plan import CarryPlan, plan_for
from training.launch.request import TrainingRequest
from training.pipeline import TrainedStrategy, TrainingPipeline
from training.run_context import RunContext, StopReason, StopRequestedError
from training.strategy import Strategy
from training.trainer.carry import carry
from training.trainer.device import local_devices
from training.trainer.resume_context import TrainingResumeContext, read_snapshot
from training.version import ROWS_VERSION

logger = logging.getLogger(__name__)

STORAGE_PAUSE_SECONDS = 2.0


def run_training(operation_id: str, attempt: int) -> None:
    """Claim, train, end. A duplicate or superseded delivery leaves quietly."""
    failpoint("claim.begin")
    operation = _claim(operation_id, attempt)
    if operation is None:
        logger.info("%s, attempt %d: another one has it", operation_id, attempt)
        return
    failpoint("claim.end")
    horse, run = this_horse(), RunContext(operation)
    horse.when_told_to_stop(partial(run.ask_to_stop, StopReason.SHUTDOWN))
    with process_about(*run.key), CapturedLog(*run.key) as log, Liveness(run, horse, log):
        logger.info("attempt %d of %s, by %s", attempt, operation_id, operation.worker)
        try:
            _train_to_an_end(operation, run)
        except Superseded as superseded:
            logger.warning("%s", superseded)


def restore_from_checkpoint(operation_id: str) -> TrainingResumeContext:
    """The newest checkpoint that verifies and can be read, for `ModelTrainer` (seed 000, task 4.3).

    Falls back to older ones; what does not verify is quarantined. Raises `NoCheckpoint`,
    `NoUsableCheckpoint` or `StorageUnavailable`.
    """
    return _restore(operation_id)[1]


def _restore(operation_id: str) -> tuple[Checkpoint, TrainingResumeContext]:
    operation = Operation.objects.get(pk=operation_id)
    request = TrainingRequest.of(operation)

    def read(checkpoint: Checkpoint) -> TrainingResumeContext:
        artifacts = store.load(checkpoint)
        plan = plan_for(request, checkpoint.attempt, rows_version=ROWS_VERSION)
        if plan is not None:
            artifacts = _carried(artifacts, plan, request.read_strategy())
        return TrainingResumeContext.from_artifacts(
            artifacts, original_request=operation.request, checkpoint_id=checkpoint.pk
        )

    return restore_point.read_newest(operation_id, read)


def _carried(artifacts: dict[str, bytes], plan: CarryPlan, strategy: Strategy) -> dict[str, bytes]:
    """Raises `NoEpochLeft`; a branch was refused for that before it started."""
    try:
        return carry(read_snapshot(artifacts), plan, strategy).artifacts()
    except ValueError as error:
        raise NoEpochLeft(reason=str(error)) from error


def _claim(operation_id: str, attempt: int) -> Operation | None:
    job, token = get_current_job(), secrets.token_hex(16)
    worker = (job.worker_name if job else "") or f"{socket.gethostname()}.{os.getpid()}"
    device = local_devices()[0]  # until the attempt knows which it uses
    return patiently(
        lambda: lifecycle.claim(operation_id, attempt, worker=worker, device=device, token=token)
    )


def _train_to_an_end(operation: Operation, run: RunContext) -> None:
    try:
        trained = _train(operation, run)
        if trained is None:
            endings.stop(run)
        else:
            endings.complete(run, trained)
    except StopRequestedError:
        endings.stop(run)
    except Superseded:
        raise
    except Exception as error:  # noqa: BLE001  # the process's edge: whatever it was, its user is told
        endings.fail(run, error)


def _train(operation: Operation, run: RunContext) -> TrainedStrategy | None:
    return TrainingPipeline.train_strategy(
        run.strategy,
        run=run,
        pinned=choose_pinned(operation, run.strategy),
        resume_context=_go_on_from(operation, run),
        seen_test=run.request.seen_test,
    )


def _go_on_from(operation: Operation, run: RunContext) -> TrainingResumeContext | None:
    """None for a first attempt, and for a later one whose predecessors had not saved yet."""
    deadline = time.monotonic() + settings.KTRDR_STALL_SECONDS
    while True:
        run.preparing("checkpoint")
        try:
            checkpoint, context = patiently(partial(_restore, operation.pk))
        except NoCheckpoint:
            return None
        except StorageUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(STORAGE_PAUSE_SECONDS)
        else:
            run.restored(context, restore_point.describe(checkpoint))
            return context

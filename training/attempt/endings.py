"""How an attempt ends: each of its ends once, however the answers of the database get lost."""

import logging
import traceback
from collections.abc import Callable
from functools import partial

from checkpoints import store
from checkpoints.errors import StorageUnreachableError
from checkpoints.failpoints import failpoint
from checkpoints.models import Checkpoint
from operations import dispatch, lifecycle
from operations.errors import DomainError, StorageUnavailable, Superseded
from operations.lifecycle import Failure
from operations.models import Status
from operations.outage import patiently
from operations.selectors import ended_by
from operations.staying import end_after_this
from training import out_of_memory
from training.attempt.advice import after_failure, after_lost_save
from training.attempt.requests import StopReason
from training.attempt.run_context import RunContext
from training.attempt.storage_outage import wait_for_storage
from training.errors import OutOfMemory, TrainingFailed
from training.pipeline import TrainedStrategy
from training.trained import model_store
from training.trainer.state import Position, Snapshot

logger = logging.getLogger(__name__)

OR_ELSE = "; or fork it with a smaller training.batch_size, network or window"


def complete(run: RunContext, trained: TrainedStrategy) -> None:
    """Store the model; with its row the operation completes and its checkpoints go."""
    run.compared_by(trained.result)
    run.close()
    staged = _store(run, trained)

    def commit() -> None:
        with lifecycle.completing(*run.key, result=trained.summary(), value=run.value):
            model_store.commit(staged)
            store.delete_rows(run.operation_id)

    _end_once(run, Status.COMPLETED, commit)
    logger.info(
        "completed; the state digest of the end is %s, the best epoch's weights are sha256 %s",
        *(trained.result.digest, trained.bundle.digest),
    )


def stop(run: RunContext) -> None:
    """After the final save: cancelled for its user, or handed on to the next worker."""
    if run.requests.stop_reason is StopReason.SUPERSEDED:
        raise Superseded(operation_id=run.operation_id, attempt=run.attempt)
    run.close()
    if run.requests.stop_reason is StopReason.SHUTDOWN and patiently(lambda: _interrupt(run)):
        logger.info("handed on to the next worker")
        return
    lost = after_lost_save(run.unsaved, _newest(run), run.saver.last_error) if run.unsaved else ""
    cancel = partial(lifecycle.cancel, *run.key, lost=lost)
    _end_once(run, Status.CANCELLED, _required(run, cancel))
    logger.info("cancelled. %s", lost)


def hold(run: RunContext) -> None:
    """After the save: the part waits for its family, unless somebody has cancelled it."""
    run.close(beats=False)
    failpoint("end.held.begin")
    if patiently(lambda: lifecycle.hold(*run.key, value=run.value, **run.kept_as_it_holds())):
        failpoint("end.held.committed")
        logger.info("holds for its family")
        return
    _end_once(run, Status.CANCELLED, _required(run, lambda: lifecycle.cancel(*run.key)))
    logger.info("cancelled where it was to hold")


def fail(run: RunContext, error: Exception) -> None:
    """Say what happened and keep the last good state, if it is newer than the newest checkpoint."""
    logger.error("%s failed", run.operation_id, exc_info=error)
    end_after_this()
    failure = _failure(run, error)
    if out_of_memory.ran_out_of_memory(error):
        out_of_memory.make_room(error)
    if isinstance(error, TrainingFailed):
        _keep_last_good(run, error.last_good)
    run.close()
    _end_once(run, Status.FAILED, _required(run, lambda: lifecycle.fail(*run.key, failure)))


def _failure(run: RunContext, error: Exception) -> Failure:
    told = _out_of_memory(error) if out_of_memory.ran_out_of_memory(error) else error
    return Failure(
        code=told.code if isinstance(told, DomainError) else "unexpected_error",
        message=_in_words(run, told),
        traceback="".join(traceback.format_exception(error)),
    )


def _out_of_memory(error: Exception) -> OutOfMemory:
    where = "to train it"
    if isinstance(error, TrainingFailed):
        where = f"in epoch {error.epoch}, batch {error.batch}"
    return out_of_memory.in_words(error, where=where, or_else=OR_ELSE)


def _keep_last_good(run: RunContext, snapshot: Snapshot) -> None:
    """Unless a checkpoint has it already."""
    newest = _newest(run)
    if newest is None or snapshot.position > Position(newest.epoch, newest.batch):
        run.save_last(snapshot, "failure")


def _newest(run: RunContext) -> Checkpoint | None:
    return patiently(lambda: store.candidates(run.operation_id).first())


def _store(run: RunContext, trained: TrainedStrategy) -> model_store.StagedModel:
    """Wait for a storage that is full or away, but not for ever: a stop request ends it, too.

    Raises `StorageUnavailable`, `StopRequestedError`.
    """

    def stage() -> model_store.StagedModel:
        try:
            return model_store.stage(
                *run.key, trained.bundle, final_state=trained.result.final.artifacts()
            )
        except StorageUnreachableError as error:
            raise StorageUnavailable(reason=str(error)) from error

    return wait_for_storage(stage, waiting=partial(run.preparing, "waiting for the storage"))


def _interrupt(run: RunContext) -> bool:
    """False when an intent to cancel is there: then the attempt ends as cancelled."""
    if not lifecycle.interrupt(*run.key):
        return False
    failpoint("end.interrupt.committed")
    dispatch.ring(run.operation_id, run.attempt + 1)
    return True


def _required(run: RunContext, act: Callable[[], bool]) -> Callable[[], None]:
    def required() -> None:
        if not act():
            raise Superseded(operation_id=run.operation_id, attempt=run.attempt)

    return required


def _end_once(run: RunContext, status: Status, act: Callable[[], None]) -> None:
    """`act` again after a lost answer finds the attempt no longer running: perhaps it did it."""
    failpoint(f"end.{status}.begin")
    try:
        patiently(act)
        failpoint(f"end.{status}.committed")
    except Superseded:
        operation_id, attempt = run.key
        if not patiently(
            lambda: ended_by(operation_id, attempt, token=run.claim_token, status=status)
        ):
            raise


def _in_words(run: RunContext, error: Exception) -> str:
    if isinstance(error, TrainingFailed):
        return f"{error} {after_failure(run.operation_id, error.last_good)}"
    if isinstance(error, DomainError):
        return str(error)
    return f"{type(error).__name__}: {error}. This is a fault of KTRDR or of the machine."

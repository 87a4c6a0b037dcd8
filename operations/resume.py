"""The whole answer of a resume, for the REST endpoint, the admin action and the command alike."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from checkpoints import store
from checkpoints.models import Checkpoint
from operations import dispatch, lifecycle, operation_types, restore_point, selectors
from operations.errors import NotResumable
from operations.models import Operation, Status
from operations.parts import require_family_ended
from operations.writing import Outdated, write_prepared


@dataclass(frozen=True, kw_only=True)
class Resumed:
    operation_id: str
    attempt: int
    status: Status
    resumed_from: dict[str, Any] | None
    """checkpoint_type, created_at, epoch (last completed, -1 for none) and batch; None for what
    goes on from what its parts have."""


@dataclass(frozen=True, kw_only=True)
class PreparedResume:
    """A resume that was found to make sense: what is left is to write it down."""

    operation: Operation
    checkpoint: Checkpoint | None
    """None: what its parts have is what it goes on from."""
    request: dict[str, Any]
    """What the next attempt works with."""
    queue: str


def resume_operation(operation_id: str, /, **options: Any) -> Resumed:
    """Let a cancelled or failed operation go on from its newest usable checkpoint.

    Exactly one of any number of concurrent callers succeeds. Raises as `prepare_resume`. On every
    error the operation and its attempts are as they were.
    """
    return write_prepared(partial(prepare_resume, operation_id, **options), resume_prepared)


def prepare_resume(operation_id: str, /, **options: Any) -> PreparedResume:
    """Check what can be checked, outside of a transaction: it reads files.

    Options are those that its type lets a caller decide. Raises, in this order:
    `OperationNotFound`, `NotResumable`, `PartOfLiveFamily`, `NoCheckpoint`, `NoUsableCheckpoint`,
    `StorageUnavailable`,
    and what its type's `check_resume` raises, `InvalidInput` for an option that it does not have
    among them.
    """
    operation = _get_resumable(operation_id)
    from_rows = operation_types.resumes_from_rows(operation)
    checkpoint = None if from_rows else restore_point.check_newest(operation_id)
    request = operation_types.check_resume(operation, options)
    queue = operation_types.queue_for(operation, request)
    return PreparedResume(operation=operation, checkpoint=checkpoint, request=request, queue=queue)


def resume_prepared(prepared: PreparedResume) -> Resumed:
    """Begin the next attempt and ring for a worker, within the caller's transaction.

    Raises `Outdated` when somebody else was faster, or the checkpoint has been pruned since.
    """
    operation_id = prepared.operation.pk
    checkpoint = prepared.checkpoint
    resumed_from = restore_point.describe(checkpoint) if checkpoint else None
    resumed = lifecycle.resume(
        operation_id,
        prepared.operation.attempt,
        resumed_from=resumed_from,
        request=prepared.request,
        queue=prepared.queue,
    )
    if resumed is None:
        raise Outdated
    if checkpoint and not store.candidates(operation_id).filter(pk=checkpoint.pk).exists():
        raise Outdated
    operation_types.hold(prepared.operation, prepared.request)
    dispatch.ring_after_commit(operation_id, resumed.attempt)
    return Resumed(
        operation_id=operation_id,
        attempt=resumed.attempt,
        status=Status.RUNNING,
        resumed_from=resumed_from,
    )


def _get_resumable(operation_id: str) -> Operation:
    operation = selectors.get(operation_id)
    if not operation.is_resumable:
        raise NotResumable(reason=why_not_resumable(operation))
    require_family_ended(operation)
    return operation


def why_not_resumable(operation: Operation) -> str:
    """Why an operation's status does not allow a resume, in words."""
    if operation.status == Status.RUNNING:
        return f"Operation {operation.pk} is already running."
    if operation.status == Status.COMPLETED:
        return f"Operation {operation.pk} is already completed."
    return f"Cannot resume operation {operation.pk} from status {operation.status}."

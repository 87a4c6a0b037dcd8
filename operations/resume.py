"""The whole answer of a resume, for the REST endpoint, the admin action and the command alike."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from checkpoints import store
from operations import dispatch, lifecycle, operation_types, restore_point, selectors
from operations.errors import NotResumable
from operations.models import Operation, Status


@dataclass(frozen=True, kw_only=True)
class Resumed:
    operation_id: str
    attempt: int
    status: Status
    resumed_from: dict[str, Any]
    """checkpoint_type, created_at, epoch (last completed, -1 for none) and batch."""


def resume_operation(operation_id: str, /, **options: Any) -> Resumed:
    """Let a cancelled or failed operation go on from its newest usable checkpoint.

    Options are those that its type lets a caller decide.

    Exactly one of any number of concurrent callers succeeds. Raises, in this order:
    `OperationNotFound`, `NotResumable`, `NoCheckpoint`, `NoUsableCheckpoint`, `StorageUnavailable`,
    and what its type's `check_resume` raises, `InvalidInput` for an option that it does not have
    among them. On every error the operation and its attempts are as
    they were.
    """
    while True:
        operation = _get_resumable(operation_id)
        checkpoint = restore_point.check_newest(operation_id)
        request = operation_types.check_resume(operation, options)
        queue = operation_types.queue_for(operation, request)
        resumed_from = restore_point.describe(checkpoint)
        with transaction.atomic():
            resumed = lifecycle.resume(
                operation_id, resumed_from=resumed_from, request=request, queue=queue
            )
            if resumed is None:
                continue  # somebody else was faster: the next look says with what
            if not store.candidates(operation_id).filter(pk=checkpoint.pk).exists():
                transaction.set_rollback(True)  # pruned since it was checked
                continue
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
    return operation


def why_not_resumable(operation: Operation) -> str:
    """Why an operation's status does not allow a resume, in words."""
    if operation.status == Status.RUNNING:
        return f"Operation {operation.pk} is already running."
    if operation.status == Status.COMPLETED:
        return f"Operation {operation.pk} is already completed."
    return f"Cannot resume operation {operation.pk} from status {operation.status}."

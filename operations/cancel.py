"""The whole answer of a cancel, for the REST endpoint, the admin action and the command alike."""

from dataclasses import dataclass

from operations import lifecycle, selectors
from operations.errors import InvalidInput, NotCancellable
from operations.models import Operation, Status
from operations.text import unspeakable

REASON_MAX_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class CancelAnswer:
    operation_id: str
    status: Status
    """CANCELLED: it has ended. RUNNING: its worker will see the intent at its next batch."""


def cancel_operation(operation_id: str, *, reason: str = "", force: bool = False) -> CancelAnswer:
    """Cancel at once what no worker has claimed, else ask its worker; asking twice is no error.

    `force` does not ask: it fences the worker off, and what that had not saved is lost. Raises
    `OperationNotFound`, and `NotCancellable` when the operation has ended.
    """
    if len(reason) > REASON_MAX_LENGTH:
        raise InvalidInput(reason=f"A reason has at most {REASON_MAX_LENGTH} characters.")
    if character := unspeakable(reason):
        raise InvalidInput(reason=f"A reason is text on one line: it holds {character}.")
    while True:
        operation = _get_live(operation_id)
        status = _try_cancel(operation, reason=reason, force=force)
        if status is not None:
            return CancelAnswer(operation_id=operation_id, status=status)
        # it changed since it was read: the next look says into what


def _get_live(operation_id: str) -> Operation:
    operation = selectors.get(operation_id)
    if not operation.is_live:
        raise NotCancellable(operation_id=operation_id, status=operation.status)
    return operation


def _try_cancel(operation: Operation, *, reason: str, force: bool) -> Status | None:
    if force and operation.claimed_at:
        won = lifecycle.force_cancel(operation.pk, operation.attempt, reason=reason)
        return Status.CANCELLED if won else None
    if operation.cancel_requested_at:
        return Status.RUNNING
    return lifecycle.request_cancel(operation.pk, reason=reason)

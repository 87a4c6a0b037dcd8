"""What can go wrong that a user can meet. A class's docstring is its message."""

import inspect
from typing import Any, ClassVar


def pasteable(text: str) -> str:
    """With every `manage.py …` in it as it is typed in the checkout's directory."""
    if "`manage.py " not in text:
        return text
    from django.conf import settings  # the grammar of strategies does without Django

    return text.replace("`manage.py ", f"`{settings.MANAGE} ")


class DomainError(Exception):
    """Something a user can meet went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500  # HTTP

    def __init__(self, *, errors: list[dict[str, str]] | None = None, **details: Any) -> None:
        self.details = details
        self.errors = errors or []
        message = " ".join((inspect.getdoc(type(self)) or "").split())
        super().__init__(pasteable(message).format(**details))


class InvalidInput(DomainError):
    """{reason}"""

    code = "invalid"
    status = 400


class OperationNotFound(DomainError):
    """There is no operation {operation_id}. `manage.py list_operations` shows what there is."""

    code = "operation_not_found"
    status = 404


class NothingLive(DomainError):
    """Nothing waits or runs. `manage.py list_operations` shows what has ended."""

    code = "nothing_live"
    status = 404


class AmbiguousOperationId(DomainError):
    """{part} fits several operations, {first} and {second} among them: give more of the id."""

    code = "ambiguous_operation_id"
    status = 400


class NotResumable(DomainError):
    """{reason}"""

    code = "not_resumable"
    status = 409


class PartOfLiveFamily(DomainError):
    """
    Operation {operation_id} is part {number} of {family_id}, which is not over: that decides what
    becomes of its parts. Cancel {family_id} first, or wait for its end; a single part can be
    cancelled.
    """

    code = "part_of_live_family"
    status = 409


class NotCancellable(DomainError):
    """Operation {operation_id} is already {status}: there is nothing left to cancel."""

    code = "not_cancellable"
    status = 409


class NoCheckpoint(DomainError):
    """
    Operation {operation_id} has no checkpoint to resume from. Start it again from the beginning
    with `manage.py restart_operation {operation_id}`.
    """

    code = "no_checkpoint"
    status = 404


class CheckpointNotFound(DomainError):
    """There is no checkpoint {checkpoint_id}."""

    code = "checkpoint_not_found"
    status = 404


class ArtifactNotFound(DomainError):
    """Checkpoint {checkpoint_id} has no artifact {name}; it has {names}."""

    code = "artifact_not_found"
    status = 404


class CheckpointDamaged(DomainError):
    """Checkpoint {checkpoint_id} is not what was saved: {reason}. Nothing starts from it now."""

    code = "checkpoint_corrupted"
    status = 422


class CheckpointInUse(DomainError):
    """Checkpoint {checkpoint_id} is kept. {reason}."""

    code = "checkpoint_in_use"
    status = 409


class NoUsableCheckpoint(DomainError):
    """
    None of the checkpoints of operation {operation_id} verifies; the newest one failed with:
    {reason} Start it again from the beginning with `manage.py restart_operation {operation_id}`.
    """

    code = "checkpoint_corrupted"
    status = 422


class StorageUnavailable(DomainError):
    """The checkpoint storage does not answer ({reason}). Nothing was changed: try again later."""

    code = "storage_unavailable"
    status = 503


class TooManyStreams(DomainError):
    """
    You have {most} streams open, which is as many as one user may. Close one of them, or ask every
    15 s instead.
    """

    code = "too_many_streams"
    status = 429
    wait = 15  # seconds, for Retry-After


class Superseded(DomainError):
    """Attempt {attempt} of operation {operation_id} no longer holds it: another one took over."""

    code = "superseded"
    status = 409


class NotPermitted(DomainError):
    """
    This needs the permission {permission}, which you do not have. An administrator can give it to
    you; the group Operators has it.
    """

    code = "permission_denied"
    status = 403


class StaffOnly(DomainError):
    """This concerns everybody's operations at once: only staff may."""

    code = "permission_denied"
    status = 403


class UserNotFound(DomainError):
    """There is no user {username}."""

    code = "user_not_found"
    status = 404


class NoResult(DomainError):
    """Operation {operation_id} has no results: it is {status}."""

    code = "no_result"
    status = 404


class IdempotencyKeyInFlight(DomainError):
    """A request with the Idempotency-Key {key} is under way. Try again when it has ended."""

    code = "idempotency_key_in_flight"
    status = 409


class IdempotencyKeyReused(DomainError):
    """The Idempotency-Key {key} came with another body before: a new request needs a new key."""

    code = "idempotency_key_reused"
    status = 422


class TooManyRequests(DomainError):
    """Too many requests of yours in the last minute: nothing was done. Try again in {wait} s."""

    code = "throttled"
    status = 429

    def __init__(self, *, wait: int) -> None:
        super().__init__(wait=wait)
        self.wait = wait  # seconds, for Retry-After

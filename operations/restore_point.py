"""Where a stopped training goes on from: its newest checkpoint that verifies.

A checkpoint that does not verify is quarantined, with an event, and the next older one is tried. A
storage that does not answer is no verdict: nothing is quarantined for it.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

from checkpoints import store
from checkpoints.errors import CheckpointCorruptedError, StorageUnreachableError
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.errors import NoCheckpoint, NoUsableCheckpoint, StorageUnavailable
from operations.models import EventType

T = TypeVar("T")

DIGEST_LIMIT_BYTES = 8 * 2**20
"""Up to here a request reads and digests a checkpoint itself (5 ms); a worker always does."""


def check_newest(operation_id: str) -> Checkpoint:
    """The newest usable checkpoint, as far as a request can tell without reading much.

    Raises `NoCheckpoint`, `NoUsableCheckpoint` or `StorageUnavailable`.
    """

    def check(checkpoint: Checkpoint) -> None:
        store.check(checkpoint, digest_limit_bytes=DIGEST_LIMIT_BYTES)

    return read_newest(operation_id, check)[0]


def read_newest(operation_id: str, read: Callable[[Checkpoint], T]) -> tuple[Checkpoint, T]:
    """The newest checkpoint that `read` finds no `CheckpointCorruptedError` in, and what it read.

    Raises as `check_newest` does.
    """
    for checkpoint in store.candidates(operation_id):
        try:
            return checkpoint, read(checkpoint)
        except CheckpointCorruptedError as error:
            quarantine(checkpoint, str(error))
        except StorageUnreachableError as error:
            raise StorageUnavailable(reason=str(error)) from error
    quarantined = Checkpoint.objects.filter(operation_id=operation_id).newest_first()
    if newest := quarantined.first():
        raise NoUsableCheckpoint(operation_id=operation_id, reason=newest.quarantine_reason)
    raise NoCheckpoint(operation_id=operation_id)


def describe(checkpoint: Checkpoint) -> dict[str, Any]:
    """What a resume answers as `resumed_from`: a copy that outlives the checkpoint."""
    return {
        "checkpoint_id": checkpoint.pk,
        "checkpoint_type": checkpoint.checkpoint_type,
        "created_at": checkpoint.created_at.isoformat(),
        "epoch": checkpoint.epoch,
        "batch": checkpoint.batch,
    }


def quarantine(checkpoint: Checkpoint, reason: str) -> None:
    """Let nothing start from it, with an event; nothing happens if that is so already."""
    with transaction.atomic():
        if store.quarantine(checkpoint, reason):
            lifecycle.note(
                checkpoint.operation_id,
                EventType.CHECKPOINT_QUARANTINED,
                {**describe(checkpoint), "reason": reason},
            )

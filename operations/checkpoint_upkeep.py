"""Look after stored checkpoints: read them back, and delete what nobody needs any more."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from checkpoints import retention, store
from checkpoints.errors import CheckpointCorruptedError, StorageUnreachableError
from checkpoints.models import Checkpoint
from operations import restore_point
from operations.errors import StorageUnavailable


class Verdict(Enum):
    WHOLE = "whole"
    CORRUPTED = "corrupted"
    DELETED = "deleted"
    """While it was being read, by a newer one or by hand."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    checkpoint: Checkpoint
    verdict: Verdict
    reason: str = ""
    """Which file is wrong, and how; empty for a whole one."""


@dataclass(frozen=True, kw_only=True)
class CleanUp:
    pruned: tuple[Checkpoint, ...]
    orphans: tuple[str, ...]
    """Directories in the checkpoint storage that belonged to no checkpoint."""


def verify(checkpoint: Checkpoint) -> Verification:
    """Read every byte back. A corrupted one is quarantined, a whole one is usable from now on.

    Raises `StorageUnavailable`, and then has changed nothing.
    """
    try:
        store.check(checkpoint, digest_limit_bytes=None)
    except CheckpointCorruptedError as error:
        return _condemn(checkpoint, str(error))
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error
    store.lift_quarantine(checkpoint)
    verdict = Verdict.WHOLE if store.mark_verified(checkpoint) else Verdict.DELETED
    return Verification(checkpoint=checkpoint, verdict=verdict)


def clean_up(*, max_age: timedelta, dry_run: bool = False) -> CleanUp:
    """Delete old checkpoints of stopped operations but for the newest that verifies, and what
    interrupted saves left. Raises `StorageUnavailable`."""
    try:
        return CleanUp(
            pruned=tuple(retention.prune(older_than=max_age, dry_run=dry_run)),
            orphans=tuple(retention.sweep_orphans(dry_run=dry_run)),
        )
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error


def _condemn(checkpoint: Checkpoint, reason: str) -> Verification:
    restore_point.quarantine(checkpoint, reason)
    exists = Checkpoint.objects.filter(pk=checkpoint.pk).exists()
    verdict = Verdict.CORRUPTED if exists else Verdict.DELETED
    return Verification(checkpoint=checkpoint, verdict=verdict, reason=reason if exists else "")

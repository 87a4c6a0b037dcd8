"""Look after stored checkpoints: read them back, and delete what nobody needs any more."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from django.core.files import File
from django.db import transaction

from checkpoints import retention, store
from checkpoints.errors import (
    CheckpointCorruptedError,
    CheckpointInUseError,
    StorageUnreachableError,
)
from checkpoints.models import Checkpoint, CheckpointArtifact
from operations import lifecycle, restore_point
from operations.bounded.slots import Slots
from operations.bounded.visit import Visit
from operations.errors import (
    ArtifactNotFound,
    CheckpointDamaged,
    CheckpointInUse,
    CheckpointNotFound,
    StorageUnavailable,
)
from operations.models import EventType

READINGS = Slots(at_once=2, patience_seconds=2)
"""Of checkpoints that requests have read back: each as long as its bytes take."""


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


def verify_asked(checkpoint: Checkpoint, *, user: object, visit: Visit) -> Verification:
    """As `verify`, for a request: it keeps nobody waiting for a turn meanwhile.

    `user`: whose one reading at a time it is. Raises `TooManyReadings`, too.
    """
    with READINGS.taken(user=user, visit=visit):
        return verify(checkpoint)


def open_artifact(checkpoint: Checkpoint, name: str) -> "tuple[CheckpointArtifact, File[bytes]]":
    """One stored file, to read; a checkpoint that lacks it, or bytes of it, is quarantined.

    Raises `ArtifactNotFound`, `CheckpointDamaged`, `StorageUnavailable`.
    """
    artifacts = {artifact.name: artifact for artifact in checkpoint.artifacts.all()}
    if name not in artifacts:
        names = ", ".join(artifacts)
        raise ArtifactNotFound(checkpoint_id=checkpoint.pk, name=name, names=names)
    try:
        return artifacts[name], store.open_artifact(artifacts[name])
    except CheckpointCorruptedError as error:
        if _condemn(checkpoint, str(error)).verdict is Verdict.DELETED:
            raise CheckpointNotFound(checkpoint_id=checkpoint.pk) from error
        raise CheckpointDamaged(checkpoint_id=checkpoint.pk, reason=str(error)) from error
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error


def delete(checkpoint: Checkpoint, *, force: bool = False) -> None:
    """Delete one by hand. Raises `CheckpointNotFound` when it is gone already, and
    `CheckpointInUse` for what a live operation may need or, without `force`, the last usable one
    of an operation that can resume."""
    try:
        with transaction.atomic():
            deleted = retention.delete_checkpoint(checkpoint, force=force)
            if deleted:
                _record_deletion(checkpoint)
    except CheckpointInUseError as error:
        raise CheckpointInUse(checkpoint_id=checkpoint.pk, reason=str(error)) from error
    if not deleted:
        raise CheckpointNotFound(checkpoint_id=checkpoint.pk)


def clean_up(*, max_age: timedelta, dry_run: bool = False) -> CleanUp:
    """Delete old checkpoints of stopped operations except for the newest that verifies, and what
    interrupted saves left. Raises `StorageUnavailable`."""
    try:
        return CleanUp(
            pruned=tuple(
                retention.prune(older_than=max_age, dry_run=dry_run, record=_record_deletion)
            ),
            orphans=tuple(retention.sweep_orphans(dry_run=dry_run)),
        )
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error


def clean_up_asked(*, max_age: timedelta, dry_run: bool, user: object, visit: Visit) -> CleanUp:
    """As `clean_up`, for a request: what stays is read back, too. Raises `TooManyReadings`."""
    with READINGS.taken(user=user, visit=visit):
        return clean_up(max_age=max_age, dry_run=dry_run)


def _record_deletion(checkpoint: Checkpoint) -> None:
    described = {
        "checkpoint_type": checkpoint.checkpoint_type,
        "epoch": checkpoint.epoch,
        "batch": checkpoint.batch,
    }
    lifecycle.note(checkpoint.operation_id, EventType.CHECKPOINT_DELETED, described)


def _condemn(checkpoint: Checkpoint, reason: str) -> Verification:
    restore_point.quarantine(checkpoint, reason)
    exists = Checkpoint.objects.filter(pk=checkpoint.pk).exists()
    verdict = Verdict.CORRUPTED if exists else Verdict.DELETED
    return Verification(checkpoint=checkpoint, verdict=verdict, reason=reason if exists else "")

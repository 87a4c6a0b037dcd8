"""Save, verify, load and delete checkpoints: the package's front door.

A save has two steps. `stage` makes the bytes durable, and nothing refers to them yet; `commit` only
inserts rows, in the transaction in which its caller proves that it may. Deleting goes the other way
round: rows first, files after the commit. So an interruption anywhere leaves files without a row,
which `retention.sweep_orphans` removes, and never a row without its files.

Whatever changes rows holds the operation's row first: commits and deletions of one operation happen
one after the other, and always lock in the same order.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from checkpoints import rows
from checkpoints.failpoints import failpoint
from checkpoints.models import (
    Checkpoint,
    CheckpointArtifact,
    CheckpointQuerySet,
)
from checkpoints.owners import lock_owner
from checkpoints.policy import KEEP_AT_LEAST
from checkpoints.prepared import Prepared
from checkpoints.reading import check, load, open_artifact
from checkpoints.staging import StagedCheckpoint, remove_directories, stage

__all__ = [
    "StagedCheckpoint",
    "candidates",
    "check",
    "commit",
    "delete",
    "delete_rows",
    "discard",
    "lift_quarantine",
    "load",
    "mark_verified",
    "open_artifact",
    "quarantine",
    "stage",
]

FORMAT_VERSION = 1
"""Version of the stored layout: one directory, one file per artifact."""


_NEWEST_FIRST = Prepared(
    lambda operation_id: Checkpoint.objects.filter(operation_id=operation_id).newest_first(),
    operation_id="an operation",
)


def commit(
    staged: StagedCheckpoint,
    *,
    keep: int,
    metrics: Mapping[str, Any] | None = None,
) -> Checkpoint:
    """Insert the rows of a staged checkpoint, and delete those behind the newest `keep` (≥ 2).

    Must run inside the transaction that holds the operation's row for this attempt. Files of
    deleted rows go after the commit. A commit whose answer was lost may be repeated: it finds the
    row that it has already made.
    """
    _require_transaction()
    if keep < KEEP_AT_LEAST:
        raise ValueError(f"keep is {keep}: it must be {KEEP_AT_LEAST} or more")
    failpoint("checkpoint.commit.begin")
    earlier: list[Checkpoint] = _NEWEST_FIRST.models(operation_id=staged.operation_id)
    for checkpoint in earlier:
        if checkpoint.directory == staged.directory:
            return checkpoint  # an answer that was lost
    checkpoint = _insert(staged, metrics or {})
    failpoint("checkpoint.commit.inserted")
    _delete(_superfluous(earlier, keep=keep - 1))  # with the new one it makes `keep`
    failpoint("checkpoint.commit.end")
    return checkpoint


def discard(staged: StagedCheckpoint) -> bool:
    """Delete staged files that will never get a row. False, and nothing done, if they have one.

    Waits for a commit of them that the database may still be busy with.
    """
    with transaction.atomic():
        lock_owner(staged.operation_id)
        if Checkpoint.objects.filter(directory=staged.directory).exists():
            return False
    failpoint("checkpoint.discard")
    remove_directories([staged.directory])
    return True


def candidates(operation_id: str) -> CheckpointQuerySet:
    """What an attempt may start from, best first."""
    return Checkpoint.objects.filter(operation_id=operation_id).usable().newest_first()


def quarantine(checkpoint: Checkpoint, reason: str) -> bool:
    """Let nothing start from it. True for exactly one of any number of concurrent callers, False
    also when it has been deleted meanwhile: then its missing files were no corruption."""
    with transaction.atomic():
        lock_owner(checkpoint.operation_id)
        return bool(Checkpoint.objects.try_quarantine(checkpoint.pk, reason=reason))


def lift_quarantine(checkpoint: Checkpoint) -> bool:
    """For one that was found whole after all. True for exactly one of concurrent callers."""
    with transaction.atomic():
        lock_owner(checkpoint.operation_id)
        return bool(Checkpoint.objects.try_lift_quarantine(checkpoint.pk))


def mark_verified(checkpoint: Checkpoint) -> bool:
    """Record that every byte was compared just now. False when it has been deleted meanwhile."""
    return bool(Checkpoint.objects.filter(pk=checkpoint.pk).update(verified_at=Now()))


def delete_rows(operation_id: str) -> int:
    """Delete all checkpoints of an operation; returns how many.

    Must run inside the transaction that ends the operation. The files go after its commit.
    """
    return delete(Checkpoint.objects.filter(operation_id=operation_id))


def delete(checkpoints: CheckpointQuerySet) -> int:
    """Delete rows now and their files after the commit; returns how many checkpoints.

    Must run inside a transaction that holds their operation's row.
    """
    _require_transaction()
    return _delete(list(checkpoints))


def _superfluous(newest_first: Iterable[Checkpoint], *, keep: int) -> list[Checkpoint]:
    """What lies behind the newest `keep` usable ones.

    A quarantined one is not counted, and goes when `keep` usable ones have passed it: until then a
    later look may find it whole after all.
    """
    num_usable, superfluous = 0, []
    for checkpoint in newest_first:
        if num_usable >= keep:
            superfluous.append(checkpoint)
        num_usable += checkpoint.quarantined_at is None
    return superfluous


def _delete(checkpoints: Sequence[Checkpoint]) -> int:
    for checkpoint in checkpoints:
        checkpoint.delete()  # one by one: a query set reads its rows before it deletes them
    if checkpoints:
        directories = [checkpoint.directory for checkpoint in checkpoints]

        def remove_files() -> None:  # a `partial` has no name for the log line of one that failed
            remove_directories(directories)

        transaction.on_commit(remove_files, robust=True)
    failpoint("checkpoint.delete.rows")
    return len(checkpoints)


def _insert(staged: StagedCheckpoint, metrics: Mapping[str, Any]) -> Checkpoint:
    checkpoint: Checkpoint = rows.insert_one(
        Checkpoint,
        ("id", "created_at"),
        operation_id=staged.operation_id,
        attempt=staged.attempt,
        epoch=staged.epoch,
        batch=staged.batch,
        checkpoint_type=staged.checkpoint_type,
        directory=staged.directory,
        size_bytes=staged.size_bytes,
        format_version=FORMAT_VERSION,
        metrics=dict(metrics),
    )
    failpoint("checkpoint.commit.row")
    artifacts = [
        {
            "checkpoint_id": checkpoint.pk,
            "name": artifact.name,
            "file": artifact.path,
            "size_bytes": artifact.size_bytes,
            "sha256": artifact.sha256,
        }
        for artifact in staged.artifacts
    ]
    rows.insert_each(CheckpointArtifact, artifacts)
    return checkpoint


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Rows of checkpoints change only in a transaction that holds the fence")

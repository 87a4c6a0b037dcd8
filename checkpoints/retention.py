"""What becomes superfluous with time, and what interruptions left behind.

`store.commit` keeps the newest few of a running operation. Here are the age limit, deletion by hand
and the sweep of orphans. When in doubt, nothing is deleted.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from checkpoints import files, reading, store
from checkpoints.directories import CheckpointDirectory
from checkpoints.errors import (
    CheckpointCorruptedError,
    CheckpointInUseError,
    StorageUnreachableError,
)
from checkpoints.failpoints import failpoint
from checkpoints.models import Checkpoint, CheckpointQuerySet
from checkpoints.owners import Owner, find_owners, lock_owner
from checkpoints.staging import remove_directories

logger = logging.getLogger(__name__)


def prune(
    *,
    older_than: timedelta,
    dry_run: bool = False,
    record: Callable[[Checkpoint], None] = lambda checkpoint: None,
) -> list[Checkpoint]:
    """Delete old checkpoints of stopped operations; returns what was deleted, or would be.

    Never touches a live operation. A stopped one keeps the newest that verifies, however old; where
    none does, it keeps them all. Age is judged by the database's clock. Raises
    `StorageUnreachableError`. `record` is called for each one in the transaction that deletes it.
    """
    old = Checkpoint.objects.filter(created_at__lt=Now() - older_than)
    operation_ids = old.order_by("operation_id").values_list("operation_id", flat=True).distinct()
    pruned: list[Checkpoint] = []
    for operation_id in list(operation_ids):
        of_operation = old.filter(operation_id=operation_id).newest_first()
        pruned += _prune(operation_id, of_operation, dry_run=dry_run, record=record)
    return pruned


def delete_checkpoint(checkpoint: Checkpoint, *, force: bool = False) -> bool:
    """Delete one by hand; False when it was gone already.

    Raises `CheckpointInUseError` while its operation is live and, without `force`, when it is the
    last usable one of an operation that can resume.
    """
    with transaction.atomic():
        operation = lock_owner(checkpoint.operation_id)
        if operation is not None and _may_need_it(operation):
            raise CheckpointInUseError(f"Operation {operation.pk} is live and may need it")
        others = store.candidates(checkpoint.operation_id).exclude(pk=checkpoint.pk)
        if operation is not None and operation.is_resumable and not (force or others.exists()):
            raise CheckpointInUseError(
                f"Operation {operation.pk} would have nothing left to resume from: "
                "use force to delete it all the same"
            )
        return bool(store.delete(Checkpoint.objects.filter(pk=checkpoint.pk)))


def sweep_orphans(*, dry_run: bool = False) -> list[str]:
    """Remove directories that no row refers to, or will; returns their paths.

    Directories are listed first, then operations are read, then rows. So a directory whose attempt
    was over when its operation was read, and which then has no row, never gets one: a commit needs
    its attempt to be current and running. A save in progress is not touched, and neither is a name
    that this package never gives. Directories of unknown operations go when they are a day old:
    a storage belongs to one database; where that knows none of them, it is the wrong one, and
    nothing goes.

    Must not run inside a transaction, whose snapshot could be older than the list. Raises
    `StorageUnreachableError`.
    """
    if transaction.get_connection().in_atomic_block:
        raise RuntimeError("The orphan sweep must see every commit, so it runs in no transaction")
    directories = _list_directories()
    failpoint("checkpoint.sweep.listed")
    ended = _of_ended_attempts(directories)
    failpoint("checkpoint.sweep.operations")
    with_row = Checkpoint.objects.in_bulk(ended, field_name="directory")
    orphans = sorted(path for path in ended if path not in with_row)
    if not dry_run:
        remove_directories(orphans)
    return orphans


def _prune(
    operation_id: str,
    old: CheckpointQuerySet,
    *,
    dry_run: bool,
    record: Callable[[Checkpoint], None],
) -> list[Checkpoint]:
    if not _may_prune(operation_id, old):
        return []
    kept = _newest_verified(operation_id)  # reads files: before the transaction, not in it
    failpoint("checkpoint.prune.verified")
    if kept is None:
        return []
    with transaction.atomic():
        operation = lock_owner(operation_id)
        kept_is_usable = store.candidates(operation_id).filter(pk=kept.pk).exists()
        if operation is None or _may_need_it(operation) or not kept_is_usable:
            return []  # it changed while its files were read
        pruned = list(old.exclude(pk=kept.pk))
        if not dry_run:
            store.delete(Checkpoint.objects.filter(pk__in=[checkpoint.pk for checkpoint in pruned]))
            for checkpoint in pruned:
                record(checkpoint)
        failpoint("checkpoint.prune.end")
    return pruned


def _may_prune(operation_id: str, old: CheckpointQuerySet) -> bool:
    """Whether it is worth reading files for: something is old, and something else would stay."""
    operation = find_owners([operation_id]).get(operation_id)
    if operation is None or _may_need_it(operation):
        return False
    newest = store.candidates(operation_id).first()
    return newest is not None and old.exclude(pk=newest.pk).exists()


def _may_need_it(operation: Owner) -> bool:
    """Whether an attempt of it may go on at any moment, by its family's decision or its own."""
    return operation.is_live or operation.is_of_live_family


def _newest_verified(operation_id: str) -> Checkpoint | None:
    for checkpoint in store.candidates(operation_id):
        try:
            reading.check(checkpoint, digest_limit_bytes=None)
        except CheckpointCorruptedError:
            continue  # the next resume or verification quarantines it, with an event
        return checkpoint
    return None


def _list_directories() -> dict[str, CheckpointDirectory]:
    """By path, those whose names this package has given."""
    try:
        paths = files.list_directories()
    except StorageUnreachableError:
        if Checkpoint.objects.exists():
            raise
        return {}  # nothing was ever saved, so there is no directory to list
    parsed = {path: CheckpointDirectory.parse(path) for path in paths}
    return {path: directory for path, directory in parsed.items() if directory is not None}


def _of_ended_attempts(directories: Mapping[str, CheckpointDirectory]) -> list[str]:
    ids = {directory.operation_id for directory in directories.values()}
    operations = find_owners(ids)
    if ids and not operations:
        logger.warning(
            "Left %d directories of checkpoints alone: this database knows none of their "
            "operations, so they may be another site's",
            len(directories),
        )
        return []
    return [
        path
        for path, directory in directories.items()
        if _has_ended(path, directory.attempt, operations.get(directory.operation_id))
    ]


def _has_ended(path: str, attempt: int, operation: Owner | None) -> bool:
    if operation is None:
        return files.is_abandoned(path)
    return attempt < operation.attempt or not operation.is_live

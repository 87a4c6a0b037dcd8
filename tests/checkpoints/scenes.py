"""Operations and checkpoints in the states that the tests begin with."""

from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models.functions import Now

from checkpoints import store
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.models import Operation


def running_operation() -> Operation:
    operation = lifecycle.start(operation_type="training", request={}, queue="training")
    return claim(operation)


def claim(operation: Operation) -> Operation:
    claimed = lifecycle.claim(
        operation.pk, operation.attempt, worker="w", device="cpu", token="token"
    )
    assert claimed is not None
    return claimed


def next_attempt(operation: Operation) -> Operation:
    """Its worker shuts down and another one takes it."""
    assert lifecycle.interrupt(operation.pk, operation.attempt)
    return claim(Operation.objects.get(pk=operation.pk))


def cancel(operation: Operation) -> Operation:
    assert lifecycle.cancel(operation.pk, operation.attempt)
    return Operation.objects.get(pk=operation.pk)


def resume(operation: Operation) -> Operation:
    assert lifecycle.resume(
        operation.pk, operation.attempt, resumed_from={}, request={}, queue="training"
    )
    return claim(Operation.objects.get(pk=operation.pk))


def contents(epoch: int, batch: int = 0) -> dict[str, bytes]:
    """Artifacts that differ from position to position."""
    mark = f"{epoch},{batch};".encode()
    return {"model.pt": mark * 4000, "optimizer.pt": mark * 9000, "trainer_state.pt": mark}


def stage(operation: Operation, epoch: int, batch: int = 0) -> store.StagedCheckpoint:
    return store.stage(
        operation_id=operation.pk,
        attempt=operation.attempt,
        epoch=epoch,
        batch=batch,
        checkpoint_type="periodic",
        artifacts=contents(epoch, batch),
    )


def save(operation: Operation, epoch: int, batch: int = 0, *, keep: int = 2) -> Checkpoint:
    staged = stage(operation, epoch, batch)
    with lifecycle.fenced(operation.pk, operation.attempt):
        return store.commit(staged, keep=keep)


def age(checkpoint: Checkpoint, *, days: float) -> None:
    then = Now() - timedelta(days=days)
    assert Checkpoint.objects.filter(pk=checkpoint.pk).update(created_at=then) == 1


def positions(operation: Operation) -> list[tuple[int, int, int]]:
    """(attempt, epoch, batch) of every row, newest first."""
    rows = Checkpoint.objects.filter(operation=operation).newest_first()
    return list(rows.values_list("attempt", "epoch", "batch"))


def stored_files(root: Path) -> set[str]:
    """Every file, as a path in the storage; temporary files and empty directories too."""
    leaves = (path for path in root.rglob("*") if path.is_file() or not any(path.iterdir()))
    return {path.relative_to(root).as_posix() for path in leaves}


def indexed_files() -> set[str]:
    with transaction.atomic():
        checkpoints = Checkpoint.objects.prefetch_related("artifacts")
        return {str(a.file.name) for c in checkpoints for a in c.artifacts.all()}

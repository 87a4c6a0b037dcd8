"""The sweep takes what interruptions left, and cannot touch a save in progress."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from checkpoints import retention, store
from checkpoints.errors import StorageUnreachableError
from checkpoints.storage import checkpoint_storage
from operations import lifecycle
from operations.models import Operation
from tests.checkpoints import scenes


@pytest.fixture
def while_sweeping(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Lets something happen at a named point of the sweep."""

    def install(point: str, happen: Callable[[], object]) -> None:
        monkeypatch.setattr(
            retention, "failpoint", lambda name: happen() if name == point else None
        )

    return install


def test_a_save_in_progress_is_not_touched(operation: Operation) -> None:
    staged = scenes.stage(operation, 1)

    assert retention.sweep_orphans() == []

    with lifecycle.fenced(operation.pk, 1):
        assert store.load(store.commit(staged, keep=2)) == scenes.contents(1)


@pytest.mark.parametrize("end", [scenes.next_attempt, scenes.cancel])
def test_a_save_whose_attempt_is_over_goes(
    operation: Operation, root: Path, end: Callable[[Operation], object]
) -> None:
    scenes.save(operation, 1)
    staged = scenes.stage(operation, 2)
    end(operation)

    assert retention.sweep_orphans() == [staged.directory]
    assert scenes.stored_files(root) == scenes.indexed_files()


def test_a_deleted_operations_files_go_when_they_are_old(operation: Operation, root: Path) -> None:
    checkpoint = scenes.save(operation, 1)
    operation.delete()
    age(root / checkpoint.directory)
    kept = scenes.save(scenes.running_operation(), 1)

    assert retention.sweep_orphans() == [checkpoint.directory]
    assert scenes.stored_files(root) == scenes.indexed_files()
    assert store.load(kept) == scenes.contents(1)


def test_a_database_that_knows_nothing_of_the_storage_removes_nothing(
    operation: Operation, root: Path
) -> None:
    """As an empty one does, to which a mistyped DATABASE_URL leads."""
    checkpoint = scenes.save(operation, 1)
    age(root / checkpoint.directory)
    before = scenes.stored_files(root)
    Operation.objects.all().delete()

    assert retention.sweep_orphans() == []
    assert scenes.stored_files(root) == before


def age(directory: Path) -> None:
    yesterday = time.time() - timedelta(hours=25).total_seconds()
    for path in directory.iterdir():
        os.utime(path, (yesterday, yesterday))


def test_files_may_be_staged_before_their_operation_is_started(transactional_db: None) -> None:
    staged = store.stage(
        operation_id="op_child",
        attempt=0,
        epoch=3,
        batch=0,
        checkpoint_type="periodic",
        artifacts=scenes.contents(3),
    )

    assert retention.sweep_orphans() == []

    with transaction.atomic():
        lifecycle.start(
            operation_id="op_child", operation_type="training", request={}, queue="training"
        )
        checkpoint = store.commit(staged, keep=2)
    assert retention.sweep_orphans() == []
    assert store.load(checkpoint) == scenes.contents(3)


def test_a_dry_run_tells_and_removes_nothing(operation: Operation, root: Path) -> None:
    staged = scenes.stage(operation, 1)
    scenes.cancel(operation)

    assert retention.sweep_orphans(dry_run=True) == [staged.directory]
    assert len(scenes.stored_files(root)) == 3


def test_what_others_store_is_not_touched(operation: Operation, root: Path) -> None:
    for name in ("models/m1/model.safetensors", "checkpoints/notes/readme", "market_data/x.csv"):
        checkpoint_storage().save(name, ContentFile(b"x"))
    before = scenes.stored_files(root)

    assert retention.sweep_orphans() == []
    assert scenes.stored_files(root) == before


@pytest.mark.parametrize("point", ["checkpoint.sweep.listed", "checkpoint.sweep.operations"])
def test_a_checkpoint_committed_during_the_sweep_stays(
    operation: Operation,
    point: str,
    while_sweeping: Callable[[str, Callable[[], object]], None],
) -> None:
    staged = scenes.stage(operation, 1)

    def commit_and_end() -> None:
        with lifecycle.fenced(operation.pk, 1):
            store.commit(staged, keep=2)
        scenes.cancel(operation)

    while_sweeping(point, commit_and_end)

    assert retention.sweep_orphans() == []
    (checkpoint,) = store.candidates(operation.pk)
    assert store.load(checkpoint) == scenes.contents(1)


def test_a_save_staged_by_the_next_attempt_during_the_sweep_stays(
    operation: Operation, while_sweeping: Callable[[str, Callable[[], object]], None]
) -> None:
    cancelled = scenes.cancel(operation)
    staged = []

    while_sweeping(
        "checkpoint.sweep.listed",
        lambda: staged.append(scenes.stage(scenes.resume(cancelled), 1)),
    )
    assert retention.sweep_orphans() == []
    with lifecycle.fenced(operation.pk, 2):
        store.commit(staged[0], keep=2)


def test_a_sweep_inside_a_transaction_is_refused(operation: Operation) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="no transaction"):
        retention.sweep_orphans()


def test_a_new_site_has_nothing_to_sweep(transactional_db: None) -> None:
    assert retention.sweep_orphans() == []


def test_an_unreachable_storage_is_told(operation: Operation, root: Path) -> None:
    scenes.save(operation, 1)
    root.rename(root.parent / "elsewhere")

    with pytest.raises(StorageUnreachableError):
        retention.sweep_orphans()

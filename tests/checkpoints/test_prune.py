"""Age-based cleanup never touches a live operation and leaves a stopped one a way back."""

from datetime import timedelta
from pathlib import Path

import pytest

from checkpoints import retention, store
from checkpoints.errors import StorageUnreachableError
from checkpoints.models import Checkpoint
from operations.models import Operation
from tests.checkpoints import scenes

MONTH = timedelta(days=30)


@pytest.fixture
def old(operation: Operation) -> list[Checkpoint]:
    """Epochs 1, 2 and 3 of an operation, 31 days old."""
    saved = [scenes.save(operation, epoch, keep=9) for epoch in (1, 2, 3)]
    for checkpoint in saved:
        scenes.age(checkpoint, days=31)
    return saved


def prune(**options: object) -> list[int]:
    """Epochs of what was pruned."""
    return [c.epoch for c in retention.prune(older_than=MONTH, **options)]  # type: ignore[arg-type]


def test_a_live_operation_is_not_touched(operation: Operation, old: list[Checkpoint]) -> None:
    assert prune() == []
    assert len(scenes.positions(operation)) == 3


def test_a_stopped_operation_keeps_its_newest(
    operation: Operation, old: list[Checkpoint], root: Path
) -> None:
    scenes.cancel(operation)

    assert prune() == [2, 1]
    assert scenes.positions(operation) == [(1, 3, 0)]
    assert scenes.stored_files(root) == scenes.indexed_files()


def test_a_stopped_operation_keeps_its_newest_that_verifies(
    operation: Operation, old: list[Checkpoint], root: Path
) -> None:
    scenes.cancel(operation)
    (root / old[2].directory / "model.pt").unlink()

    assert prune() == [3, 1]
    assert scenes.positions(operation) == [(1, 2, 0)]


def test_quarantined_ones_go_with_the_others(operation: Operation, old: list[Checkpoint]) -> None:
    scenes.cancel(operation)
    store.quarantine(old[2], "one bit is wrong")

    assert prune() == [3, 1]


def test_nothing_goes_where_nothing_verifies(
    operation: Operation, old: list[Checkpoint], root: Path
) -> None:
    scenes.cancel(operation)
    for checkpoint in old:
        (root / checkpoint.directory / "model.pt").unlink()

    assert prune() == []
    assert len(scenes.positions(operation)) == 3


def test_nothing_goes_while_the_storage_does_not_answer(
    operation: Operation, old: list[Checkpoint], root: Path
) -> None:
    scenes.cancel(operation)
    root.rename(root.parent / "elsewhere")

    with pytest.raises(StorageUnreachableError):
        prune()
    assert len(scenes.positions(operation)) == 3


def test_younger_ones_stay(operation: Operation, old: list[Checkpoint]) -> None:
    for epoch in (4, 5):
        scenes.save(operation, epoch, keep=9)
    scenes.cancel(operation)

    assert prune() == [3, 2, 1]
    assert scenes.positions(operation) == [(1, 5, 0), (1, 4, 0)]


def test_a_dry_run_tells_and_deletes_nothing(operation: Operation, old: list[Checkpoint]) -> None:
    scenes.cancel(operation)

    assert prune(dry_run=True) == [2, 1]
    assert [store.load(c) for c in old] == [scenes.contents(epoch) for epoch in (1, 2, 3)]


def test_an_operation_resumed_while_its_files_were_read_is_not_touched(
    operation: Operation, old: list[Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = scenes.cancel(operation)
    resumed = []

    def resume_meanwhile(name: str) -> None:
        if name == "checkpoint.prune.verified":
            resumed.append(scenes.resume(cancelled))

    monkeypatch.setattr(retention, "failpoint", resume_meanwhile)

    assert prune() == []
    assert resumed
    assert len(scenes.positions(operation)) == 3

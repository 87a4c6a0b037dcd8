"""A save that fails says why, cleans up after itself and hurts no older checkpoint."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from checkpoints import store
from checkpoints.errors import StorageFullError, StorageUnreachableError
from operations.models import Operation
from tests.checkpoints import scenes


@pytest.fixture
def small_volume(root: Path) -> Iterator[Path]:
    """The storage on a file system of 512 KiB."""
    root.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(root)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("mounting a file system is not permitted here")
    yield root
    subprocess.run(["umount", str(root)], check=True)


def big_save(operation: Operation, *, num_artifacts: int) -> None:
    store.stage(
        operation_id=operation.pk,
        attempt=operation.attempt,
        epoch=9,
        batch=0,
        checkpoint_type="periodic",
        artifacts={f"part{number}.pt": b"x" * (200 << 10) for number in range(num_artifacts)},
    )


def test_a_full_disk_is_told_and_the_older_checkpoint_still_loads(
    operation: Operation, small_volume: Path
) -> None:
    older = scenes.save(operation, 1)

    with pytest.raises(StorageFullError, match="No space left on device"):
        big_save(operation, num_artifacts=3)

    assert store.load(older) == scenes.contents(1)
    assert scenes.stored_files(small_volume) == scenes.indexed_files()
    newer = scenes.save(operation, 2)  # there is room again: nothing was left behind
    assert store.load(newer) == scenes.contents(2)


@pytest.mark.parametrize(
    "point",
    [
        "checkpoint.write.directory",
        "checkpoint.write.chunk",
        "checkpoint.write.chunk=ENOSPC@2",
        "checkpoint.write.sync",
        "checkpoint.write.rename",
        "checkpoint.write.sync_directory",
    ],
)
def test_no_space_at_any_step_leaves_nothing_behind(
    operation: Operation, root: Path, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = scenes.save(operation, 1)
    plan = point if "=" in point else f"{point}=ENOSPC"
    monkeypatch.setenv("KTRDR_FAILPOINTS", plan)

    with pytest.raises(StorageFullError):
        scenes.stage(operation, 2)

    monkeypatch.delenv("KTRDR_FAILPOINTS")
    assert store.load(older) == scenes.contents(1)
    assert scenes.stored_files(root) == scenes.indexed_files()


def test_another_error_of_the_disk_is_unreachable_not_full(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "checkpoint.write.sync=EROFS")

    with pytest.raises(StorageUnreachableError, match="Read-only") as raised:
        scenes.stage(operation, 1)
    assert not isinstance(raised.value, StorageFullError)


def test_files_that_cannot_be_removed_are_left_to_the_sweep_with_a_warning(
    operation: Operation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for epoch in (1, 2):
        scenes.save(operation, epoch)
    monkeypatch.setenv("KTRDR_FAILPOINTS", "checkpoint.remove.file=EIO")

    newest = scenes.save(operation, 3)

    assert "to the orphan sweep" in caplog.text
    assert scenes.positions(operation) == [(1, 3, 0), (1, 2, 0)]
    assert store.load(newest) == scenes.contents(3)


def test_a_storage_that_is_not_there_is_told(settings: Settings, operation: Operation) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "checkpoints": {
            "BACKEND": "checkpoints.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": "/proc/nowhere"},
        },
    }

    with pytest.raises(StorageUnreachableError, match="nowhere"):
        scenes.stage(operation, 1)

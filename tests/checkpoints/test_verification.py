"""Wrong bytes are found and named; a storage that does not answer is no verdict."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from checkpoints import store
from checkpoints.errors import CheckpointCorruptedError, StorageUnreachableError
from checkpoints.models import Checkpoint
from operations.models import Operation
from tests.checkpoints import scenes

MEBIBYTE = 1 << 20


@pytest.fixture
def checkpoint(operation: Operation) -> Checkpoint:
    return scenes.save(operation, 3)


@pytest.fixture
def model(checkpoint: Checkpoint, root: Path) -> Path:
    return root / checkpoint.directory / "model.pt"


def check(checkpoint: Checkpoint) -> object:
    return store.check(checkpoint, digest_limit_bytes=8 * MEBIBYTE)


def flip_one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize("read", [check, store.load])
@pytest.mark.parametrize("damage", [Path.unlink, empty, truncate, lengthen, flip_one_bit])
def test_a_damaged_artifact_is_named(
    checkpoint: Checkpoint,
    model: Path,
    damage: Callable[[Path], None],
    read: Callable[[Checkpoint], object],
) -> None:
    read(checkpoint)
    damage(model)

    with pytest.raises(CheckpointCorruptedError, match=f"{checkpoint.directory}/model.pt"):
        read(checkpoint)


@pytest.mark.parametrize("read", [check, store.load])
def test_a_missing_directory_among_others_is_corruption(
    operation: Operation,
    checkpoint: Checkpoint,
    root: Path,
    read: Callable[[Checkpoint], object],
) -> None:
    scenes.save(operation, 4)
    shutil.rmtree(root / checkpoint.directory)

    with pytest.raises(CheckpointCorruptedError, match="missing"):
        read(checkpoint)


@pytest.mark.parametrize("read", [check, store.load])
def test_a_storage_of_another_site_is_no_corruption(
    operation: Operation,
    checkpoint: Checkpoint,
    root: Path,
    read: Callable[[Checkpoint], object],
) -> None:
    other = scenes.save(operation, 4)
    for gone in (checkpoint, other):
        (root / gone.directory).rename(root / f"{gone.directory[:-8]}00000000")

    with pytest.raises(StorageUnreachableError, match="none of the 2 checkpoints of this site"):
        read(checkpoint)


@pytest.mark.parametrize("read", [check, store.load])
@pytest.mark.parametrize("lost", ["", "checkpoints"], ids=["the root", "all of it"])
def test_a_volume_that_is_not_mounted_is_unreachable(
    checkpoint: Checkpoint, root: Path, lost: str, read: Callable[[Checkpoint], object]
) -> None:
    (root / lost).rename(root.parent / "elsewhere")

    with pytest.raises(StorageUnreachableError):
        read(checkpoint)


@pytest.mark.parametrize("read", [check, store.load])
def test_an_input_output_error_is_unreachable(
    checkpoint: Checkpoint,
    read: Callable[[Checkpoint], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KTRDR_FAILPOINTS", "checkpoint.read=EIO")

    with pytest.raises(StorageUnreachableError, match="Input/output error"):
        read(checkpoint)


def test_digests_are_compared_up_to_the_limit_only(checkpoint: Checkpoint, model: Path) -> None:
    flip_one_bit(model)

    assert not store.check(checkpoint, digest_limit_bytes=checkpoint.size_bytes - 1)
    with pytest.raises(CheckpointCorruptedError):
        store.check(checkpoint, digest_limit_bytes=checkpoint.size_bytes)
    with pytest.raises(CheckpointCorruptedError):
        store.check(checkpoint, digest_limit_bytes=None)


def test_sizes_are_compared_whatever_the_limit(checkpoint: Checkpoint, model: Path) -> None:
    truncate(model)

    with pytest.raises(CheckpointCorruptedError, match="bytes"):
        store.check(checkpoint, digest_limit_bytes=0)


def test_a_checkpoint_deleted_meanwhile_is_not_quarantined(
    checkpoint: Checkpoint, operation: Operation
) -> None:
    scenes.save(operation, 4)
    scenes.save(operation, 5)  # keeps 4 and 5

    with pytest.raises(CheckpointCorruptedError):
        store.load(checkpoint)
    assert not store.quarantine(checkpoint, "its files are gone")

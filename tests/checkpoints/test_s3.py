"""Checkpoints on an S3 server: the same protocol, the same verification, the same crash matrix."""

import signal
from datetime import timedelta

import pytest

from checkpoints import files, retention, store
from checkpoints.errors import CheckpointCorruptedError, StorageUnreachableError
from checkpoints.models import Checkpoint
from operations.models import Operation
from tests.checkpoints import scenes
from tests.checkpoints.killing import (
    assert_something_loads,
    complete,
    end_attempt,
    run_until_killed,
    save,
    sweep,
)
from tests.running.s3 import BUCKET, S3Server, own_s3, s3, s3_server

__all__ = ["own_s3", "s3", "s3_server"]

MULTI_PART_BYTES = 9 << 20  # boto3 uploads in parts from 8 MiB


@pytest.fixture
def root() -> None:
    """The package's own directory is not used here."""


@pytest.fixture
def operation(transactional_db: None, s3: S3Server) -> Operation:
    return scenes.running_operation()


def test_checkpoints_are_saved_loaded_kept_and_pruned(operation: Operation, s3: S3Server) -> None:
    for epoch in (1, 2, 3):
        scenes.age(scenes.save(operation, epoch), days=31)

    assert [store.load(c) for c in store.candidates(operation.pk)] == [
        scenes.contents(3),
        scenes.contents(2),
    ]
    assert s3.names() == scenes.indexed_files()

    scenes.cancel(operation)
    assert len(retention.prune(older_than=timedelta(days=30))) == 1
    assert s3.names() == scenes.indexed_files()


def test_a_large_artifact_goes_in_parts_and_comes_back_whole(operation: Operation) -> None:
    content = bytes(range(256)) * (MULTI_PART_BYTES // 256)
    [path] = files.write_each("checkpoints", {"large": content})

    assert files.size(path) == MULTI_PART_BYTES
    assert files.read(path) == content


def test_orphans_are_swept(operation: Operation, s3: S3Server) -> None:
    kept = scenes.save(operation, 1)
    staged = scenes.stage(operation, 2)
    scenes.cancel(operation)

    assert retention.sweep_orphans() == [staged.directory]
    assert files.list_directories() == [kept.directory]


def test_a_flipped_bit_and_a_missing_object_are_corruption(
    operation: Operation, s3: S3Server
) -> None:
    flipped, missing = scenes.save(operation, 1), scenes.save(operation, 2)
    content = bytearray(scenes.contents(1)["model.pt"])
    content[-1] ^= 1
    s3.client().put_object(Bucket=BUCKET, Key=f"{flipped.directory}/model.pt", Body=bytes(content))
    s3.client().delete_object(Bucket=BUCKET, Key=f"{missing.directory}/model.pt")

    for checkpoint in (flipped, missing):
        with pytest.raises(CheckpointCorruptedError, match=r"model\.pt"):
            store.load(checkpoint)


def test_a_bucket_that_is_gone_is_no_corruption(operation: Operation, s3: S3Server) -> None:
    """To its client a missing bucket looks like a missing object: 404."""
    checkpoint = scenes.save(operation, 1)
    for name in s3.names():
        s3.client().delete_object(Bucket=BUCKET, Key=name)
    s3.client().delete_bucket(Bucket=BUCKET)

    with pytest.raises(StorageUnreachableError):
        store.check(checkpoint, digest_limit_bytes=None)


def test_a_server_that_is_gone_is_unreachable(transactional_db: None, own_s3: S3Server) -> None:
    operation = scenes.running_operation()
    checkpoint = scenes.save(operation, 1)
    own_s3.stop()

    with pytest.raises(StorageUnreachableError):
        store.load(checkpoint)
    with pytest.raises(StorageUnreachableError):
        scenes.stage(operation, 2)


@pytest.mark.parametrize(
    ("scenario", "point"),
    [
        (save, "checkpoint.stage.artifact@2"),
        (save, "checkpoint.stage.end"),
        (save, "checkpoint.commit.end"),
        (save, "checkpoint.remove.file@2"),
        (complete, "checkpoint.delete.rows"),
        (sweep, "checkpoint.remove.file"),
    ],
)
def test_a_kill_loses_no_checkpoint_and_leaves_no_orphan(
    operation: Operation, s3: S3Server, scenario, point: str
) -> None:
    for epoch in (1, 2):
        scenes.save(operation, epoch)

    assert run_until_killed(scenario, operation, point) == -signal.SIGKILL

    assert_something_loads(operation)
    end_attempt(operation.pk)
    retention.sweep_orphans()
    assert s3.names() == scenes.indexed_files()
    assert Checkpoint.objects.exists() or scenario is complete

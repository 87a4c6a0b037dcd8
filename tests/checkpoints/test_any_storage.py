"""Any Django storage can take the place of the file system: only its Storage API is used."""

from datetime import timedelta

import pytest
from django.core.files import File
from django.core.files.storage import InMemoryStorage, Storage
from pytest_django import Settings

from checkpoints import files, retention, store
from checkpoints.errors import CheckpointCorruptedError, StorageUnreachableError
from checkpoints.storage import checkpoint_storage, free_bytes
from operations.models import Operation
from tests.checkpoints import scenes


class ClientError(Exception):
    """As an S3 client raises it: no OSError."""


class RemoteStorage(Storage):
    """Somewhere else: without paths on this machine, and sometimes cut off."""

    def __init__(self) -> None:
        self.bucket = InMemoryStorage()
        self.reachable = True

    def ask(self) -> InMemoryStorage:
        if not self.reachable:
            raise ClientError("Could not connect to the endpoint")
        return self.bucket

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        return self.ask().open(name, mode)

    def _save(self, name: str, content: "File[bytes]") -> str:
        return self.ask().save(name, content)

    def delete(self, name: str) -> None:
        self.ask().delete(name)

    def exists(self, name: str) -> bool:
        return self.ask().exists(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return self.ask().listdir(path)

    def size(self, name: str) -> int:
        return self.ask().size(name)


@pytest.fixture
def remote(settings: Settings) -> RemoteStorage:
    backend = f"{__name__}.RemoteStorage"
    settings.STORAGES = {**settings.STORAGES, "checkpoints": {"BACKEND": backend}}
    storage = checkpoint_storage()
    assert isinstance(storage, RemoteStorage)
    return storage


def test_checkpoints_are_saved_loaded_kept_and_pruned(
    operation: Operation, remote: RemoteStorage
) -> None:
    for epoch in (1, 2, 3):
        scenes.age(scenes.save(operation, epoch), days=31)

    assert [store.load(c) for c in store.candidates(operation.pk)] == [
        scenes.contents(3),
        scenes.contents(2),
    ]
    assert len(files.list_directories()) == 2

    scenes.cancel(operation)
    assert len(retention.prune(older_than=timedelta(days=30))) == 1
    assert len(files.list_directories()) == 1


def test_orphans_are_swept(operation: Operation, remote: RemoteStorage) -> None:
    kept = scenes.save(operation, 1)
    staged = scenes.stage(operation, 2)
    scenes.cancel(operation)

    assert retention.sweep_orphans() == [staged.directory]
    assert files.list_directories() == [kept.directory]


def test_a_request_does_not_read_digests_over_the_network(
    operation: Operation, remote: RemoteStorage
) -> None:
    checkpoint = scenes.save(operation, 1)
    with remote.bucket.open(f"{checkpoint.directory}/model.pt", "r+b") as file:
        file.write(b"X")

    assert not store.check(checkpoint, digest_limit_bytes=8 << 20)
    with pytest.raises(CheckpointCorruptedError, match=r"model\.pt"):
        store.check(checkpoint, digest_limit_bytes=None)


def test_a_missing_file_is_corruption(operation: Operation, remote: RemoteStorage) -> None:
    checkpoint = scenes.save(operation, 1)
    remote.bucket.delete(f"{checkpoint.directory}/model.pt")

    with pytest.raises(CheckpointCorruptedError, match=r"model\.pt is missing"):
        store.check(checkpoint, digest_limit_bytes=8 << 20)


def test_an_error_of_its_client_library_is_unreachable(
    operation: Operation, remote: RemoteStorage
) -> None:
    checkpoint = scenes.save(operation, 1)
    remote.reachable = False

    for act in (
        lambda: store.load(checkpoint),
        lambda: store.check(checkpoint, digest_limit_bytes=None),
        lambda: scenes.stage(operation, 2),
        retention.sweep_orphans,
    ):
        with pytest.raises(StorageUnreachableError, match="Could not connect"):
            act()


def test_its_free_space_is_its_own_business(remote: RemoteStorage) -> None:
    assert free_bytes() is None

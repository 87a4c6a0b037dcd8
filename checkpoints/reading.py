"""Read a checkpoint back, and tell wrong bytes from a storage that does not answer."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.files import File

from checkpoints import files
from checkpoints.errors import CheckpointCorruptedError, StorageUnreachableError
from checkpoints.models import Checkpoint, CheckpointArtifact
from checkpoints.storage import checkpoint_storage, is_local

T = TypeVar("T")


def check(checkpoint: Checkpoint, *, digest_limit_bytes: int | None) -> bool:
    """Compare the presence and size of every artifact with what was saved, and their digests.

    Digests are compared up to a total of `digest_limit_bytes` on local storage; None compares them
    always. Returns whether they were. Raises `CheckpointCorruptedError`, `StorageUnreachableError`.
    """
    artifacts = _artifacts(checkpoint)
    for artifact in artifacts:
        _compare_size(artifact, _read(artifact, files.size))
    if digest_limit_bytes is not None and (
        checkpoint.size_bytes > digest_limit_bytes or not is_local(checkpoint_storage())
    ):
        return False
    for artifact in artifacts:
        _compare_digest(artifact, _read(artifact, files.sha256))
    return True


def load(checkpoint: Checkpoint) -> dict[str, bytes]:
    """Every artifact by name, each compared with its size and digest.

    Raises `CheckpointCorruptedError`, `StorageUnreachableError`.
    """
    contents = {}
    for artifact in _artifacts(checkpoint):
        content = _read(artifact, files.read)
        _compare_size(artifact, len(content))
        _compare_digest(artifact, hashlib.sha256(content).hexdigest())
        contents[artifact.name] = content
    return contents


def open_artifact(artifact: CheckpointArtifact) -> "File[bytes]":
    """The stored file, for a download, of the size that was saved; its digest is not compared.

    Raises `CheckpointCorruptedError`, `StorageUnreachableError`.
    """
    _compare_size(artifact, _read(artifact, files.size))
    return _read(artifact, files.open_file)


def _artifacts(checkpoint: Checkpoint) -> list[CheckpointArtifact]:
    artifacts = list(checkpoint.artifacts.order_by("name"))
    if not artifacts:  # its rows were deleted since the caller read them
        raise CheckpointCorruptedError(f"{checkpoint.directory} has no artifacts any more")
    return artifacts


def _read(artifact: CheckpointArtifact, read: Callable[[str], T]) -> T:
    path = _path(artifact)
    try:
        return read(path)
    except FileNotFoundError as error:
        _refuse_another_storage()
        raise CheckpointCorruptedError(f"{path} is missing") from error


def _refuse_another_storage() -> None:
    """Raises `StorageUnreachableError` where nothing of ours is there: then what is missing is the
    storage as a whole, or this is another one, and no checkpoint is to blame."""
    there = set(files.list_directories())
    ours = Checkpoint.objects.order_by("-pk").values_list("directory", flat=True)
    if ours.exists() and there.isdisjoint(ours.iterator()):
        raise StorageUnreachableError(
            f"The storage has none of the {ours.count()} checkpoints of this site: a volume that "
            "is not mounted, or a KTRDR_CHECKPOINT_STORAGE that names another place"
        )


def _compare_size(artifact: CheckpointArtifact, size_bytes: int) -> None:
    if size_bytes != artifact.size_bytes:
        raise CheckpointCorruptedError(
            f"{_path(artifact)} has {size_bytes} bytes, but {artifact.size_bytes} were saved"
        )


def _compare_digest(artifact: CheckpointArtifact, sha256: str) -> None:
    if sha256 != artifact.sha256:
        raise CheckpointCorruptedError(
            f"{_path(artifact)} has SHA-256 {sha256}, but {artifact.sha256} was saved"
        )


def _path(artifact: CheckpointArtifact) -> str:
    name = artifact.file.name
    assert name is not None  # `store.commit` gives every row one
    return name

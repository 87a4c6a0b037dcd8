"""Make a checkpoint's bytes durable before any row refers to them."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from checkpoints import files
from checkpoints.directories import CheckpointDirectory
from checkpoints.errors import StorageUnreachableError
from checkpoints.failpoints import failpoint
from checkpoints.models import CheckpointType

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class StagedArtifact:
    name: str
    path: str
    """In the checkpoint storage."""
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class StagedCheckpoint:
    """Durable files that no row refers to yet."""

    operation_id: str
    attempt: int
    epoch: int
    batch: int
    checkpoint_type: CheckpointType
    directory: str
    artifacts: tuple[StagedArtifact, ...]

    @property
    def size_bytes(self) -> int:
        return sum(artifact.size_bytes for artifact in self.artifacts)


def stage(
    *,
    operation_id: str,
    attempt: int,
    epoch: int,
    batch: int,
    checkpoint_type: str,
    artifacts: Mapping[str, bytes],
) -> StagedCheckpoint:
    """Write `artifacts` (name → content) durably into a directory of their own.

    Touches no database. After an error, what was written is removed as far as the storage lets it.
    Raises `StorageUnreachableError` (`StorageFullError` when there is no room), and ValueError for
    names that cannot be paths, an unknown type, and nothing to save.
    """
    directory = CheckpointDirectory.new(
        operation_id=operation_id, attempt=attempt, epoch=epoch, batch=batch
    ).path
    known_type = CheckpointType(checkpoint_type)
    _check_artifacts(artifacts)
    failpoint("checkpoint.stage.begin")
    try:
        staged = tuple(_stage(directory, artifacts))
    except Exception:
        remove_directories([directory])
        raise
    failpoint("checkpoint.stage.end")
    return StagedCheckpoint(
        operation_id=operation_id,
        attempt=attempt,
        epoch=epoch,
        batch=batch,
        checkpoint_type=known_type,
        directory=directory,
        artifacts=staged,
    )


def remove_directories(directories: Iterable[str]) -> None:
    """Remove files without a row; what the storage does not let go of is the orphan sweep's."""
    for directory in directories:
        try:
            files.remove_directory(directory)
        except StorageUnreachableError as error:
            logger.warning("Left %s to the orphan sweep: %s", directory, error)


def _stage(directory: str, artifacts: Mapping[str, bytes]) -> Iterator[StagedArtifact]:
    paths = files.write_each(directory, artifacts)
    for path, (name, content) in zip(paths, artifacts.items(), strict=True):
        failpoint("checkpoint.stage.artifact")
        yield StagedArtifact(
            name=name,
            path=path,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )


def _check_artifacts(artifacts: Mapping[str, bytes]) -> None:
    if not artifacts:
        raise ValueError("A checkpoint without artifacts holds nothing to resume from")
    for name, content in artifacts.items():
        files.safe_name(name, what="Artifact name", max_length=100)
        if not content:
            raise ValueError(f"Artifact {name} is empty")

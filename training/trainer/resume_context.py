"""What an attempt takes over from a checkpoint."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from checkpoints.errors import CheckpointCorruptedError
from training.out_of_memory import has_room, ran_out_of_memory
from training.trainer.digest import state_digest
from training.trainer.state import (
    FORMAT_VERSION,
    OWN_ARTIFACTS,
    REQUIRED_ARTIFACTS,
    REQUIRED_PARTS,
    SHARED_ARTIFACT,
    START,
    Position,
    Snapshot,
    State,
)

COPIES_WHILE_READING = 2  # of a file's bytes: torch's of each tensor, and one on the way there
ZIP_MAGIC = b"PK\x03\x04"  # anything else would reach torch's reader of older formats


@dataclass(frozen=True, kw_only=True)
class TrainingResumeContext:
    """A verified checkpoint, ready for `ModelTrainer`."""

    start_epoch: int  # the checkpoint's epoch + 1
    model_weights: bytes = field(repr=False)  # model.pt: the network's state_dict
    optimizer_state: bytes = field(repr=False)
    scheduler_state: bytes | None = field(default=None, repr=False)
    best_model_weights: bytes | None = field(default=None, repr=False)
    training_history: dict[str, list[float]] = field(default_factory=dict)
    best_val_loss: float = float("inf")
    original_request: dict[str, Any] = field(default_factory=dict)
    position: Position = START
    trainer_state: bytes = field(repr=False)
    origin: dict[str, Any] = field(default_factory=dict)
    """The checkpoint in the words of `operations.restore_point.describe`; empty for a state that is
    no operation's."""
    _snapshot: Snapshot | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_artifacts(
        cls,
        artifacts: Mapping[str, bytes],
        *,
        original_request: dict[str, Any],
        origin: dict[str, Any] | None = None,
    ) -> "TrainingResumeContext":
        """Read and check a checkpoint's files.

        Raises CheckpointCorruptedError naming the file that is missing, cannot be read, has an
        unknown format version or is not the one that was saved with the others.
        """
        snapshot = read_snapshot(artifacts)
        history = snapshot.history
        return cls(
            start_epoch=snapshot.position.epoch + 1,
            model_weights=artifacts["model.pt"],
            optimizer_state=artifacts["optimizer.pt"],
            scheduler_state=artifacts.get("scheduler.pt"),
            best_model_weights=artifacts.get("best_model.pt"),
            training_history=history,
            best_val_loss=min(history.get("val_loss", []), default=float("inf")),
            original_request=original_request,
            position=snapshot.position,
            trainer_state=artifacts[SHARED_ARTIFACT],
            origin=origin or {},
            _snapshot=snapshot,
        )

    def snapshot(self) -> Snapshot:
        """The state itself, its tensors on the CPU."""
        if self._snapshot is not None:
            return self._snapshot
        artifacts = {
            "model.pt": self.model_weights,
            "optimizer.pt": self.optimizer_state,
            "scheduler.pt": self.scheduler_state,
            "best_model.pt": self.best_model_weights,
            SHARED_ARTIFACT: self.trainer_state,
        }
        return read_snapshot({name: data for name, data in artifacts.items() if data is not None})


def read_snapshot(artifacts: Mapping[str, bytes]) -> Snapshot:
    """The snapshot that `Snapshot.artifacts` wrote. Raises CheckpointCorruptedError."""
    for name in REQUIRED_ARTIFACTS:
        if not artifacts.get(name):
            raise CheckpointCorruptedError(f"{name}: missing or empty")
    shared = _read(SHARED_ARTIFACT, artifacts[SHARED_ARTIFACT])
    parts, digests = _shared_parts(shared)
    for part, artifact in OWN_ARTIFACTS.items():
        parts[part] = _read(artifact, artifacts[artifact]) if artifact in artifacts else {}
    for part in REQUIRED_PARTS | parts.keys():
        artifact = OWN_ARTIFACTS.get(part, SHARED_ARTIFACT)
        if part not in parts:
            raise CheckpointCorruptedError(f"{artifact}: has no {part}")
        if state_digest(parts[part]) != digests.get(part):
            others = "" if artifact == SHARED_ARTIFACT else f" with this {SHARED_ARTIFACT}"
            raise CheckpointCorruptedError(f"{artifact}: its {part} was not saved{others}")
    return Snapshot(parts=parts)


def _shared_parts(shared: State) -> tuple[dict[str, State], dict[str, str]]:
    version = shared.get("format_version")
    if version != FORMAT_VERSION:
        raise CheckpointCorruptedError(
            f"{SHARED_ARTIFACT}: format version {version!r}, this KTRDR reads {FORMAT_VERSION}"
        )
    parts, digests = shared.get("parts"), shared.get("digests")
    if not isinstance(parts, dict) or not isinstance(digests, dict):
        raise CheckpointCorruptedError(f"{SHARED_ARTIFACT}: has no parts or no digests")
    return dict(parts), digests


def _refuse_compressed(name: str, data: bytes) -> None:
    """`torch.save` stores its entries as they are; a deflated one can become gigabytes of zeros."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise CheckpointCorruptedError(f"{name}: cannot be read: {error}") from error
    stored = [entry for entry in entries if entry.compress_type == zipfile.ZIP_STORED]
    if len(stored) < len(entries) or sum(entry.file_size for entry in stored) > len(data):
        raise CheckpointCorruptedError(f"{name}: is compressed, which torch.save does not do")


def _read(name: str, data: bytes) -> State:
    """Load one file with torch's restricted unpickler: tensors, numbers, strings, containers."""
    if not data.startswith(ZIP_MAGIC):
        raise CheckpointCorruptedError(f"{name}: is not a file that torch.save wrote")
    _refuse_compressed(name, data)
    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # damaged bytes raise nearly anything
        if ran_out_of_memory(error) or not has_room(COPIES_WHILE_READING * len(data)):
            raise MemoryError(f"{name} could not be read: {error}") from error
        raise CheckpointCorruptedError(f"{name}: cannot be read: {error}") from error
    if not isinstance(state, dict):
        raise CheckpointCorruptedError(f"{name}: holds a {type(state).__name__}, not a state")
    return state

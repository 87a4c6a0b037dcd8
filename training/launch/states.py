"""The states of a stopped training that a branch may begin with. Free of torch."""

import hashlib
from dataclasses import asdict, dataclass

from checkpoints import files, store
from checkpoints.errors import CheckpointCorruptedError, StorageUnreachableError
from checkpoints.models import Checkpoint
from operations import restore_point
from operations.errors import NoCheckpoint, NoUsableCheckpoint, StorageUnavailable
from operations.models import Operation, Status
from training.errors import CannotBranch
from training.models import FINAL_STATE, ModelArtifact


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a state of the parent stands."""

    attempt: int
    """The one that saved it."""
    epoch: int
    """The last completed one."""
    batch: int


@dataclass(frozen=True, kw_only=True)
class State(Place):
    """The state itself, verified."""

    artifacts: dict[str, bytes]


def newest(parent: Operation) -> State:
    if parent.status == Status.COMPLETED:
        return _final_state(parent)
    checkpoint, artifacts = restore_point.read_newest(parent.pk, store.load)
    return _state_of(checkpoint, artifacts)


def newest_place(parent: Operation) -> Place:
    """Of the state that `newest` would read, were every byte of it right."""
    if parent.status == Status.COMPLETED:
        _final_files(parent)
        return _final_place(parent)
    checkpoint = store.candidates(parent.pk).first()
    if checkpoint is None:
        raise NoCheckpoint(operation_id=parent.pk)
    return place_of(checkpoint)


def checkpoint_of(parent: Operation, checkpoint_id: int) -> Checkpoint:
    checkpoint = Checkpoint.objects.filter(pk=checkpoint_id, operation_id=parent.pk).first()
    if checkpoint is None:
        raise CannotBranch(reason=f"{parent.pk} has no checkpoint {checkpoint_id}")
    return checkpoint


def given(parent: Operation, checkpoint_id: int) -> State:
    checkpoint = checkpoint_of(parent, checkpoint_id)
    try:
        artifacts = store.load(checkpoint)
    except CheckpointCorruptedError as error:
        raise NoUsableCheckpoint(operation_id=parent.pk, reason=str(error)) from error
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error
    return _state_of(checkpoint, artifacts)


def place_of(checkpoint: Checkpoint) -> Place:
    return Place(attempt=checkpoint.attempt, epoch=checkpoint.epoch, batch=checkpoint.batch)


def _state_of(checkpoint: Checkpoint, artifacts: dict[str, bytes]) -> State:
    return State(**asdict(place_of(checkpoint)), artifacts=artifacts)


def _final_state(parent: Operation) -> State:
    stored = _final_files(parent)
    artifacts = {row.name.removeprefix(FINAL_STATE): _read(parent, row) for row in stored}
    return State(**asdict(_final_place(parent)), artifacts=artifacts)


def _final_files(parent: Operation) -> list[ModelArtifact]:
    """Raises `CannotBranch` where there are none any more."""
    rows = ModelArtifact.objects.filter(
        trained_model__operation=parent, name__startswith=FINAL_STATE
    )
    stored = list(rows)
    if parent.result is None or not stored:
        raise CannotBranch(reason=f"{parent.pk} has no final state any more")
    return stored


def _final_place(parent: Operation) -> Place:
    assert parent.result is not None
    epoch = parent.result["epochs_trained"] - 1
    return Place(attempt=parent.attempt, epoch=epoch, batch=0)


def _read(parent: Operation, row: ModelArtifact) -> bytes:
    try:
        content = files.read(str(row.file))
    except FileNotFoundError:
        content = b""
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error
    if hashlib.sha256(content).hexdigest() != row.sha256:
        reason = f"{row.file.name}: is not what was stored"
        raise NoUsableCheckpoint(operation_id=parent.pk, reason=reason)
    return content

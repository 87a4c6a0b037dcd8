"""Begin a training where another one stands: more epochs, or other settings. Free of torch.

The child gets a copy of its parent's state as a checkpoint of its own, of attempt 0. So nothing
that later happens to the parent concerns it, and its first attempt is a restore like any other.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from checkpoints import files, store
from checkpoints.errors import CheckpointCorruptedError, StorageUnreachableError
from checkpoints.models import Checkpoint
from operations import dispatch, lifecycle, restore_point, selectors
from operations.errors import NoUsableCheckpoint, StorageUnavailable
from operations.models import Operation, Status
from operations.writing import Outdated, write_prepared
from training.errors import CannotBranch
from training.launch.carry_plan import CarryPlan, plan_branch
from training.launch.layout import lay_out
from training.launch.priority import inheriting
from training.launch.request import ORIGIN_ATTEMPT, Origin, TrainingRequest, rows_version_of
from training.launch.resume_options import TrainingResumeOptions
from training.launch.resuming import check_resume
from training.launch.room import require_room
from training.launch.seen import overlap, seen_by
from training.launch.start import queue_for
from training.models import FINAL_STATE, ModelArtifact
from training.series.pinning import hold_bars
from training.strategy import Strategy, apply_overrides
from training.strategy.overrides import apply_settings
from training.version import ROWS_VERSION


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A new operation, and what it takes over from its parent."""

    operation: Operation
    plan: CarryPlan


@dataclass(frozen=True, kw_only=True)
class _Origin:
    """A verified state of the parent."""

    attempt: int
    """The one that saved it."""
    epoch: int
    """The last completed one."""
    batch: int
    artifacts: dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class PreparedBranch:
    """A branch that was found to make sense, with its files: what is left is its rows."""

    parent: Operation
    request: TrainingRequest
    frozen: dict[str, Any]
    """The same request as JSON."""
    plan: CarryPlan
    staged: store.StagedCheckpoint
    owner: AbstractBaseUser | None


def extend_operation(
    operation_id: str, *, epochs: int, owner: AbstractBaseUser | None = None
) -> Branch:
    """Let a completed or stopped training go on, as a new operation, to `epochs` in all.

    Raises as `prepare_extension`.
    """
    return write_prepared(
        partial(prepare_extension, operation_id, epochs=epochs, owner=owner), branch_prepared
    )


def fork_operation(
    operation_id: str,
    *,
    settings: Mapping[str, Any],
    checkpoint_id: int | None = None,
    accept_seen_test: bool = False,
    owner: AbstractBaseUser | None = None,
) -> Branch:
    """Go on with other settings (by dotted path), from the newest or a given checkpoint.

    Raises as `prepare_fork`.
    """
    return write_prepared(
        partial(
            prepare_fork,
            operation_id,
            settings=settings,
            checkpoint_id=checkpoint_id,
            accept_seen_test=accept_seen_test,
            owner=owner,
        ),
        branch_prepared,
    )


def prepare_extension(
    operation_id: str, *, epochs: int, owner: AbstractBaseUser | None
) -> PreparedBranch:
    """Check what can be checked and stage the state, outside of a transaction.

    Raises `OperationNotFound`, `CannotBranch`, `DataChanged`, `NoCheckpoint`, `NoUsableCheckpoint`
    or `StorageUnavailable`.
    """
    parent = _get_parent(operation_id)
    check_resume(parent, TrainingResumeOptions())
    request = TrainingRequest.of(parent)
    strategy = apply_overrides(request.strategy, epochs=epochs)
    accepted = request.seen_test != ""  # of the same test part, when the parent was to go on
    return _prepare(
        parent,
        strategy,
        _newest(parent),
        accept_seen_test=accepted,
        owner=owner,
        imports=request.imports,
    )


def prepare_fork(
    operation_id: str,
    *,
    settings: Mapping[str, Any],
    checkpoint_id: int | None = None,
    accept_seen_test: bool = False,
    owner: AbstractBaseUser | None,
) -> PreparedBranch:
    """The same for other settings.

    Raises as `prepare_extension` does, `StrategyInvalid`, and, unless that is accepted,
    `TestWasTrainedOn`.
    """
    parent = _get_parent(operation_id)
    strategy = apply_settings(TrainingRequest.of(parent).strategy, settings)
    origin = _newest(parent) if checkpoint_id is None else _given(parent, checkpoint_id)
    return _prepare(parent, strategy, origin, accept_seen_test=accept_seen_test, owner=owner)


def branch_prepared(prepared: PreparedBranch) -> Branch:
    """Create the child with its first checkpoint and ring for a worker, within the caller's
    transaction. Raises `Outdated` when the parent has gone on since."""
    parent, staged = prepared.parent, prepared.staged
    if not lifecycle.hold(parent):
        raise Outdated
    child = lifecycle.start(
        operation_id=staged.operation_id,
        operation_type=parent.operation_type,
        request=prepared.frozen,
        queue=queue_for(prepared.frozen),
        name=parent.name,
        owner=prepared.owner,
        parent=parent,
        max_restarts=parent.max_restarts,
    )
    hold_bars(child.pk, prepared.frozen)
    store.commit(staged, keep=prepared.request.checkpoint.keep)
    dispatch.ring_after_commit(child.pk, child.attempt)
    return Branch(operation=child, plan=prepared.plan)


def _prepare(
    parent: Operation,
    strategy: Strategy,
    origin: _Origin,
    *,
    accept_seen_test: bool,
    owner: AbstractBaseUser | None,
    imports: Mapping[str, int] | None = None,
) -> PreparedBranch:
    request = _request(parent, strategy, origin, accept_seen_test=accept_seen_test, imports=imports)
    request = inheriting(request, owner)
    return PreparedBranch(
        parent=parent,
        request=request,
        frozen=request.to_json(),
        plan=_plan(request, origin),
        staged=_stage(lifecycle.new_operation_id(parent.operation_type), origin),
        owner=owner,
    )


def _request(
    parent: Operation,
    strategy: Strategy,
    origin: _Origin,
    *,
    accept_seen_test: bool,
    imports: Mapping[str, int] | None,
) -> TrainingRequest:
    """What the child is asked for, on bars of these imports; None stands for today's.

    Raises `TestWasTrainedOn`, and as `require_room`.
    """
    request = TrainingRequest.of(parent)
    rows_version = rows_version_of(parent, request, current=ROWS_VERSION)
    basis = request.basis_of(origin.attempt, rows_version=rows_version)
    seen = seen_by(parent, request, origin.attempt)
    layout = lay_out(strategy, imports=imports)
    require_room(strategy, layout, request)
    seen_test = overlap(seen, layout)
    if seen_test is not None and not accept_seen_test:
        raise seen_test
    child = request.for_branch(
        strategy, Origin(operation_id=parent.pk, **basis.model_dump()), seen=seen
    )
    words = seen_test.words if seen_test is not None else ""
    return layout.of(child).model_copy(update={"seen_test": words})


def _get_parent(operation_id: str) -> Operation:
    parent = selectors.get(operation_id)
    if parent.is_live:
        raise CannotBranch(reason=f"{operation_id} is {parent.status}: cancel it first")
    return parent


def _plan(request: TrainingRequest, origin: _Origin) -> CarryPlan:
    done, epochs = origin.epoch + 1, request.read_strategy().training.epochs
    if done >= epochs:
        raise CannotBranch(reason=f"{done} epochs are done: ask for more than that, not {epochs}")
    assert request.origin is not None
    try:
        return plan_branch(request.origin, request, rows_version=ROWS_VERSION)
    except ValueError as error:
        raise CannotBranch(reason=str(error)) from error


def _newest(parent: Operation) -> _Origin:
    if parent.status == Status.COMPLETED:
        return _final_state(parent)
    checkpoint, artifacts = restore_point.read_newest(parent.pk, store.load)
    return _of_checkpoint(checkpoint, artifacts)


def _given(parent: Operation, checkpoint_id: int) -> _Origin:
    checkpoint = Checkpoint.objects.filter(pk=checkpoint_id, operation_id=parent.pk).first()
    if checkpoint is None:
        raise CannotBranch(reason=f"{parent.pk} has no checkpoint {checkpoint_id}")
    try:
        artifacts = store.load(checkpoint)
    except CheckpointCorruptedError as error:
        raise NoUsableCheckpoint(operation_id=parent.pk, reason=str(error)) from error
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error
    return _of_checkpoint(checkpoint, artifacts)


def _of_checkpoint(checkpoint: Checkpoint, artifacts: dict[str, bytes]) -> _Origin:
    return _Origin(
        attempt=checkpoint.attempt,
        epoch=checkpoint.epoch,
        batch=checkpoint.batch,
        artifacts=artifacts,
    )


def _final_state(parent: Operation) -> _Origin:
    stored = ModelArtifact.objects.filter(
        trained_model__operation=parent, name__startswith=FINAL_STATE
    )
    artifacts = {row.name.removeprefix(FINAL_STATE): _read(parent, row) for row in stored}
    if parent.result is None or not artifacts:
        raise CannotBranch(reason=f"{parent.pk} has no final state any more")
    epoch = parent.result["epochs_trained"] - 1
    return _Origin(attempt=parent.attempt, epoch=epoch, batch=0, artifacts=artifacts)


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


def _stage(operation_id: str, origin: _Origin) -> store.StagedCheckpoint:
    try:
        return store.stage(
            operation_id=operation_id,
            attempt=ORIGIN_ATTEMPT,
            epoch=origin.epoch,
            batch=origin.batch,
            checkpoint_type="periodic",
            artifacts=origin.artifacts,
        )
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error

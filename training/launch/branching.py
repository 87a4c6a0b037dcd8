"""Begin a training where another one stands: more epochs, other settings, or none. Free of torch.

The child gets a copy of its parent's state as a checkpoint of its own, of attempt 0. So nothing
that later happens to the parent concerns it, and its first attempt is a restore like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from checkpoints import store
from checkpoints.errors import StorageUnreachableError
from operations import dispatch, lifecycle, selectors
from operations.errors import StorageUnavailable
from operations.models import EventType, Operation, Status
from operations.naming import child_name
from operations.parts import require_family_ended
from operations.writing import Outdated, write_prepared
from training.errors import CannotBranch
from training.launch import changes, states
from training.launch.carry_plan import ALL_CARRIED, CarryPlan, plan_branch, trains_the_same_rows
from training.launch.holding import hold
from training.launch.layout import lay_out
from training.launch.priority import inheriting
from training.launch.request import ORIGIN_ATTEMPT, Origin, TrainingRequest, rows_version_of
from training.launch.resume_options import TrainingResumeOptions
from training.launch.resuming import check_resume
from training.launch.room import require_room
from training.launch.seen import overlap, seen_by
from training.launch.start import OPERATION_TYPE, queue_for
from training.launch.states import Place, State
from training.strategy import Strategy, apply_overrides
from training.strategy.overrides import apply_settings
from training.version import ROWS_VERSION


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A new operation, and what it takes over from its parent."""

    operation: Operation
    plan: CarryPlan


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """What a branch shall be, whatever state it begins with."""

    parent: Operation
    strategy: Strategy
    changes: tuple[str, ...]
    """In words, for its name."""
    accept_seen_test: bool
    imports: Mapping[str, int] | None = None
    """Those whose bars it is to have; None stands for today's."""
    opens_test: bool = False
    """It trains nothing: what stands is scored on the test part."""


@dataclass(frozen=True, kw_only=True)
class PreparedBranch:
    """A branch that was found to make sense, with its files: what is left is its rows."""

    parent: Operation
    request: TrainingRequest
    frozen: dict[str, Any]
    """The same request as JSON."""
    plan: CarryPlan
    name: str
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


def open_test(operation_id: str, *, owner: AbstractBaseUser | None = None) -> Branch:
    """Score what a stopped training has learned on its test part, as a new operation.

    Raises as `prepare_opening`.
    """
    return write_prepared(partial(prepare_opening, operation_id, owner=owner), branch_prepared)


def prepare_extension(
    operation_id: str, *, epochs: int, owner: AbstractBaseUser | None
) -> PreparedBranch:
    """Check what can be checked and stage the state, outside of a transaction.

    Raises `OperationNotFound`, `CannotBranch`, `DataChanged`, `NoCheckpoint`, `NoUsableCheckpoint`
    or `StorageUnavailable`.
    """
    wanted = _extension(operation_id, epochs)
    return _prepare(wanted, states.newest(wanted.parent), owner)


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
    wanted = _fork(operation_id, settings, accept_seen_test=accept_seen_test)
    parent = wanted.parent
    origin = states.newest(parent) if checkpoint_id is None else states.given(parent, checkpoint_id)
    return _prepare(wanted, origin, owner)


def prepare_opening(operation_id: str, *, owner: AbstractBaseUser | None) -> PreparedBranch:
    """The same without another epoch: the child completes with the best epoch until then.

    It is one more look at the bars of its test part. Raises as `prepare_extension` does.
    """
    parent = _get_parent(operation_id)
    state = states.newest(parent)
    return _prepare(_opening(parent, state), state, owner)


def prepare_successor(
    parent: Operation, strategy: Strategy, *, imports: Mapping[str, int] | None
) -> PreparedBranch:
    """The next part of a family, which begins with what `parent`, a part that has completed, has
    learned. The family decides that, so it may be live.

    Raises as `prepare_fork` does.
    """
    wanted = _Wanted(
        parent=parent, strategy=strategy, changes=(), accept_seen_test=False, imports=imports
    )
    return _prepare(wanted, states.newest(parent), None)


def plan_extension(operation_id: str, *, epochs: int) -> CarryPlan:
    """What an extension would take over: nothing is read of the state, and nothing made.

    Raises as `prepare_extension` does.
    """
    return _look_ahead(_extension(operation_id, epochs), None)


def plan_opening(operation_id: str) -> CarryPlan:
    """The same for a test part to open. Raises as `prepare_opening` does."""
    parent = _get_parent(operation_id)
    place = states.newest_place(parent)
    wanted = _opening(parent, place)
    return _plan(_request(wanted, place), place)


def plan_fork(
    operation_id: str,
    *,
    settings: Mapping[str, Any],
    checkpoint_id: int | None = None,
    accept_seen_test: bool = False,
) -> CarryPlan:
    """The same for a fork. Raises as `prepare_fork` does."""
    wanted = _fork(operation_id, settings, accept_seen_test=accept_seen_test)
    return _look_ahead(wanted, checkpoint_id)


def branch_prepared(prepared: PreparedBranch) -> Branch:
    """Create the child with its first checkpoint and ring for a worker, within the caller's
    transaction. Raises `Outdated` when the parent has gone on since."""
    parent, staged = prepared.parent, prepared.staged
    if not lifecycle.keep(parent):
        raise Outdated
    child = lifecycle.start(
        operation_id=staged.operation_id,
        operation_type=parent.operation_type,
        request=prepared.frozen,
        queue=queue_for(prepared.frozen),
        name=prepared.name,
        owner=prepared.owner,
        parent=parent,
        max_restarts=parent.max_restarts,
    )
    hold(child.pk, prepared.frozen)
    store.commit(staged, keep=prepared.request.checkpoint.keep)
    if prepared.request.opens_test:
        lifecycle.note(parent.pk, EventType.TEST_OPENED, {"operation_id": child.pk})
    dispatch.ring_after_commit(child.pk, child.attempt)
    return Branch(operation=child, plan=prepared.plan)


def _extension(operation_id: str, epochs: int) -> _Wanted:
    return _going_on(_get_parent(operation_id), epochs)


def _going_on(parent: Operation, epochs: int) -> _Wanted:
    check_resume(parent, TrainingResumeOptions())
    request = TrainingRequest.of(parent)
    return _Wanted(
        parent=parent,
        strategy=apply_overrides(request.strategy, epochs=epochs),
        changes=changes.in_words({changes.EPOCHS: epochs}),
        # of the same test part, when the parent was to go on
        accept_seen_test=request.seen_test != "",
        imports=request.imports,
    )


def _opening(parent: Operation, place: Place) -> _Wanted:
    """Of the very state that is scored: what is read may be older than the newest, damaged one."""
    if parent.status == Status.COMPLETED:
        raise CannotBranch(reason=f"{parent.pk} was scored on its test part when it completed")
    if place.batch:
        raise CannotBranch(
            reason=f"{parent.pk} stands within an epoch, and is scored between two: let it go "
            "on (a resume scores it at its end)"
        )
    return replace(_going_on(parent, place.epoch + 1), changes=("test opened",), opens_test=True)


def _fork(operation_id: str, settings: Mapping[str, Any], *, accept_seen_test: bool) -> _Wanted:
    parent = _get_parent(operation_id)
    return _Wanted(
        parent=parent,
        strategy=apply_settings(TrainingRequest.of(parent).strategy, settings),
        changes=changes.in_words(settings),
        accept_seen_test=accept_seen_test,
    )


def _prepare(wanted: _Wanted, state: State, owner: AbstractBaseUser | None) -> PreparedBranch:
    request = inheriting(_request(wanted, state), owner)
    parent = wanted.parent
    return PreparedBranch(
        parent=parent,
        request=request,
        frozen=request.to_json(),
        plan=_plan(request, state),
        name=child_name(parent.name, wanted.changes),
        staged=_stage(lifecycle.new_operation_id(parent.operation_type), state),
        owner=owner,
    )


def _look_ahead(wanted: _Wanted, checkpoint_id: int | None) -> CarryPlan:
    if checkpoint_id is None:
        place = states.newest_place(wanted.parent)
    else:
        place = states.place_of(states.checkpoint_of(wanted.parent, checkpoint_id))
    return _plan(_request(wanted, place), place)


def _request(wanted: _Wanted, place: Place) -> TrainingRequest:
    """What the child is asked for. Raises `TestWasTrainedOn`, and as `require_room`."""
    parent, strategy = wanted.parent, wanted.strategy
    request = TrainingRequest.of(parent)
    rows_version = rows_version_of(parent, request, current=ROWS_VERSION)
    basis = request.basis_of(place.attempt, rows_version=rows_version)
    layout = lay_out(strategy, imports=wanted.imports)
    require_room(strategy, layout, request)
    # The very rows that it trains on itself were kept apart from what scores it.
    is_same = trains_the_same_rows(basis, strategy, data=layout.data, rows_version=ROWS_VERSION)
    seen = seen_by(parent, request, ORIGIN_ATTEMPT if is_same else place.attempt)
    seen_test = overlap(seen, layout)
    if seen_test is not None and not wanted.accept_seen_test:
        raise seen_test
    child = request.for_branch(
        strategy, Origin(operation_id=parent.pk, **basis.model_dump()), seen=seen
    )
    words = seen_test.words if seen_test is not None else ""
    told = {"seen_test": words, "opens_test": wanted.opens_test or None}
    return layout.of(child).model_copy(update=told)


def _get_parent(operation_id: str) -> Operation:
    parent = selectors.get(operation_id)
    if parent.operation_type != OPERATION_TYPE:
        raise CannotBranch(
            reason=f"{operation_id} is of type {parent.operation_type}: only a training goes on "
            "from a state; its parts are trainings"
        )
    require_family_ended(parent)
    if parent.is_live:
        raise CannotBranch(reason=f"{operation_id} is {parent.status}: cancel it first")
    return parent


def _plan(request: TrainingRequest, place: Place) -> CarryPlan:
    if request.opens_test:
        return ALL_CARRIED
    done, epochs = place.epoch + 1, request.read_strategy().training.epochs
    if done >= epochs:
        raise CannotBranch(reason=f"{done} epochs are done: ask for more than that, not {epochs}")
    assert request.origin is not None
    try:
        return plan_branch(request.origin, request, rows_version=ROWS_VERSION)
    except ValueError as error:
        raise CannotBranch(reason=str(error)) from error


def _stage(operation_id: str, state: State) -> store.StagedCheckpoint:
    try:
        return store.stage(
            operation_id=operation_id,
            attempt=ORIGIN_ATTEMPT,
            epoch=state.epoch,
            batch=state.batch,
            checkpoint_type="periodic",
            artifacts=state.artifacts,
        )
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error

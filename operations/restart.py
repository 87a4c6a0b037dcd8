"""The same again from the start: a new operation with what an older one was asked for."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from operations import dispatch, lifecycle, operation_types, selectors
from operations.models import Operation
from operations.naming import name_again
from operations.parts import require_family_ended
from operations.writing import write_prepared


@dataclass(frozen=True, kw_only=True)
class PreparedRestart:
    """A restart that was found to make sense: what is left is to write it down."""

    parent: Operation
    request: dict[str, Any]
    queue: str
    owner: AbstractBaseUser | None


def restart_operation(operation_id: str, *, owner: AbstractBaseUser | None) -> Operation:
    """Start a child of this operation, which belongs to `owner`. Raises as `prepare_restart`."""
    return write_prepared(partial(prepare_restart, operation_id, owner=owner), restart_prepared)


def prepare_restart(operation_id: str, *, owner: AbstractBaseUser | None) -> PreparedRestart:
    """Check what can be checked, outside of a transaction.

    Raises `OperationNotFound`, `PartOfLiveFamily`, and what its type's `restart_request` raises.
    """
    parent = selectors.get(operation_id)
    require_family_ended(parent)
    request = operation_types.restart_request(parent, owner)
    queue = operation_types.queue_for(parent, request)
    return PreparedRestart(parent=parent, request=request, queue=queue, owner=owner)


def plan_restart(operation_id: str, *, owner: AbstractBaseUser | None) -> list[tuple[str, str]]:
    """Parts of an operation, and what would become of each; nothing is made.

    Raises as `prepare_restart`.
    """
    prepared = prepare_restart(operation_id, owner=owner)
    named = ("name", name_again(prepared.parent.name))
    plan = operation_types.restart_plan(prepared.parent, prepared.request)
    return [*plan, named] if named[1] else plan


def restart_prepared(prepared: PreparedRestart) -> Operation:
    """Create the child and ring for a worker, within the caller's transaction.

    Raises `Outdated` where what it stands on has gone since.
    """
    parent = prepared.parent
    child = lifecycle.start(
        operation_type=parent.operation_type,
        request=prepared.request,
        queue=prepared.queue,
        name=name_again(parent.name),
        owner=prepared.owner,
        parent=parent,
        max_restarts=parent.max_restarts,
    )
    operation_types.hold(child, prepared.request)
    dispatch.ring_after_commit(child.pk, child.attempt)
    return child

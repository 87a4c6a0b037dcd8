"""A family of trainings as it is started: its request has that of a training as its `base`. Free of
torch."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from operations import dispatch, lifecycle, operation_types
from operations.models import Operation
from operations.writing import Outdated
from training.launch.holding import hold as hold_bars
from training.launch.priority import QUEUE_BY_PRIORITY
from training.launch.start import PreparedStart


def write_family(
    operation_type: str,
    name: str,
    request: Mapping[str, Any],
    training: PreparedStart,
    *,
    parent: Operation | None = None,
) -> Operation:
    """Create its operation and ring for a worker. Raises `Outdated` when `parent` has gone on."""
    with transaction.atomic():
        if parent is not None and not lifecycle.keep(parent):
            raise Outdated
        operation = lifecycle.start(
            operation_type=operation_type,
            name=name,
            owner=training.owner,
            queue=queue_for(request),
            request=dict(request),
            parent=parent,
            max_restarts=training.max_restarts,
        )
        hold(operation.pk, request)
        dispatch.ring_after_commit(operation.pk, operation.attempt)
    return operation


def hold(operation_id: str, request: Mapping[str, Any]) -> None:
    """As a training's: what it stands on stays."""
    hold_bars(operation_id, request["base"])


def queue_for(request: Mapping[str, Any]) -> str:
    """It decides in a moment, on any worker: its parts train."""
    return QUEUE_BY_PRIORITY[request["base"]["priority"]]


def restart_request(operation: Operation, *, owner: AbstractBaseUser | None) -> dict[str, Any]:
    """The same from the start, on the same bars."""
    return dict(operation.request)


def check_resume(operation: Operation, options: object) -> dict[str, Any]:
    """It goes on with what its parts have: nothing is asked."""
    return dict(operation.request)


def describe(operation: Operation) -> dict[str, Any]:
    """What only a family can tell of its operation, as JSON by name."""
    told = operation_types.headline(operation)
    return {"result": operation_types.result(operation), "headline": told and str(told)}

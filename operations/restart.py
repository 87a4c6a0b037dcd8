"""The same again from the start: a new operation with what an older one was asked for."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from operations import dispatch, lifecycle, operation_types, selectors
from operations.models import Operation


def restart_operation(operation_id: str, *, owner: AbstractBaseUser | None) -> Operation:
    """Start a child of this operation, which belongs to `owner`.

    Raises `OperationNotFound`, and what its type's `restart_request` raises.
    """
    parent = selectors.get(operation_id)
    request = operation_types.restart_request(parent)
    with transaction.atomic():
        child = lifecycle.start(
            operation_type=parent.operation_type,
            request=request,
            queue=operation_types.queue_for(parent, request),
            name=parent.name,
            owner=owner,
            parent=parent,
            max_restarts=parent.max_restarts,
        )
        dispatch.ring_after_commit(child.pk, child.attempt)
    return child

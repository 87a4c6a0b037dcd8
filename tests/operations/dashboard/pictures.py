"""Operations with something to see: progress, curves and checkpoints, made as workers make them."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User

from operations import lifecycle
from operations.models import Metric, Operation
from tests.operations import scenes


def owned_by(owner: User, operation: Operation, *, name: str = "") -> Operation:
    Operation.objects.filter(pk=operation.pk).update(owner=owner, name=name)
    return scenes.reread(operation)


def reports(operation: Operation, **progress: Any) -> Operation:
    assert lifecycle.heartbeat(operation.pk, operation.attempt, progress=progress)
    return scenes.reread(operation)


def records(operation: Operation, epochs: Iterable[int], **values: Any) -> None:
    """An epoch's metrics, by the operation's current attempt."""
    Metric.objects.bulk_create(
        Metric(
            operation=operation,
            attempt=operation.attempt,
            step=epoch,
            values={"train_loss": 1.0, "val_loss": 1.0 + epoch / 100, **values},
        )
        for epoch in epochs
    )

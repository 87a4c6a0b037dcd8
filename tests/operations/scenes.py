"""Operations in the states that the tests begin with, made as the product makes them."""

from pathlib import Path
from typing import Any

from checkpoints import store
from checkpoints.models import Checkpoint
from operations import lifecycle
from operations.lifecycle import Failure
from operations.models import Attempt, Event, EventType, Operation, Process, seconds_from_now
from tests.operations.fake_type import QUEUE

BROKEN = Failure(code="broken", message="It broke.", traceback="Traceback: it broke")


def pending(*, max_restarts: int = 3, **request: Any) -> Operation:
    return lifecycle.start(
        operation_type="fake", request=request, queue=QUEUE, max_restarts=max_restarts
    )


def as_training(operation: Operation) -> Operation:
    """For processes of their own, whose site runs no fakes: they show it as a training."""
    Operation.objects.filter(pk=operation.pk).update(operation_type="training")
    return reread(operation)


def claim(operation: Operation, *, worker: str = "w1", token: str = "t1") -> Operation:
    current = reread(operation)
    claimed = lifecycle.claim(current.pk, current.attempt, worker=worker, device="cpu", token=token)
    assert claimed is not None
    return claimed


def running(*, max_restarts: int = 3, **request: Any) -> Operation:
    return claim(pending(max_restarts=max_restarts, **request))


def cancelled(*epochs: int, **request: Any) -> Operation:
    """Cancelled by its worker after it saved a checkpoint at each of `epochs`."""
    operation = running(**request)
    for epoch in epochs:
        save(operation, epoch)
    if epochs:
        Checkpoint.objects.filter(pk=newest(operation).pk).update(checkpoint_type="cancellation")
    assert lifecycle.request_cancel(operation.pk, reason="enough")
    assert lifecycle.cancel(operation.pk, operation.attempt)
    return reread(operation)


def failed(*epochs: int, **request: Any) -> Operation:
    operation = running(**request)
    for epoch in epochs:
        save(operation, epoch)
    assert lifecycle.fail(operation.pk, operation.attempt, BROKEN)
    return reread(operation)


def completed(*epochs: int) -> Operation:
    operation = running()
    for epoch in epochs:
        save(operation, epoch)
    with lifecycle.completing(operation.pk, operation.attempt, result={"loss": 0.5}):
        pass
    return reread(operation)


def save(
    operation: Operation,
    epoch: int,
    batch: int = 0,
    *,
    keep: int = 2,
    artifacts: dict[str, bytes] | None = None,
) -> Checkpoint:
    """A periodic one, of two small files where a test does not say of which."""
    small = {"model.pt": b"weights %d" % epoch, "optimizer.pt": b"moments %d" % epoch}
    staged = store.stage(
        operation_id=operation.pk,
        attempt=operation.attempt,
        epoch=epoch,
        batch=batch,
        checkpoint_type="periodic",
        artifacts=artifacts or small,
    )
    with lifecycle.fenced(operation.pk, operation.attempt, EventType.CHECKPOINT_SAVED):
        return store.commit(staged, keep=keep)


def spoil(checkpoint: Checkpoint) -> None:
    """No byte of it is as it was saved."""
    for artifact in checkpoint.artifacts.all():
        Path(artifact.file.path).write_bytes(b"rubbish")


def newest(operation: Operation) -> Checkpoint:
    checkpoint = store.candidates(operation.pk).first()
    assert checkpoint is not None
    return checkpoint


def reread(operation: Operation) -> Operation:
    return Operation.objects.get(pk=operation.pk)


def row(operation: Operation) -> dict[str, Any]:
    """Every column, as it is now."""
    return Operation.objects.filter(pk=operation.pk).values().get()


def rows(operation: Operation) -> list[dict[str, Any]]:
    """Everything that a refused transition must leave as it is: the operation, attempts, events."""
    attempts = Attempt.objects.filter(operation_id=operation.pk).order_by("number")
    events_ = Event.objects.filter(operation_id=operation.pk).order_by("number")
    return [row(operation), *attempts.values(), *events_.values()]


def attempt(operation: Operation, number: int) -> Attempt:
    return Attempt.objects.get(operation_id=operation.pk, number=number)


def events(operation: Operation) -> list[str]:
    types = Event.objects.filter(operation_id=operation.pk).order_by("number")
    return list(types.values_list("event_type", flat=True))


def last_event(operation: Operation) -> Event:
    event = Event.objects.filter(operation_id=operation.pk).order_by("-number").first()
    assert event is not None
    return event


def expire_lease(operation: Operation) -> None:
    """As if the worker had been silent for longer than its lease."""
    changed = Operation.objects.filter(pk=operation.pk, claimed_at__isnull=False).update(
        lease_expires_at=seconds_from_now(-1)
    )
    assert changed == 1


def age_ring(operation: Operation, *, seconds: float) -> None:
    assert Operation.objects.filter(pk=operation.pk).update(rung_at=seconds_from_now(-seconds)) == 1


def sweepers_were_awake() -> None:
    """As if sweepers had looked regularly for long: what has expired counts as lost."""
    Process.objects.filter(kind=Process.Kind.SWEEPER).delete()
    Process.objects.create(kind=Process.Kind.SWEEPER, name="earlier", host="h", pid=1)

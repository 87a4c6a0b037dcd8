"""What a worker does to its operation, by name."""

from collections.abc import Callable
from functools import partial

from checkpoints import store
from operations import lifecycle
from operations.errors import Superseded
from operations.models import Metric, Operation
from tests.operations import scenes

KEEP = 2

ACTS = ("heartbeat", "report", "save", "completed", "failed", "cancelled", "shut_down")


def act(what: str, operation: Operation, attempt: int) -> bool:
    """Do it for `attempt`; whether it landed."""
    try:
        return WORKER[what](operation.pk, attempt)
    except Superseded:
        return False


def claim(operation_id: str, attempt: int, *, token: str) -> bool:
    return bool(lifecycle.claim(operation_id, attempt, worker="w", device="cpu", token=token))


def report(operation_id: str, attempt: int) -> bool:
    with lifecycle.fenced(operation_id, attempt):
        step = Metric.objects.count()
        Metric.objects.create(operation_id=operation_id, attempt=attempt, step=step, values={})
    return True


def save(operation_id: str, attempt: int) -> bool:
    further = Operation.objects.values_list("last_event", flat=True).get(pk=operation_id)
    scenes.save(Operation(pk=operation_id, attempt=attempt), further, keep=KEEP)
    return True


def complete(operation_id: str, attempt: int) -> bool:
    with lifecycle.completing(operation_id, attempt, result={}):
        store.delete_rows(operation_id)
    return True


WORKER: dict[str, Callable[[str, int], bool]] = {
    "heartbeat": partial(lifecycle.heartbeat, progress={}),
    "report": report,
    "save": save,
    "completed": complete,
    "failed": partial(lifecycle.fail, failure=scenes.BROKEN),
    "cancelled": lifecycle.cancel,
    "shut_down": lifecycle.interrupt,
}
assert set(WORKER) == set(ACTS)

"""Every transition from every situation: it leads where its docstring says, or changes nothing.

docs/ARCHITECTURE.md has the same table, made from the same docstrings.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from operations import lifecycle
from operations.decision import Decision
from operations.errors import Superseded
from operations.models import LIVE, Operation
from operations.writing import Outdated
from tests.documentation.transitions import Transition, transitions
from tests.operations import scenes
from tests.operations.family_scenes import held, parked, part_of
from tests.operations.family_type import new_part, request_of_family
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("family_type", "redis_down")]


def waiting() -> Operation:
    operation = scenes.running()
    assert lifecycle.interrupt(operation.pk, 1)
    return scenes.reread(operation)


def stopping() -> Operation:
    operation = scenes.running()
    assert lifecycle.request_cancel(operation.pk)
    return scenes.reread(operation)


def lost(operation: Operation) -> Operation:
    scenes.expire_lease(operation)
    return scenes.reread(operation)


SITUATIONS: dict[str, Callable[[], Operation]] = {
    "pending": scenes.pending,
    "waiting": waiting,
    "running": scenes.running,
    "stopping": stopping,
    "lost": lambda: lost(scenes.running()),
    "spent": lambda: lost(scenes.running(max_restarts=0)),
    "orphaned": lambda: lost(stopping()),
    "completed": scenes.completed,
    "failed": scenes.failed,
    "cancelled": scenes.cancelled,
    "parked": parked,
    "held": lambda: held(part_of(parked(2))),
}


def as_part(operation: Operation) -> Operation:
    """Of a family that waits for another one, too; no family is one itself."""
    if operation.part_of_id is None and not operation.waiting:
        changed = Operation.objects.filter(pk=operation.pk).update(
            part_of=parked(1), part_number=7, hold_at=2
        )
        assert changed == 1
    return scenes.reread(operation)


def without_parts(operation: Operation) -> Operation:
    Operation.objects.filter(part_of=operation).delete()
    return operation


PREPARED = {"hold": as_part, "settle": without_parts}
OF_ANY = Operation(request=request_of_family())


def situation_of(operation: Operation) -> str:
    if operation.status == "pending" or operation.status not in LIVE:
        return operation.status
    if operation.waiting or operation.held_at:
        return "parked" if operation.waiting else "held"
    if operation.claimed_at is None:
        return "waiting"
    is_lost = operation.lease_expires_at < timezone.now()
    if operation.cancel_requested_at is not None:
        return "orphaned" if is_lost else "stopping"
    if not is_lost:
        return "running"
    return "lost" if operation.restarts < operation.max_restarts else "spent"


def complete(operation_id: str, attempt: int) -> None:
    with lifecycle.completing(operation_id, attempt, result={}):
        pass


def act(name: str, operation: Operation) -> None:
    """Of this attempt, as whoever may call it would."""
    key, as_of = (operation.pk, operation.attempt), timezone.now()
    acts: dict[str, Callable[[], object]] = {
        "resume": partial(lifecycle.resume, *key, resumed_from={}, request={}, queue="training"),
        "claim": partial(lifecycle.claim, *key, worker="w2", device="cpu", token="t2"),
        "heartbeat": partial(lifecycle.heartbeat, *key, progress={}),
        "request_cancel": partial(lifecycle.request_cancel, operation.pk),
        "force_cancel": partial(lifecycle.force_cancel, *key),
        "cancel": partial(lifecycle.cancel, *key),
        "cancel_lost": partial(lifecycle.cancel_lost, *key, as_of=as_of),
        "completing": partial(complete, *key),
        "fail": partial(lifecycle.fail, *key, scenes.BROKEN),
        "interrupt": partial(lifecycle.interrupt, *key),
        "interrupt_lost": partial(lifecycle.interrupt_lost, *key, as_of=as_of),
        "lose": partial(lifecycle.lose, *key, as_of=as_of),
        "park": partial(lifecycle.park, *key, Decision(new=[new_part(OF_ANY, 9)])),
        "hold": partial(lifecycle.hold, *key, value=""),
        "settle": partial(lifecycle.settle, operation.pk),
        "retire": partial(lifecycle.retire, operation.part_of_id, [operation.pk]),
        "release": partial(lifecycle.release, operation.part_of_id, [operation.pk], hold_at=4),
    }
    acts[name]()


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_is_what_it_is_called(situation: str) -> None:
    assert situation_of(SITUATIONS[situation]()) == situation


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_transition_leads_where_it_says_or_changes_nothing(situation: str) -> None:
    operation = SITUATIONS[situation]()
    for transition in transitions():
        if transition.name != "start":
            with undone():
                assert_leads_where_it_says(transition, situation, scenes.reread(operation))


@contextmanager
def undone() -> Iterator[None]:
    """The next one finds the situation as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def assert_leads_where_it_says(
    transition: Transition, situation: str, operation: Operation
) -> None:
    if transition.name in PREPARED:
        operation = PREPARED[transition.name](operation)
    before = scenes.rows(operation)
    target = transition.edges.get(situation)
    try:
        with transaction.atomic():
            act(transition.name, operation)
    except (Superseded, Outdated, RuntimeError, IntegrityError):
        # constraints: only what is claimed has a lease, and no family with a live part completes
        assert target is None, transition.name
    if target is None and transition.name != "heartbeat":  # which renews what it does not move
        assert scenes.rows(operation) == before, transition.name
    assert situation_of(scenes.reread(operation)) == (target or situation), transition.name
    assert_whole(operation.pk)
    if target is not None and transition.events:
        assert scenes.events(operation)[-1] in transition.events, transition.name


def test_every_function_that_moves_an_operation_is_in_the_table() -> None:
    assert {it.name for it in transitions()} == {
        *("start", "resume", "claim", "heartbeat", "request_cancel", "force_cancel", "cancel"),
        *("cancel_lost", "completing", "fail", "interrupt", "interrupt_lost", "lose"),
        *("park", "hold", "settle", "retire", "release"),
    }

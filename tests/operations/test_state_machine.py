"""Every transition from every situation: it leads where its docstring says, or changes nothing.

docs/ARCHITECTURE.md has the same table, made from the same docstrings.
"""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from operations import lifecycle
from operations.errors import Superseded
from operations.models import LIVE, Operation
from tests.documentation.transitions import Transition, transitions
from tests.operations import scenes
from tests.operations.history import assert_whole

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type")]


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
}


def situation_of(operation: Operation) -> str:
    if operation.status == "pending" or operation.status not in LIVE:
        return operation.status
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
    }
    acts[name]()


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_is_what_it_is_called(situation: str) -> None:
    assert situation_of(SITUATIONS[situation]()) == situation


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize(
    "transition", [it for it in transitions() if it.name != "start"], ids=lambda it: it.name
)
def test_a_transition_leads_where_it_says_or_changes_nothing(
    transition: Transition, situation: str
) -> None:
    operation = SITUATIONS[situation]()
    before = scenes.rows(operation)
    target = transition.edges.get(situation)
    try:
        with transaction.atomic():
            act(transition.name, operation)
    except (Superseded, IntegrityError):  # the constraint: only what is claimed has a lease
        assert target is None
    if target is None and transition.name != "heartbeat":  # which renews what it does not move
        assert scenes.rows(operation) == before
    assert situation_of(scenes.reread(operation)) == (target or situation)
    assert_whole(operation.pk)
    if target is not None and transition.events:
        assert scenes.events(operation)[-1] in transition.events


def test_every_function_that_moves_an_operation_is_in_the_table() -> None:
    assert {it.name for it in transitions()} == {
        *("start", "resume", "claim", "heartbeat", "request_cancel", "force_cancel", "cancel"),
        *("cancel_lost", "completing", "fail", "interrupt", "interrupt_lost", "lose"),
    }

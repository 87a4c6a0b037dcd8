"""Families and their parts in the states that tests begin with."""

from operations import lifecycle
from operations.decision import Decision
from operations.models import LIVE, Operation
from operations.parts import run_next
from tests.operations import scenes
from tests.operations.family_type import QUEUE, new_part, request_of_family, run_family
from tests.operations.history import assert_whole


def family(*, width: int = 9, seed: int = 0, max_restarts: int = 3) -> Operation:
    return lifecycle.start(
        operation_type="family",
        request=request_of_family(width=width, seed=seed),
        queue=QUEUE,
        max_restarts=max_restarts,
    )


def parked(number: int = 2, *, hold_at: int | None = 2, max_restarts: int = 3) -> Operation:
    """A family that waits for so many new parts."""
    waiting = scenes.claim(family(max_restarts=max_restarts))
    new = [new_part(waiting, part, hold_at) for part in range(1, number + 1)]
    assert lifecycle.park(waiting.pk, waiting.attempt, Decision(new=new))
    return scenes.reread(waiting)


def part_of(waiting: Operation, number: int = 1) -> Operation:
    return Operation.objects.get(part_of=waiting, part_number=number)


def held(part: Operation, value: float | None = 0.5) -> Operation:
    """Claimed, and at its rung."""
    claimed = scenes.claim(part)
    told = "" if value is None else value.hex()
    assert lifecycle.hold(claimed.pk, claimed.attempt, value=told)
    return scenes.reread(part)


def play(search: Operation) -> Operation:
    """As one worker would, which hears every bell."""
    for _ in range(1000):
        now = scenes.reread(search)
        if now.status not in LIVE:
            return now
        if now.waiting:
            run_next(now.pk, now.attempt)
        else:
            run_family(now.pk, now.attempt)
    raise AssertionError(f"{search.pk} never ends")


def assert_family_holds(family_id: str) -> None:
    """What is true of a family and its parts whenever nobody is in a transaction."""
    now = Operation.objects.get(pk=family_id)
    parts = list(Operation.objects.filter(part_of=now).order_by("part_number"))
    live = [part for part in parts if part.status in LIVE]
    open_parts = [part for part in live if part.held_at is None]
    if now.status in LIVE:
        assert not now.waiting or open_parts, f"{family_id} waits for nothing: its wake-up is lost"
    else:
        assert not now.waiting
        orphans = [part.pk for part in live if not part.cancel_requested_at]
        assert orphans == [], f"{family_id} is {now.status}, and nobody ends {orphans}"
    for operation in (now, *parts):
        assert_whole(operation.pk)

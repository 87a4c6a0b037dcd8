"""Operations with parts that need no training: each part steps along a chain of digests.

A family is a small search: `width` parts of `rungs[-1]` steps, of which a third goes on at each
rung, those with the lowest values. What it ends with depends on nothing but its request.
"""

import hashlib
from itertools import count
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from rq import get_current_job

from operations import lifecycle, selectors
from operations.decision import Decision, NewPart, StoppedPart
from operations.errors import Superseded
from operations.lifecycle import Failure
from operations.models import Event, EventType, Operation, Status
from operations.parts import broken_parts, parts_to_resume
from operations.selectors import Standing
from operations.writing import Outdated
from tests.operations.fake_type import OPERATION_TYPES as FAKE_TYPES
from tests.operations.fake_type import PATIENT
from tests.operations.family_types import FAMILY_TYPES

QUEUE, PARTS_QUEUE = "training", "training-low"
RUNGS = [2, 4, 8]


@pytest.fixture
def family_type(settings: Settings) -> None:
    """As `fake_type`, with families."""
    settings.OPERATION_TYPES = {**FAKE_TYPES, **FAMILY_TYPES}
    for name, seconds in PATIENT.items():
        setattr(settings, name, seconds)


def queue_for(request: dict[str, Any]) -> str:
    return PARTS_QUEUE if "seed" in request else QUEUE


def request_of_family(*, width: int = 9, seed: int = 0) -> dict[str, Any]:
    return {"width": width, "family_seed": seed}


def request_of_part(family_request: dict[str, Any], number: int) -> dict[str, Any]:
    return {"seed": f"{family_request['family_seed']}-{number}"}


# -- A part


def run_part(operation_id: str, attempt: int) -> None:
    part = _claim(operation_id, attempt)
    if part is None:
        return
    state = hashlib.sha256(part.request["seed"].encode()).hexdigest()
    for step in count(1):
        state = hashlib.sha256(state.encode()).hexdigest()
        if not _goes_on(part, step):
            return
        if step == RUNGS[-1]:
            result = {"state": state}
            with lifecycle.completing(part.pk, attempt, result=result, value=value_of(state)):
                return
        if step == part.hold_at:
            if not lifecycle.hold(part.pk, attempt, value=value_of(state)):
                lifecycle.cancel(part.pk, attempt)
            return


def value_of(state: str) -> str:
    return (int(state[:8], 16) / 2**32).hex()


def _goes_on(operation: Operation, step: int) -> bool:
    standing = selectors.standing(operation.pk, operation.attempt)
    if standing is Standing.CANCEL_REQUESTED:
        lifecycle.cancel(operation.pk, operation.attempt)
    elif standing is Standing.HELD:
        return lifecycle.heartbeat(operation.pk, operation.attempt, progress={"step": str(step)})
    return False


def _claim(operation_id: str, attempt: int) -> Operation | None:
    job = get_current_job()
    worker = (job.worker_name if job else "") or "w"
    token = f"{operation_id[-8:]}{attempt}"
    return lifecycle.claim(operation_id, attempt, worker=worker, device="cpu", token=token)


# -- A family


def run_family(operation_id: str, attempt: int) -> None:
    family = _claim(operation_id, attempt)
    while family is not None:
        try:
            _decide(family)
        except Outdated:
            continue
        except Superseded:
            pass
        return


def _decide(family: Operation) -> None:
    if not _goes_on(family, 0):
        return
    parts = list(Operation.objects.filter(part_of=family).order_by("part_number"))
    if broken := broken_parts(family):
        message = f"Part {broken[0].part_number}, {broken[0].pk}, failed: {broken[0].error_code}."
        lifecycle.fail(family.pk, family.attempt, Failure(code="part_failed", message=message))
    elif not parts:
        _park(family, Decision(new=_new_parts(family), data={"rung": 0}))
    elif stopped := parts_to_resume(family):
        rung = _rung(family)
        resumed = [going_on(part, RUNGS[rung]) for part in stopped]
        _park(family, Decision(resumed=resumed, data={"rung": rung}))
    else:
        _decide_rung(family, parts)


def _decide_rung(family: Operation, parts: list[Operation]) -> None:
    held = [part for part in parts if part.held_at]
    if not held:
        with lifecycle.completing(family.pk, family.attempt, result=_result(parts)):
            return
    ranked = sorted(held, key=lambda part: (float.fromhex(part.part_value), part.part_number))
    going_on, out = ranked[: max(1, len(held) // 3)], ranked[max(1, len(held) // 3) :]
    rung = _rung(family) + 1
    _park(
        family,
        Decision(
            released=[part.pk for part in going_on],
            out=[part.pk for part in out],
            hold_at=RUNGS[rung] if rung + 1 < len(RUNGS) else None,
            data={"rung": rung, "values": {part.part_number: part.part_value for part in ranked}},
        ),
    )


def _park(family: Operation, decision: Decision) -> None:
    if not lifecycle.park(family.pk, family.attempt, decision):
        lifecycle.cancel(family.pk, family.attempt)


def _new_parts(family: Operation) -> list[NewPart]:
    return [new_part(family, number) for number in range(1, family.request["width"] + 1)]


def new_part(family: Operation, number: int, hold_at: int | None = RUNGS[0]) -> NewPart:
    return NewPart(
        operation_id=lifecycle.new_operation_id("part"),
        number=number,
        operation_type="part",
        request=request_of_part(family.request, number),
        queue=PARTS_QUEUE,
        hold_at=hold_at,
    )


def going_on(part: Operation, hold_at: int) -> StoppedPart:
    return StoppedPart(
        operation_id=part.pk,
        attempt=part.attempt,
        request=part.request,
        queue=part.queue,
        resumed_from=None,
        hold_at=hold_at if hold_at < RUNGS[-1] else None,
    )


def _rung(family: Operation) -> int:
    """The one that its parts run to now."""
    decisions = Event.objects.filter(operation=family, event_type=EventType.WAITING)
    newest = decisions.order_by("-number").first()
    assert newest is not None
    return int(newest.data["rung"])


def _result(parts: list[Operation]) -> dict[str, Any]:
    done = [part for part in parts if part.status == Status.COMPLETED]
    best = min(
        done, key=lambda part: (float.fromhex(part.part_value), part.part_number), default=None
    )
    told = [(part.part_number, part.status, part.part_end, part.part_value) for part in parts]
    states = [(part.result or {}).get("state") for part in parts]
    digest = hashlib.sha256(repr([told, states]).encode()).hexdigest()
    return {"winner": best and best.part_number, "digest": digest}

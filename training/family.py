"""The job of a family whose parts are trainings: of a search, a walk-forward, a cross-validation.

It looks at what its parts have, decides once, and waits or ends. A decision is a function of the
request, of the decisions before it and of what the parts have: an attempt that was killed before it
could write one decides the same again. Free of torch.
"""

import logging
import secrets
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from checkpoints import store
from checkpoints.failpoints import failpoint
from checkpoints.policy import KEEP_AT_LEAST
from checkpoints.store import StagedCheckpoint
from operations import actor, lifecycle, restore_point, selectors
from operations.decision import Decision, StoppedPart
from operations.errors import DomainError, NoCheckpoint, NoUsableCheckpoint, Superseded
from operations.lifecycle import Failure
from operations.log_context import process_about
from operations.models import Attempt, Operation
from operations.outage import patiently
from operations.selectors import Standing
from operations.staying import end_after_this
from operations.writing import Outdated
from training import out_of_memory
from training.attempt.worker_name import worker_name
from training.errors import OutOfMemory
from training.launch.holding import hold_each
from training.launch.priority import QUEUE_BY_PRIORITY
from training.launch.start import GPU_PARTS_QUEUE

logger = logging.getLogger(__name__)

MOST_DIFFERENCES = 20
"""That are told of."""


def run_family(
    operation_id: str, attempt: int, decider: Callable[[Operation], Callable[[], None]]
) -> None:
    """Claim, decide, wait or end. A duplicate or superseded delivery leaves quietly.

    `decider` makes of the claimed family what decides, which may be called again.
    """
    name = worker_name()
    with actor.process_is(actor.system(name)), process_about(operation_id, attempt):
        token = secrets.token_hex(16)
        family = patiently(lambda: _claim(operation_id, attempt, name, token))
        if family is None:
            logger.info("%s, attempt %d: another one has it", operation_id, attempt)
            return
        try:
            _until_written(decider(family))
        except Superseded as superseded:
            logger.warning("%s", superseded)
        except Exception as error:  # noqa: BLE001  # the process's edge: its user is told
            fail(family, error)


def _claim(operation_id: str, attempt: int, worker: str, token: str) -> Operation | None:
    return lifecycle.claim(operation_id, attempt, worker=worker, device="cpu", token=token)


def _until_written(decide: Callable[[], None]) -> None:
    """Again where a part was cancelled by hand, or ended, between a look and its decision."""
    while True:
        try:
            patiently(decide)
        except Outdated:
            continue
        return


def fail(family: Operation, error: Exception) -> None:
    """In its own words where it has some; a lack of memory is one, whatever it was hidden in."""
    end_after_this()
    failure = _failure(error)
    logger.error("%s failed", family.pk, exc_info=error)
    if failure.code == OutOfMemory.code:
        out_of_memory.make_room(error)
    failpoint("fail.begin")
    if patiently(partial(lifecycle.fail, family.pk, family.attempt, failure)):
        failpoint("fail.committed")


def _failure(error: Exception) -> Failure:
    told: Exception = error
    if out_of_memory.ran_out_of_memory(error):
        told = out_of_memory.in_words(error, where="to go on with it")
    if isinstance(told, DomainError):
        code, message = told.code, str(told)
    else:
        code = "unexpected_error"
        message = f"{type(told).__name__}: {told}. This is a fault of KTRDR or of the machine."
    return Failure(code=code, message=message, traceback="".join(traceback.format_exception(error)))


def fail_with(family: Operation, part: Operation, part_word: str, family_word: str) -> None:
    """A part ended without a result: the family does, too, and says what helps."""
    why = part.error_message or f"It was {part.status}."
    message = (
        f"{part_word} {part.part_number}, {part.pk}, failed: {why} That is no result of "
        f"its settings: when it can be trained, resume {family_word}, and it goes on."
    )
    lifecycle.fail(family.pk, family.attempt, Failure(code="part_failed", message=message))


def is_mine(family: Operation) -> bool:
    """Whether to decide: not where another attempt has it, and not where it is to be cancelled."""
    standing = selectors.standing(family.pk, family.attempt)
    if standing is Standing.CANCEL_REQUESTED:
        lifecycle.cancel(family.pk, family.attempt)
    return standing is Standing.HELD


def beat(family: Operation, progress: Mapping[str, Any] | None = None) -> None:
    """Raises `Superseded`."""
    if not patiently(partial(lifecycle.heartbeat, family.pk, family.attempt, progress=progress)):
        raise Superseded(operation_id=family.pk, attempt=family.attempt)


def pulse(family: Operation) -> Callable[[], None]:
    """What beats as often as the lease needs it, however often it is called."""
    beaten = time.monotonic()

    def beat_if_due() -> None:
        nonlocal beaten
        if time.monotonic() - beaten >= settings.KTRDR_HEARTBEAT_SECONDS:
            beat(family)
            beaten = time.monotonic()

    return beat_if_due


def queue_of_part(request: Mapping[str, Any]) -> str:
    """Behind whatever is trained by itself, on a GPU as elsewhere."""
    return GPU_PARTS_QUEUE if request["device"] == "cuda" else QUEUE_BY_PRIORITY["low"]


def awaited_by(decision: Decision) -> int:
    """How many parts a family waits for."""
    return len(decision.new) + len(decision.released) + len(decision.resumed)


def park(
    family: Operation,
    decision: Decision,
    progress: Mapping[str, Any],
    *,
    beginnings: Sequence[StagedCheckpoint] = (),
) -> None:
    """With what its new parts stand on, and the states that some of them begin with. Where a cancel
    came first, that is answered."""
    beat(family, progress)
    with transaction.atomic():
        is_parked = lifecycle.park(family.pk, family.attempt, decision)
        if is_parked and decision.new:
            hold_each({part.operation_id: part.request for part in decision.new})
        for staged in beginnings if is_parked else ():
            store.commit(staged, keep=KEEP_AT_LEAST)
    if not is_parked:
        lifecycle.cancel(family.pk, family.attempt)


def going_on_from_newest(part: Operation, hold_at: int | None) -> StoppedPart:
    """A stopped training, from its newest checkpoint that verifies, else from the start."""
    try:
        origin = restore_point.describe(restore_point.check_newest(part.pk))
    except (NoCheckpoint, NoUsableCheckpoint):
        origin = None
    return StoppedPart(
        operation_id=part.pk,
        attempt=part.attempt,
        request=part.request,
        queue=part.queue,
        resumed_from=origin,
        hold_at=hold_at,
    )


def differences_of(parts: Sequence[Operation], word: str) -> list[str]:
    """Why the same family may end otherwise elsewhere: of which part, as `word`, and what."""
    inexact = Attempt.objects.filter(operation__in=parts, exact=False)
    told = inexact.order_by("operation__part_number", "number")
    return [
        f"{word} {number}: {difference}"
        for number, differences in told.values_list("operation__part_number", "differences")
        for difference in differences
    ][:MOST_DIFFERENCES]

"""The parts of a family: which of them waits, which may be acted on, and the job that takes one."""

import logging

from django.conf import settings
from django.utils.module_loading import import_string

from checkpoints.failpoints import failpoint
from checkpoints.prepared import Prepared
from operations import dispatch, lifecycle, selectors
from operations.errors import PartOfLiveFamily
from operations.family_guards import broken
from operations.models import Operation, OperationQuerySet, PartEnd, Status
from operations.outage import patiently
from operations.staying import by_itself, this_stay

logger = logging.getLogger(__name__)


def run_next(family_id: str, attempt: int) -> None:
    """The job that a family's bell names: run the lowest of its parts that waits, on this queue.

    In a worker's fork also the next one, and so on, as long as it may stay. `attempt`, of the
    family, is of no matter: a late bell finds parts that wait, or none.
    """
    if (stay := this_stay()) is None:
        _run_lowest(family_id)
    else:
        while _run_alone(family_id, stay.queue) and stay.goes_on():
            failpoint("parts.next")
    dispatch.ring_parts(family_id)


_LOWEST = Prepared(
    lambda family_id, queue: (
        selectors.waiting_parts(family_id)
        .filter(queue=queue)
        .order_by("part_number")
        .only("attempt", "operation_type")[:1]
    ),
    family_id="a family",
    queue="a queue",
)


def _run_alone(family_id: str, queue: str) -> bool:
    with by_itself():
        return _run_lowest(family_id, queue=queue)


def _run_lowest(family_id: str, queue: str | None = None) -> bool:
    """False where none waits."""
    part = patiently(lambda: _lowest(family_id, queue))
    if part is None:
        logger.info("%s: none of its parts waits", family_id)
        return False
    job = import_string(settings.OPERATION_TYPES[part.operation_type]["job"])
    job(part.pk, part.attempt)
    return True


def _lowest(family_id: str, queue: str | None) -> Operation | None:
    """By number, of those that wait on this queue, or on any."""
    if queue is None:
        by_number = selectors.waiting_parts(family_id).order_by("part_number")
        return by_number.only("attempt", "operation_type").first()
    lowest: Operation | None = _LOWEST.model(family_id=family_id, queue=queue)
    return lowest


def require_family_ended(part: Operation) -> None:
    """Raises `PartOfLiveFamily`: what a live family has decided, nobody changes part by part."""
    if part.part_of_id is not None and selectors.live_family_of(part.pk):
        raise of_live_family(part)


def of_live_family(part: Operation) -> PartOfLiveFamily:
    """Why a part of a live family goes on by its decision alone."""
    return PartOfLiveFamily(
        operation_id=part.pk, number=part.part_number, family_id=part.part_of_id
    )


def broken_parts(family: Operation) -> list[Operation]:
    """Those that ended without a result since the family was started or resumed, by number."""
    later = _broken(family).filter(completed_at__gt=family.started_at)
    return list(later.order_by("part_number"))


def parts_to_resume(family: Operation) -> list[Operation]:
    """Those that ended with the family, or without a result before it was resumed, by number."""
    with_family = Operation.objects.filter(
        part_of=family, status=Status.CANCELLED, part_end=PartEnd.WITH_FAMILY
    )
    earlier = _broken(family).filter(completed_at__lte=family.started_at)
    return sorted([*with_family, *earlier], key=lambda part: part.part_number or 0)


def _broken(family: Operation) -> OperationQuerySet:
    results = lifecycle.part_results(family.operation_type)
    return Operation.objects.filter(broken(results), part_of=family)

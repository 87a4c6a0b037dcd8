"""The trainings of a family's folds: its own parts, and those of what it has extended."""

from operations.models import Operation, Status
from training.errors import CannotBranch
from training.folds.request import FoldsRequest


def trainings_of(family: Operation, request: FoldsRequest) -> list[Operation]:
    """Of all folds, in their order; of those that are another family's none may be gone.

    Raises:
        CannotBranch: one is.
    """
    there = Operation.objects.filter(status=Status.COMPLETED).in_bulk(request.earlier)
    for fold, operation_id in zip(request.folds, request.earlier, strict=False):
        if operation_id not in there:
            raise CannotBranch(
                reason=f"window {fold.number}, {operation_id}, is not there any more: start a new "
                "walk-forward"
            )
    own = Operation.objects.filter(part_of=family).order_by("part_number")
    return [*(there[operation_id] for operation_id in request.earlier), *own]

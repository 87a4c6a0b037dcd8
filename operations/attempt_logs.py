"""What attempts logged. An attempt writes its own log alone, so a superseded one does no harm."""

from django.db.models.functions import Now

from operations.errors import InvalidInput
from operations.models import AttemptLog, Operation


def write(operation_id: str, attempt: int, *, text: str, left_out_bytes: int = 0) -> None:
    """Put the whole of it in the place of what was there: after a lost answer, simply again."""
    row = AttemptLog(
        operation_id=operation_id,
        attempt=attempt,
        text=text,
        left_out_bytes=left_out_bytes,
        updated_at=Now(),
    )
    AttemptLog.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["operation", "attempt"],
        update_fields=["text", "left_out_bytes", "updated_at"],
    )


def read(operation: Operation, attempt: int | None = None) -> AttemptLog:
    """Of the current attempt, unless told of which; empty when it has not logged anything.

    Raises `InvalidInput` for an attempt that there never was.
    """
    number = operation.attempt if attempt is None else attempt
    if not 1 <= number <= operation.attempt:
        raise InvalidInput(reason=f"{operation.pk} has the attempts 1 to {operation.attempt}.")
    written = AttemptLog.objects.filter(operation_id=operation.pk, attempt=number).first()
    return written or AttemptLog(operation=operation, attempt=number, text="", updated_at=None)

"""What attempts logged. An attempt writes its own log alone, so a superseded one does no harm."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Now

from operations.errors import InvalidInput
from operations.models import AttemptLog, Operation


@dataclass(frozen=True, kw_only=True)
class Log:
    """What an attempt has logged so far."""

    attempt: int
    text: str = ""
    left_out_bytes: int = 0
    """From the middle of it, where a line says so."""
    updated_at: datetime | None = None
    """None before its first line."""


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


def read(operation: Operation, attempt: int | None = None) -> Log:
    """The log of the current attempt, unless another is named.

    Raises `InvalidInput` for an attempt that there never was.
    """
    number = operation.attempt if attempt is None else attempt
    if not 1 <= number <= operation.attempt:
        raise InvalidInput(reason=f"{operation.pk} has the attempts 1 to {operation.attempt}.")
    row = AttemptLog.objects.filter(operation_id=operation.pk, attempt=number).first()
    if row is None:
        return Log(attempt=number)
    return Log(
        attempt=number,
        text=row.text,
        left_out_bytes=row.left_out_bytes,
        updated_at=row.updated_at,
    )

"""Rows that another session holds: how to pass them by, so that one that froze stops no other.

PostgreSQL alone: SQLite has one lock, of the whole database, which goes with whoever holds it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from operations.models import Operation

logger = logging.getLogger(__name__)

WAIT_MILLISECONDS = 2_000
"""Nobody holds a lock for as long as 50 ms of work."""

LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def impatient() -> Iterator[None]:
    """A transaction in which no statement waits for a lock for longer than `WAIT_MILLISECONDS`.

    Said in the transaction: a pooler may give the next one another session. Raises Django's
    `OperationalError`, which `ran_out` knows.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MILLISECONDS}")
        yield


@contextmanager
def taken(operation_id: str) -> Iterator[bool]:
    """The operation's row for the body alone, if it is free; else False, at once.

    Of a part its family's first, as whatever ends a part does.
    """
    with impatient():
        family = Operation.objects.filter(pk=operation_id).values_list("part_of_id", flat=True)
        ids = [pk for pk in (family.first(), operation_id) if pk]
        is_free = all(_take(pk) for pk in ids)
        if not is_free:
            pass_by(operation_id)
        yield is_free


def _take(operation_id: str) -> bool:
    row = Operation.objects.filter(pk=operation_id).only("pk")
    return row.select_for_update(skip_locked=True, no_key=True).first() is not None


def pass_by(operation_id: str) -> None:
    logger.warning(
        "%s is held by a session of the database that has not ended its transaction: "
        "the next look tries again",
        operation_id,
    )


def ran_out(error: BaseException) -> bool:
    """Whether it is the end of a wait for a lock: the database is there for all else."""
    return getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE

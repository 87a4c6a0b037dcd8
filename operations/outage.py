"""When the database, or the way to it, is gone: what says so, and how to wait until it is back."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connections
from django.db.utils import DatabaseError, InterfaceError, InternalError, OperationalError

logger = logging.getLogger(__name__)

T = TypeVar("T")

DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)
"""`InternalError` is how PostgreSQL tells a session that it was ended for holding a transaction,
and with it a lock, longer than a lease."""

DATABASE_FAULT = (DatabaseError, InterfaceError)
"""Whatever a database can answer with, a missing table included: for edges, which only report."""

PAUSE_SECONDS = 1.0


def is_away(error: BaseException | None) -> bool:
    """Whether a request that met this may be sent again: no lock came free, or no answer.

    SQLite calls a statement that it cannot read an `OperationalError`, too; that will not pass.
    """
    reason = getattr(getattr(error, "__cause__", None), "sqlite_errorname", "")
    return isinstance(error, DATABASE_AWAY) and reason != "SQLITE_ERROR"


def patiently(act: Callable[[], T]) -> T:
    """Do what must not be lost, again and again while the database is away.

    `act` runs once more after an answer that was lost on its way, so it has to be one that can.
    """
    while True:
        try:
            return act()
        except DATABASE_AWAY as error:
            logger.warning("the database is away, trying again: %s", error)
            forget_connections()
            time.sleep(PAUSE_SECONDS)


def forget_connections() -> None:
    """Close this thread's connections: a broken one would fail for ever."""
    connections.close_all()

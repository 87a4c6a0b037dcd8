"""Look first, then write: nothing slow holds the lock that a transaction takes.

SQLite lets one writer in at a time, and PostgreSQL ends a session that idles in a transaction: so
no strategy is checked, no file read and nothing digested in one. What acts is two functions: the
first looks at whatever it needs, the second writes rows and nothing else.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

T = TypeVar("T")
R = TypeVar("R")


class Outdated(Exception):
    """What was looked at has changed before it could be written. No user meets this."""


def write_prepared(prepare: Callable[[], T], write: Callable[[T], R]) -> R:
    """What `write` makes, in one transaction, of what `prepare` has found out before, in none.

    `write` raises `Outdated` where a conditional UPDATE of its own tells it that something else
    came first: then nothing is written, and `prepare` looks again, and may refuse.
    """
    while True:
        prepared = prepare()
        try:
            with transaction.atomic():
                return write(prepared)
        except Outdated:
            continue

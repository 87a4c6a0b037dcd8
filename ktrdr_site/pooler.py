"""Between a site and its PostgreSQL may stand a pooler, which has sessions for whoever comes next.

In transaction mode another session may serve the next transaction, so nothing may be set for a
session: no prepared statement, no cursor that outlives a transaction, and no `SET` but a `SET
LOCAL`. What a connection else asks for itself (`options`) the database's role has to have.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

OPTIONS_REFUSED = "unsupported startup parameter: options"
STATEMENT_MODE = "statement pooling mode"
"""PgBouncer's own words."""


def refusals(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """Of a pooler that cannot be worked with as it is; of no other fault."""
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        if OPTIONS_REFUSED in str(error):
            return [_options_refused()]
        if STATEMENT_MODE in str(error):
            return [_statement_mode()]
        raise
    return []


def unlimited(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """What this connection's session may do for ever."""
    with connection.cursor() as cursor:
        missing = [name for name in settings.SESSION_LIMITS_MS if _is_off(cursor, name)]
        cursor.execute("SELECT quote_ident(current_user)")
        role = cursor.fetchone()[0]
    lines = [
        f"ALTER ROLE {role} SET {name} = '{settings.SESSION_LIMITS_MS[name]}ms';"
        for name in missing
    ]
    return [_no_limits(missing, lines)] if missing else []


def _is_off(cursor: Any, name: str) -> bool:
    cursor.execute(f"SHOW {name}")
    return bool(cursor.fetchone()[0] == "0")


def _no_limits(missing: Sequence[str], lines: Sequence[str]) -> CheckMessage:
    return Warning(
        f"PostgreSQL has no {' and no '.join(missing)} for this site: a worker that freezes inside "
        "a transaction keeps its operation for ever.",
        hint=f"Behind a pooler: {' '.join(lines)} Then let the pooler connect anew (RECONNECT in "
        "PgBouncer's console).",
        id="ktrdr.W003",
    )


def _options_refused() -> CheckMessage:
    return Error(
        "DATABASE_URL leads to a pooler, which takes no `options`.",
        hint="Set KTRDR_DATABASE_POOLER=true, here and for every process of this site.",
        id="ktrdr.E009",
    )


def _statement_mode() -> CheckMessage:
    return Error(
        "DATABASE_URL leads to a PgBouncer in statement mode, which has no transactions.",
        hint="Set pool_mode = transaction, or session, in pgbouncer.ini.",
        id="ktrdr.E010",
    )

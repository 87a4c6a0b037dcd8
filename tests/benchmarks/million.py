"""Fill a database with a long history, as years of use would leave it: fast, on both databases.

Per 1,000 operations 850 are completed, 120 stopped with two checkpoints each, 29 more failed
without one, and one is running; each has one attempt and as many events as asked for. One of 200
users owns each; they began half a minute apart, the newest a minute ago. Every 100th has a whole
request; the others' would only fill a table of their own, out of the way of a list.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from string import Template
from types import SimpleNamespace

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction

NUM_USERS = 200
BATCH = 100_000  # operations in a transaction
WORDS = ("momentum", "reversal", "breakout", "carry", "channel", "trend", "spread", "pairs")


@dataclass(frozen=True, kw_only=True)
class History:
    """What was filled in."""

    operations: int
    events: int
    users: tuple[User, ...]

    def operation_id(self, number: int) -> str:
        """Of the operation that began as the `number`th, from 1."""
        return f"op_training_20240101_000000_{number:08x}"


def fill(*, operations: int, events_each: int = 10, more: Sequence[str] = ()) -> History:
    """The tables have to be empty. 1,000,000 operations with 10 events each take minutes.

    `more`: statements of further rows, written as those below.
    """
    users = tuple(
        User.objects.bulk_create(User(username=f"user-{number}") for number in range(NUM_USERS))
    )
    _hurry()
    statements = (OPERATIONS, ATTEMPTS, EVENTS, CHECKPOINTS, *more)
    for first in range(1, operations + 1, BATCH):
        last = min(first + BATCH - 1, operations)
        numbers = {"first": first, "last": last, "total": operations, "events_each": events_each}
        with transaction.atomic():
            _fill(statements, {**numbers, "num_users": NUM_USERS, "first_user": users[0].pk})
    fill_places = import_module("training.migrations.0015_fill_places")
    with _without_indexes("operations_place"):
        fill_places.fill(apps, SimpleNamespace(connection=connection))
    _settle()
    return History(operations=operations, events=operations * events_each, users=users)


def _fill(statements: Sequence[str], numbers: dict[str, int]) -> None:
    values: dict[str, object] = {**numbers, "request": _quoted(json.dumps(example_request()))}
    dialect = {
        name: Template(words).substitute(values)
        for name, words in DIALECTS[connection.vendor].items()
    }
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # no foreign key is checked
            cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            words = {**values, **dialect, "series": _series(values)}
            cursor.execute(Template(statement).substitute(words))


def example_request() -> dict[str, object]:
    """As a training's start writes it."""
    from training.strategy.library import find_strategy

    strategy = find_strategy("sp500_daily").load().strategy
    return {
        "strategy": strategy.snapshot(),
        "strategy_name": strategy.name,
        "device": "auto",
        "checkpoint": {"every_epochs": 10, "every_seconds": 300.0, "keep": 2},
    }


@contextmanager
def _without_indexes(table: str) -> Iterator[None]:
    """Made again at the end, each in one sort: entry by entry they took SQLite most of the time."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES[connection.vendor], [table])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
        yield
        for name, words in indexes:
            print(f"index {name}", flush=True)
            cursor.execute(words)


def _hurry() -> None:
    """Let SQLite keep in memory what it writes again and again, and wait for no disk."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for setting in ("cache_size = -1000000", "synchronous = OFF"):
                cursor.execute(f"PRAGMA {setting}")


def _settle() -> None:
    """What a database of that age has long done; and let the next connection be as a site's."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    connection.close()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _series(values: dict[str, object]) -> str:
    return Template(
        "WITH RECURSIVE series(i) AS "
        "(SELECT CAST($first AS integer) UNION ALL SELECT i + 1 FROM series WHERE i < $last)"
    ).substitute(values)


OPERATIONS = """
INSERT INTO operations_operation (
    id, operation_type, name, lineage, request, queue, created_at, started_at, completed_at,
    status, attempt, claimed_at, claim_token, worker, lease_expires_at, heartbeat_at,
    cancel_requested_at, cancel_reason, restarts, max_restarts, rings, rung_at, last_event,
    progress, pinned, result, error_code, error_message, owner_id, parent_id)
$series
SELECT $id, 'training', $word || ' ' || i, $id, $request_of_row, 'training', $moment,
    $begun, CASE WHEN i % 1000 = 0 THEN NULL ELSE $moment END, $status,
    1, $moment, 'token', 'worker-' || (i % 50), $lease_end, $moment, NULL, '', 0, 3, 1,
    $moment, $events_each, '{"phase": "training", "epoch": 12, "total_epochs": 40}', '{}', NULL,
    CASE WHEN i % 1000 > 910 THEN 'worker_lost' ELSE '' END, '',
    $first_user + i % $num_users, NULL
FROM series
"""

ATTEMPTS = """
INSERT INTO operations_attempt (
    operation_id, number, worker, device, created_at, claimed_at, ended_at, outcome,
    resumed_from, fingerprint, exact, differences, replayed_epochs, replay_verified, error)
$series
SELECT $id, 1, 'worker-' || (i % 50), 'cpu', $moment, $moment,
    CASE WHEN i % 1000 = 0 THEN NULL ELSE $moment END,
    CASE WHEN i % 1000 = 0 THEN '' ELSE $status END,
    NULL, '{}', TRUE, '[]', 0, NULL, NULL
FROM series
"""

EVENTS = """
INSERT INTO operations_event (operation_id, number, event_type, attempt, created_at, data)
$series,
numbers(number) AS (
    SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < $events_each
)
SELECT $id, number,
    CASE number WHEN 1 THEN 'created' WHEN 2 THEN 'queued' WHEN 3 THEN 'claimed'
        WHEN 4 THEN 'started' ELSE 'checkpoint_saved' END,
    1, $moment, '{"epoch": 12, "batch": 0, "checkpoint_type": "periodic"}'
FROM series, numbers
"""

CHECKPOINTS = """
INSERT INTO checkpoints_checkpoint (
    operation_id, attempt, epoch, batch, checkpoint_type, directory, size_bytes, format_version,
    metrics, created_at, verified_at, quarantined_at, quarantine_reason)
$series,
saved(epoch) AS (SELECT 9 UNION ALL SELECT 19)
SELECT $id, 1, epoch, 0, 'periodic', 'checkpoints/' || $id || '/' || epoch, 40000, 1,
    '{"val_loss": 0.5}', $moment, NULL, NULL, ''
FROM series, saved WHERE i % 1000 BETWEEN 851 AND 970
"""

STATUS = """
CASE WHEN i % 1000 = 0 THEN 'running' WHEN i % 1000 <= 850 THEN 'completed'
    WHEN i % 1000 <= 910 THEN 'cancelled' ELSE 'failed' END
"""

REQUEST = "CASE WHEN i % 100 = 0 THEN $request ELSE '{}' END"

INDEXES = {
    "postgresql": """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s
AND indexname NOT IN (SELECT conname FROM pg_constraint)
""",
    "sqlite": "SELECT name, sql FROM sqlite_master "
    "WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
}
"""Their names, and how each is made; not those of constraints."""

DIALECTS = {
    "postgresql": {
        "id": "('op_training_20240101_000000_' || lpad(to_hex(i), 8, '0'))",
        "moment": "(now() - ($total - i) * interval '30 seconds' - interval '1 minute')",
        "begun": "(now() - ($total - i) * interval '30 seconds' - interval '1 minute' "
        "- (i * CAST(7919 AS bigint) % 100003) * interval '1 second')",
        "lease_end": "now() + CASE WHEN i % 1000 = 0 THEN 1 ELSE 0 END * interval '1 year'",
        "word": f"(ARRAY{list(WORDS)!r})[1 + i % {len(WORDS)}]",
        "status": STATUS,
        "request_of_row": f"CAST({REQUEST} AS jsonb)",
    },
    "sqlite": {
        "id": "printf('op_training_20240101_000000_%08x', i)",
        "moment": "strftime('%Y-%m-%d %H:%M:%f', 'now', "
        "'-' || (($total - i) * 30 + 60) || ' seconds')",
        "begun": "strftime('%Y-%m-%d %H:%M:%f', 'now', "
        "'-' || (($total - i) * 30 + 60 + i * 7919 % 100003) || ' seconds')",
        "lease_end": "datetime('now', '+' || CASE WHEN i % 1000 = 0 THEN 1 ELSE 0 END || ' years')",
        "word": f"json_extract('{json.dumps(WORDS)}', '$$[' || (i % {len(WORDS)}) || ']')",
        "status": STATUS,
        "request_of_row": REQUEST,
    },
}
"""What the two databases write differently, of row `i`."""

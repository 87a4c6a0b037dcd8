"""Places of the operations that are there. Begins again where it was interrupted."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import migrations, transaction

BATCH = 20_000
KNOWN = "known_word"

CREATE = f"""
CREATE TEMPORARY TABLE {KNOWN} (kind varchar(16), value varchar(200), word bigint, trait bigint,
    PRIMARY KEY (kind, value))
"""
WORDS = """
SELECT kind, value FROM training_label
UNION SELECT 'owner', CAST(owner_id AS varchar(20)) FROM operations_operation
WHERE owner_id IS NOT NULL
"""
LAST = """
SELECT max(id) FROM (SELECT id FROM operations_operation WHERE id > %s ORDER BY id LIMIT %s) batch
"""
FILL = f"""
WITH these AS (
    SELECT id, part_of_id, status, owner_id, created_at, seconds
    FROM operations_operation WHERE id > %s AND id <= %s
),
words AS (
    SELECT id AS operation_id, CAST(%s AS bigint) AS word, CAST(0 AS bigint) AS trait FROM these
    UNION ALL SELECT label.operation_id, known.word, known.trait FROM training_label label
    JOIN {KNOWN} known ON known.kind = label.kind AND known.value = label.value
    WHERE label.operation_id > %s AND label.operation_id <= %s
    UNION ALL SELECT these.id, known.word, known.trait FROM these
    JOIN {KNOWN} known ON known.kind = 'owner'
    AND known.value = CAST(these.owner_id AS varchar(20))
),
traits AS (SELECT operation_id, bit_or(trait) AS bits FROM words GROUP BY operation_id)
INSERT INTO operations_place (operation_id, word, traits, created, seconds, figure_1, figure_2,
    figure_3, figure_4, figure_5, figure_6, figure_7, figure_8)
SELECT these.id, words.word,
    traits.bits | CASE status WHEN 'cancelled' THEN 2 WHEN 'completed' THEN 4
        WHEN 'failed' THEN 8 ELSE 0 END | CASE WHEN part_of_id IS NULL THEN 1 ELSE 0 END,
    {{created}}, seconds, net_return, sharpe, max_drawdown, accuracy, val_loss, best_epoch,
    test_first_time, {{made}}
FROM these JOIN words ON words.operation_id = these.id
JOIN traits ON traits.operation_id = these.id
LEFT JOIN training_trainedmodel model ON model.operation_id = these.id
ORDER BY these.id
ON CONFLICT DO NOTHING
"""
MICROSECONDS = {
    "postgresql": "CAST(EXTRACT(EPOCH FROM {0}) * 1000000 AS bigint)",
    # It keeps times as text, with six digits of a second, three, or none.
    "sqlite": "CAST(strftime('%%s', {0}) AS integer) * 1000000"
    " + CAST(substr(substr({0}, 21) || '000000', 1, 6) AS integer)",
}


def fill(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    written = MICROSECONDS[connection.vendor]
    columns = {"created": "these.created_at", "made": "model.created_at"}
    statement = FILL.format(**{name: written.format(each) for name, each in columns.items()})
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            connection.connection.create_aggregate("bit_or", 1, _BitOr)
        _know_words(cursor)
        for after, last in _batches(cursor):
            with transaction.atomic():
                every = _numbers("", "")[0]
                cursor.execute(statement, [after, last, every, after, last])
        cursor.execute(f"DROP TABLE {KNOWN}")


def _know_words(cursor: Any) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {KNOWN}")
    cursor.execute(CREATE)
    cursor.execute(WORDS)
    rows = [(kind, value, *_numbers(kind, value)) for kind, value in cursor.fetchall()]
    with transaction.atomic():
        cursor.executemany(f"INSERT INTO {KNOWN} VALUES (%s, %s, %s, %s)", rows)  # noqa: S608


def _batches(cursor: Any) -> Iterator[tuple[str, str]]:
    """Ranges of ids, from the last one on that has its places."""
    cursor.execute("SELECT max(operation_id) FROM operations_place")
    after = cursor.fetchone()[0] or ""
    while True:
        cursor.execute(LAST, [after, BATCH])
        if (last := cursor.fetchone()[0]) is None:
            return
        yield after, last
        after = last


class _BitOr:
    """SQLite has none."""

    def __init__(self) -> None:
        self._bits = 0

    def step(self, bits: int) -> None:
        self._bits |= bits

    def finalize(self) -> int:
        return self._bits


def _numbers(kind: str, value: str) -> tuple[int, int]:
    """Its word and its traits."""
    digest = hashlib.blake2b(f"{kind}={value}".encode(), digest_size=8).digest()
    number = int.from_bytes(digest)
    traits = 0
    for shift in (0, 20, 40):
        traits |= 1 << (number >> shift) % 59 + 4
    return int.from_bytes(digest, signed=True), traits


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("training", "0014_one_look_of_many_windows"), ("operations", "0015_places")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

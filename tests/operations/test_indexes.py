"""What a million operations need of the database's indexes: see docs/SCALE.md."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from operations import places, selectors
from operations.models import Attempt, AttemptLog, Event, Metric, Operation, Status
from operations.reading import choosing, walking
from operations.reading.choosing import Choice
from training.models import PLACES

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no index of trigrams, and no HOT updates"
)

NOW = datetime.now(UTC)
CHANGED_BY_A_HEARTBEAT = {"heartbeat_at", "lease_expires_at", "progress"}


def indexed_columns() -> set[str]:
    """Also those that a partial index only asks for."""
    columns = {name.lstrip("-") for index in Operation._meta.indexes for name in index.fields}
    return columns | {
        condition[0].partition("__")[0]
        for index in Operation._meta.indexes
        for condition in (index.condition.children if index.condition else ())
        if isinstance(condition, tuple)
    }


def test_no_index_holds_what_a_heartbeat_changes() -> None:
    """Else PostgreSQL writes all indexes of the row at each of them."""
    assert "status" in indexed_columns()
    assert not CHANGED_BY_A_HEARTBEAT & indexed_columns()
    indexed = {field.name for field in Operation._meta.fields if field.db_index or field.unique}
    assert not CHANGED_BY_A_HEARTBEAT & indexed


@pytest.mark.parametrize("history", [Attempt, AttemptLog, Event, Metric])
def test_a_history_is_indexed_by_operation_once(history: type[models.Model]) -> None:
    leading = [constraint.fields[0] for constraint in history._meta.total_unique_constraints]
    assert leading == ["operation"]
    assert not history._meta.get_field("operation").db_index


@pytest.fixture
def many(db: None) -> None:
    """So many that no index is read from one end to the other; a third are parts."""
    families = [_one(number) for number in range(2000)]
    Operation.objects.bulk_create(families)
    parts = [_one(number, part_of=families[0], part_number=number) for number in range(2000, 3000)]
    Operation.objects.bulk_create(parts)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT gin_clean_pending_list('operation_name_trigrams')")
        cursor.execute("ANALYZE operations_operation")


def _one(number: int, **fields: object) -> Operation:
    made = f"op_{number}"
    return Operation(
        pk=made, operation_type="training", name=f"named {number:x}", lineage=made, request={},
        queue="training", max_restarts=0, **fields,
    )  # fmt: skip


@pytest.mark.usefixtures("many")
def test_the_end_of_an_id_is_read_from_its_index() -> None:
    """Every row's id was looked at: 0.1 s at a million."""
    made = _one(10**11).pk
    Operation.objects.bulk_create([_one(10**11)])
    with CaptureQueriesContext(connection) as asked:
        assert selectors.find_operation(made[-8:]).pk == made
    assert len(asked) == 3
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
            cursor.execute(explain + query["sql"])
            found = str(cursor.fetchall())
        assert "Seq Scan" not in found and "SCAN operations_operation" not in found


@on_postgresql
@pytest.mark.usefixtures("many")
def test_a_name_its_end_and_pages_of_all_kinds_are_read_from_their_indexes() -> None:
    for search in ("momentum", "mo"):  # in any order: in the list's, a small table is read along
        found = plan(search=search)
        assert "operation_name_trigrams" in found and "operation_id_tail" in found
    assert "operation_newest_family" in plan("-created_at", "-pk")
    assert "operation_part_once" in plan("part_number", part_of="op_0")
    waiting = Operation.objects.all().waiting().order_by("created_at")
    assert "operation_unclaimed" in waiting.explain()
    newest_first = ("-created_at", "-pk")
    assert "operation_by_type" in plan(*newest_first, operation_type="backtest")
    assert "operation_by_status" in plan(*newest_first, status=Status.FAILED)


ASKED: list[dict[str, Any]] = [
    {"labels": {"symbol": "ACME"}},
    {"labels": {"symbol": "ACME"}, "status": Status.FAILED, "ordering": "-duration"},
    {"labels": {"symbol": "ACME", "tag": "good"}, "until": NOW, "ordering": "net_return"},
    {"owner": "nobody", "ordering": "-best_epoch"},
    {"since": NOW, "ordering": "-val_loss"},
]


@pytest.mark.usefixtures("many")
def test_a_list_walks_along_one_index_that_tells_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row of an operation is read before it is shown, and nothing is sorted."""
    monkeypatch.setattr(walking, "GATHERED", -1)
    places.renew(Operation.objects.values_list("pk", flat=True))
    for asked in ASKED:
        assert_walks_along_one_index(Choice(**asked))


def assert_walks_along_one_index(choice: Choice) -> None:
    with CaptureQueriesContext(connection) as queries:
        choosing.page(None, choice, page_size=50)
    (listed,) = (query["sql"] for query in queries if "LIMIT 51" in query["sql"])
    column = PLACES | choosing.COLUMNS
    explained_so = explained(listed)
    assert f"place_by_{column[choice.column]}" in explained_so
    assert "operations_operation" not in explained_so and "TEMP B-TREE" not in explained_so
    if connection.vendor == "postgresql":
        assert "Index Only Scan" in explained_so and "Sort" not in explained_so


@pytest.mark.usefixtures("many")
def test_few_of_a_time_are_gathered() -> None:
    """A walk would pass by all the others."""
    places.renew(Operation.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as queries:
        choosing.page(None, Choice(since=NOW, ordering="-val_loss"), page_size=50)
    (listed,) = (query["sql"] for query in queries if "LIMIT 51" in query["sql"])
    assert "place_by_figure" not in explained(listed)


def explained(sql: str) -> str:
    is_postgresql = connection.vendor == "postgresql"
    if is_postgresql:
        never_read_whole_or_sort()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'' if is_postgresql else 'QUERY PLAN'} {sql}")
        return str(cursor.fetchall())


def plan(*ordering: str, **wanted: object) -> str:
    """How PostgreSQL would find them if it never read a whole table or sorted one."""
    never_read_whole_or_sort()
    found = selectors.matching(Operation.objects.all(), **wanted)  # type: ignore[arg-type]
    return str(found.order_by(*ordering)[:51].explain())


def never_read_whole_or_sort() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")

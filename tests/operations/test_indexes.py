"""What a million operations need of the database's indexes: see docs/SCALE.md."""

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from operations import selectors
from operations.labels import Label
from operations.models import Attempt, AttemptLog, Event, Metric, Operation, Status
from operations.reading import choosing
from operations.reading.choosing import Choice

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no index of trigrams, and no HOT updates"
)

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


@on_postgresql
@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("search", ["momentum", "mo"])
def test_a_name_is_found_by_its_trigrams(search: str) -> None:
    """In any order: in the list's, a small table is rather read along."""
    assert "operation_name_trigrams" in plan(search=search)


@on_postgresql
@pytest.mark.usefixtures("many")
def test_a_page_of_families_and_what_waits_are_read_from_their_indexes() -> None:
    assert "operation_newest_family" in plan("-created_at", "-pk")
    assert "operation_part_once" in plan("part_number", part_of="op_0")
    waiting = Operation.objects.all().waiting().order_by("created_at")
    assert "operation_unclaimed" in waiting.explain()


@on_postgresql
@pytest.mark.usefixtures("many")
def test_a_page_of_a_type_or_a_status_is_read_from_its_index() -> None:
    newest_first = ("-created_at", "-pk")
    assert "operation_by_type" in plan(*newest_first, operation_type="backtest")
    assert "operation_by_status" in plan(*newest_first, status=Status.FAILED)


@pytest.mark.usefixtures("many")
def test_a_label_of_a_status_is_looked_for_along_its_durations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To ask each of a label for its status reads a long row of each: a quarter of a second."""
    monkeypatch.setattr(choosing, "GATHERED", -1)
    monkeypatch.setattr(choosing, "MOST_GATHERED", -1)
    choice = Choice(status=Status.FAILED, labels={"symbol": "ACME"}, ordering="-duration")
    with CaptureQueriesContext(connection) as asked:
        choosing.page(Operation.objects.all(), choice, page_size=50)
    (listed,) = (query["sql"] for query in asked if "LIMIT 51" in query["sql"])
    assert "operation_by_status_seconds" in explained(listed)


@on_postgresql
@pytest.mark.usefixtures("many")
def test_postgresql_knows_how_many_have_a_label() -> None:
    """Of a kind that a third of the labels are, each with a value that no other kind has."""
    kinds = ("strategy", "symbol", "timeframe")
    ids = [f"op_{number}" for number in range(2000)]
    Label.objects.bulk_create(
        Label(operation_id=pk, kind=kind, value=f"the {kind}") for pk in ids for kind in kinds
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE training_label")
        cursor.execute(
            "EXPLAIN (FORMAT JSON) SELECT 1 FROM training_label "
            "WHERE kind = 'strategy' AND value = 'the strategy'"
        )
        assert cursor.fetchone()[0][0]["Plan"]["Plan Rows"] == pytest.approx(2000, rel=0.1)


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

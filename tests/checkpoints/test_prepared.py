"""A query whose SQL is written once answers as Django's own does, whatever it is asked for."""

import pytest
from django.db import connection, transaction
from django.db.models import F

from checkpoints.prepared import Prepared
from operations.models import Operation, OperationQuerySet
from tests.operations import scenes

pytestmark = pytest.mark.django_db(transaction=True)


def of(operation_id: str, attempt: int) -> OperationQuerySet:
    return Operation.objects.filter(pk=operation_id, attempt=attempt).order_by()


def test_it_binds_the_values_that_it_is_asked_with() -> None:
    first, second = scenes.reread(scenes.running()), scenes.reread(scenes.running())
    query = Prepared(
        lambda operation_id, attempt: of(operation_id, attempt).values_list("id", "last_event"),
        operation_id="an operation",
        attempt=1_000_001,
    )
    for each in (first, second):
        assert query.row(operation_id=each.pk, attempt=1) == (each.pk, each.last_event)
    assert query.row(operation_id=first.pk, attempt=2) is None


def test_it_changes_what_it_is_asked_to_and_says_how_many() -> None:
    first, second = scenes.reread(scenes.running()), scenes.reread(scenes.running())
    query = Prepared(
        lambda operation_id, attempt, events: of(operation_id, attempt),
        changes=lambda operation_id, attempt, events: {"last_event": F("last_event") + events},
        operation_id="an operation",
        attempt=1_000_001,
        events=1_000_002,
    )
    for events in (1, 2):
        assert query.update(operation_id=first.pk, attempt=1, events=events) == 1
    assert query.update(operation_id=first.pk, attempt=2, events=1) == 0
    assert scenes.reread(first).last_event == first.last_event + 3
    assert scenes.reread(second).last_event == second.last_event


def test_a_value_without_a_place_is_no_query() -> None:
    query = Prepared(lambda attempt: Operation.objects.all().values_list("id"), attempt=1_000_001)
    with pytest.raises(ValueError, match="no place for attempt"):
        query.row(attempt=1)


def test_a_row_is_what_its_model_has() -> None:
    operation = scenes.reread(scenes.completed(1))
    query = Prepared(
        lambda operation_id: Operation.objects.filter(pk=operation_id), operation_id="an operation"
    )
    (found,) = query.models(operation_id=operation.pk)
    names = [field.attname for field in Operation._meta.concrete_fields]
    assert {name: getattr(found, name) for name in names} == {
        name: getattr(operation, name) for name in names
    }
    assert (
        query.model(operation_id="another") is None and query.models(operation_id="another") == []
    )


def test_of_some_columns_the_others_are_read_when_they_are_asked_for() -> None:
    operation = scenes.reread(scenes.running())
    query = Prepared(
        lambda operation_id: Operation.objects.filter(pk=operation_id).only("attempt", "status"),
        operation_id="an operation",
    )
    found = query.model(operation_id=operation.pk)
    assert found.get_deferred_fields() >= {"request", "worker"}
    assert (found.attempt, found.status, found.worker) == (1, "running", operation.worker)


def test_json_is_bound_as_any_value() -> None:
    operation = scenes.reread(scenes.running())
    query = Prepared(
        lambda operation_id, progress: Operation.objects.filter(pk=operation_id),
        changes=lambda operation_id, progress: {"progress": progress},
        operation_id="an operation",
        progress={"the": "progress"},
    )
    for progress in ({"epoch": 3, "words": ["ü", None]}, {}):
        assert query.update(operation_id=operation.pk, progress=progress) == 1
        assert scenes.reread(operation).progress == progress


@pytest.mark.skipif(connection.vendor == "sqlite", reason="has one lock, of the whole database")
def test_a_row_is_locked_in_a_transaction_alone() -> None:
    operation = scenes.running()
    query = Prepared(
        lambda operation_id: (
            Operation.objects.filter(pk=operation_id).only("pk").select_for_update()
        ),
        operation_id="an operation",
    )
    with transaction.atomic():
        assert query.model(operation_id=operation.pk) == operation
    with pytest.raises(transaction.TransactionManagementError):
        query.model(operation_id=operation.pk)


def test_a_change_returns_the_row_as_it_is_then() -> None:
    operation = scenes.reread(scenes.running())
    query = Prepared(
        lambda operation_id: Operation.objects.filter(pk=operation_id),
        changes=lambda operation_id: {"last_event": F("last_event") + 1},
        returning=[field.attname for field in Operation._meta.concrete_fields],
        operation_id="an operation",
    )
    found = query.changed(operation_id=operation.pk)
    names = [field.attname for field in Operation._meta.concrete_fields]
    stored = scenes.reread(operation)
    assert stored.last_event == operation.last_event + 1
    assert {name: getattr(found, name) for name in names} == {
        name: getattr(stored, name) for name in names
    }
    assert query.changed(operation_id="another") is None

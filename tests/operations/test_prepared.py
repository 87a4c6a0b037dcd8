"""A query whose SQL is written once answers as Django's own does, whatever it is asked for."""

import pytest
from django.db.models import F

from operations.models import Operation, OperationQuerySet
from operations.prepared import Prepared
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

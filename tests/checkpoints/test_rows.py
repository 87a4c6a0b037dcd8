"""A row whose SQL is written once is the row that Django would have written."""

from typing import Any

import pytest
from django.db import models
from django.db.models.functions import Now

from checkpoints import rows
from checkpoints.models import Checkpoint
from operations.models import Attempt, Event, Metric, Operation
from tests.operations import scenes

pytestmark = pytest.mark.django_db(transaction=True)

OF_ITS_OWN = ("id", "created_at")


def columns(row: models.Model) -> dict[str, Any]:
    """Without those that differ from row to row."""
    names = [field.attname for field in row._meta.concrete_fields]
    return {name: getattr(row, name) for name in names if name not in OF_ITS_OWN}


def an_event(operation: Operation, number: int) -> dict[str, Any]:
    of_it = {"operation_id": operation.pk, "number": number, "event_type": "started"}
    return {**of_it, "attempt": 1, "data": {"epoch": -1, "words": ["ü", '"']}}


def test_what_is_left_out_has_its_default() -> None:
    operation = scenes.cancelled()
    rows.insert(Attempt, operation_id=operation.pk, number=2)
    written = columns(Attempt.objects.get(operation=operation, number=2))
    Attempt.objects.filter(number=2).delete()
    Attempt.objects.create(operation=operation, number=2)
    assert written == columns(Attempt.objects.get(operation=operation, number=2))


def test_several_rows_have_their_values_each() -> None:
    operation = scenes.running()
    rows.insert_each(Event, [an_event(operation, number) for number in (11, 12)])
    written = Event.objects.filter(number__gt=10).order_by("number")
    told = [(row.number, row.data, row.actor_name) for row in written]
    assert told == [(number, an_event(operation, 1)["data"], "") for number in (11, 12)]
    assert all(row.created_at for row in written)


def test_more_rows_than_a_statement_has_places_for_are_all_there() -> None:
    operation = scenes.running()
    shared = {"operation_id": operation.pk, "attempt": 1, "values": {}}
    steps = range(2 * rows.MOST_AT_ONCE + 1)
    rows.insert_each(Metric, [{**shared, "step": step} for step in steps])
    assert Metric.objects.filter(operation=operation).count() == len(steps)


def test_what_is_there_already_is_left_alone_where_conflicts_are_ignored() -> None:
    operation = scenes.running()
    for loss, steps in ((1.0, [0]), (2.0, [0, 1])):
        shared = {"operation_id": operation.pk, "attempt": 1, "values": {"loss": loss}}
        rows.insert_each(
            Metric, [{**shared, "step": step} for step in steps], ignore_conflicts=True
        )
    found = Metric.objects.filter(operation=operation).values_list("step", "values")
    assert dict(found) == {0: {"loss": 1.0}, 1: {"loss": 2.0}}


def test_one_row_comes_with_what_the_database_has_given_it() -> None:
    operation = scenes.running()
    made = rows.insert_one(
        Checkpoint,
        ("id", "created_at"),
        operation_id=operation.pk,
        attempt=1,
        epoch=-1,
        batch=3,
        checkpoint_type="periodic",
        directory="checkpoints/one",
        size_bytes=5,
        format_version=1,
    )
    read = Checkpoint.objects.get()
    assert (made.pk, made.created_at) == (read.pk, read.created_at)
    assert columns(made) == columns(read)
    made.delete()
    assert not Checkpoint.objects.exists()


def test_a_change_says_how_many_rows_it_found() -> None:
    operation, other = scenes.running(), scenes.running()
    live = {"operation_id": operation.pk, "number": 1, "ended_at": None}
    told = {"outcome": "held", "differences": ["torch"], "exact": False, "error": None}
    assert rows.update(Attempt, live, ended_at=Now(), **told) == 1
    ended = scenes.attempt(operation, 1)
    assert {name: getattr(ended, name) for name in told} == told and ended.ended_at is not None
    assert rows.update(Attempt, live, worker="another") == 0
    assert scenes.attempt(operation, 1).worker != "another"
    assert scenes.attempt(other, 1).ended_at is None

"""What a page asks of the database: as much for many rows and a long history as for few."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from operations.models import Attempt, Event, EventType, Operation
from tests.operations import scenes
from tests.operations.dashboard.pictures import records, reports

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fake_type", "redis_down")]

SIGNED_IN = 2
"""The session and its user."""


@pytest.fixture
def queries(page: Client) -> Callable[[str], list[str]]:
    def ask(address: str) -> list[str]:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert page.get(address).status_code == 200
        return [query["sql"] for query in captured.captured_queries][SIGNED_IN:]

    return ask


def busy(num_epochs: int) -> Operation:
    operation = scenes.running()
    scenes.save(operation, 0)
    scenes.save(operation, 1)
    records(operation, range(num_epochs))
    return reports(operation, epoch=num_epochs - 1)


def make_old(operation: Operation) -> None:
    """Give it a long past."""
    last = operation.last_event
    Event.objects.bulk_create(
        Event(
            operation=operation,
            number=last + number,
            event_type=EventType.CHECKPOINT_SAVED,
            attempt=1,
            data={"checkpoint_type": "periodic", "epoch": number, "batch": 0},
        )
        for number in range(1, 500)
    )
    records(operation, range(30, 2500))
    reports(operation, epoch=2499)


def test_a_list_of_many_asks_no_more_than_a_list_of_one(
    queries: Callable[[str], list[str]],
) -> None:
    busy(30)
    few = queries("/operations/")
    for _ in range(6):
        busy(30)
    assert len(queries("/operations/")) == len(few) <= 14


def test_a_row_is_a_handful_of_small_queries(queries: Callable[[str], list[str]]) -> None:
    operation = busy(30)
    address = reverse("operation-row", args=[operation.pk])
    before = queries(address)
    make_old(operation)
    assert len(queries(address)) == len(before) <= 5


def test_what_stands_above_the_rows_is_counted_once_for_all_open_pages(
    queries: Callable[[str], list[str]], page: Client
) -> None:
    busy(3)
    assert len(queries("/operations/-/summary/")) == 6
    with CaptureQueriesContext(connection) as captured:
        page.get("/operations/-/summary/")
    assert len(captured.captured_queries) - SIGNED_IN == 1


@pytest.mark.parametrize("name", ["operation", "operation-header", "operation-history"])
def test_a_long_past_makes_no_page_larger(
    queries: Callable[[str], list[str]], page: Client, name: str
) -> None:
    operation = busy(30)
    address = reverse(name, args=[operation.pk])
    before = queries(address)
    make_old(operation)
    assert len(queries(address)) == len(before) <= 17
    assert len(page.get(address).content) < 150_000


def test_the_curve_of_a_long_past_is_bounded(
    queries: Callable[[str], list[str]], page: Client
) -> None:
    operation = busy(30)
    make_old(operation)
    address = reverse("operation-curve", args=[operation.pk])
    assert len(queries(address)) <= 5
    assert len(page.get(address).json()["epochs"]) <= 1001


def test_many_attempts_are_bounded_too(queries: Callable[[str], list[str]], page: Client) -> None:
    operation = busy(3)
    Attempt.objects.filter(operation=operation).update(ended_at="2026-01-01T00:00Z", outcome="lost")
    Attempt.objects.bulk_create(
        Attempt(
            operation=operation, number=number, ended_at="2026-01-01T00:00Z", outcome="interrupted"
        )
        for number in range(2, 300)
    )
    Operation.objects.filter(pk=operation.pk).update(attempt=299)
    html = page.get(reverse("operation-history", args=[operation.pk])).content.decode()
    assert "The newest 50 of 299." in html
    assert html.count("interrupted") == 2 * 50

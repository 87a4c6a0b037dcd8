from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIClient

from operations.models import Operation
from operations.reading.as_json import ShownOperation, present
from operations.reading.overview import overviews
from tests.operations import scenes

pytestmark = pytest.mark.usefixtures("fake_type")

LIST = "/api/v1/operations"


def ids(api: APIClient, **query: object) -> list[str]:
    answer = api.get(LIST, query)
    assert answer.status_code == 200, answer.json()
    return [row["operation_id"] for row in answer.json()["data"]]


def made_at(operation: Operation, minute: int) -> Operation:
    moment = datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(minutes=minute)
    Operation.objects.filter(pk=operation.pk).update(created_at=moment)
    return operation


def test_a_row_is_as_rest_framework_makes_it(api: APIClient) -> None:
    for make in (scenes.pending, scenes.running, scenes.failed, scenes.completed):
        make()
    scenes.cancelled(5)
    serializer = ShownOperation()
    for shown in overviews(Operation.objects.all()):
        assert present(shown) == ModelSerializer.to_representation(serializer, shown)


def test_the_newest_is_first(api: APIClient) -> None:
    old, new = made_at(scenes.pending(), 1), made_at(scenes.pending(), 2)
    assert ids(api) == [new.pk, old.pk]
    assert ids(api, ordering="created_at") == [old.pk, new.pk]


def test_each_filter_leaves_what_fits(api: APIClient) -> None:
    pending = made_at(scenes.pending(), 1)
    running = made_at(scenes.running(), 2)
    stopped = made_at(scenes.cancelled(5), 3)
    lost = made_at(scenes.failed(), 4)
    done = made_at(scenes.completed(), 5)
    Operation.objects.filter(pk=running.pk).update(name="Mean reversion")
    assert ids(api, status="cancelled") == [stopped.pk]
    assert ids(api, operation_type="backtest") == []
    assert ids(api, active="true") == [running.pk, pending.pk]
    assert ids(api, active="false") == [done.pk, lost.pk, stopped.pk]
    assert ids(api, resumable="true") == [stopped.pk]
    assert lost.pk in ids(api, resumable="false")
    assert ids(api, search="mean REV") == [running.pk]
    assert ids(api, search="ReVersion") == [running.pk]
    assert ids(api, search="mE") == [running.pk]
    assert ids(api, search="re") == []  # two letters: the beginning of a name alone
    for part in (done.pk, done.pk[:-1], done.pk[-8:], done.pk[-15:]):  # its beginning, its end
        assert ids(api, search=part) == [done.pk]
    assert ids(api, search=f"0{done.pk[-8:]}") == []
    assert ids(api, created_after="2026-11-21T12:04:00Z") == [done.pk]


def test_pages_lead_on_and_back_and_miss_nothing(api: APIClient) -> None:
    same_moment = [made_at(scenes.pending(), 1).pk for _ in range(3)]
    later = [made_at(scenes.pending(), 2).pk for _ in range(2)]
    expected = sorted(later, reverse=True) + sorted(same_moment, reverse=True)

    pages, url = [], f"{LIST}?page_size=2&active=true"
    while url:
        page = api.get(url).json()
        pages.append(page)
        url = page["next"]
    assert [[row["operation_id"] for row in page["data"]] for page in pages] == [
        expected[:2],
        expected[2:4],
        expected[4:],
    ]
    assert parse_qs(urlsplit(pages[0]["next"]).query)["active"] == ["true"]

    back = api.get(pages[2]["previous"]).json()
    assert [row["operation_id"] for row in back["data"]] == expected[2:4]
    first = api.get(back["previous"]).json()
    assert [row["operation_id"] for row in first["data"]] == expected[:2]
    assert first["previous"] is None


def test_pages_hold_by_the_database_s_own_times_and_when_a_row_goes(api: APIClient) -> None:
    expected = sorted((scenes.pending().pk for _ in range(6)), reverse=True)
    assert Operation.objects.update(created_at=Now()) == 6  # one moment, by the database's clock
    first = api.get(f"{LIST}?page_size=2").json()
    second = api.get(first["next"]).json()
    shown = [row["operation_id"] for row in first["data"] + second["data"]]
    assert shown == expected[:4]
    Operation.objects.filter(pk=shown[1]).delete()
    again = api.get(first["next"]).json()
    assert [row["operation_id"] for row in again["data"]] == expected[2:4]


def test_what_starts_meanwhile_moves_no_page(api: APIClient) -> None:
    old = [made_at(scenes.pending(), minute).pk for minute in (1, 2, 3)]
    first = api.get(f"{LIST}?page_size=2").json()
    made_at(scenes.pending(), 4)
    second = api.get(first["next"]).json()
    assert [row["operation_id"] for row in second["data"]] == [old[0]]


@pytest.mark.parametrize(
    "query",
    [
        "status=stopped",
        "resumable=maybe",
        "created_after=yesterday",
        "ordering=owner__password",
        "page_size=0",
        "page_size=1000000000",
        "page_size=x",
        "cursor=x",
        "cursor=eyJhIjoxfQ:1:x",
        "colour=green",
        "search=" + "x" * 300,
    ],
)
def test_a_query_that_makes_no_sense_is_refused(api: APIClient, query: str) -> None:
    answer = api.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_cursor_of_another_ordering_is_refused(api: APIClient) -> None:
    for _ in range(2):
        scenes.pending()
    next_page = api.get(f"{LIST}?page_size=1").json()["next"]
    assert api.get(f"{next_page}&ordering=created_at").status_code == 400


def test_a_page_costs_the_same_queries_however_long_it_is(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scenes.cancelled(1, 2)
    api.get(LIST)  # notes the token's use
    queries = 5  # the token, a page of ids, operations with owners, newest checkpoints, labels
    with django_assert_num_queries(queries):
        api.get(LIST)
    for epoch in range(5):
        scenes.cancelled(epoch)
    with django_assert_num_queries(queries):
        assert len(api.get(LIST).json()["data"]) == 6

"""Which operation was best: the list sorts by a figure, or by how long each took, with any filter,
on the page, in the API and in the command."""

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client

from operations import places
from operations.models import Operation, Status
from operations.reading import choosing, walking
from tests.training.views import scenes

RETURNS = {7: 0.3, 8: -0.2, 9: None, 10: 0.1}
"""By seed; of one it is not defined."""


WAYS: dict[str, dict[str, int]] = {
    "counted": {},
    "not counted": {"MOST_COUNTED": -1},
    "looked up": {"GATHERED": -1},
}
"""How a page is found, of numbers so low that few rows have each way."""


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in WAYS[request.param].items():
        monkeypatch.setattr(walking, name, number)


@pytest.fixture
def operations(owner: User) -> dict[int, Operation]:
    """By seed, made in that order; the last is not trained yet. Each took `seed` minutes."""
    made = {seed: scenes.started(owner, seed=seed, name=f"m{seed}") for seed in (*RETURNS, 11)}
    for seed, value in RETURNS.items():
        scenes.stored_model(made[seed], net_return=value, sharpe=seed / 10, max_drawdown=0.1)
        Operation.objects.filter(pk=made[seed].pk).update(
            status=Status.COMPLETED,
            started_at=Now() - timedelta(minutes=seed),
            completed_at=Now(),
        )
        places.renew([made[seed].pk])
    return made


def seeds(rows: list[dict[str, Any]]) -> list[int]:
    return [int(row["labels"]["seed"][0]) for row in rows]


def by_page(browser: Client, **query: Any) -> list[int]:
    answer = browser.get("/operations/", query)
    assert answer.status_code == 200
    rows = answer.context["rows"] if answer.context["rows"] else []
    return [int(row.shown.overview.known.labels["seed"][0]) for row in rows]


def by_api(browser: Client, **query: Any) -> list[int]:
    return seeds(browser.get("/api/v1/operations", query).json()["data"])


def by_command(browser: Client, **query: Any) -> list[int]:
    ordering = query.pop("ordering", "-created_at")
    options = [f"--{name}={value}" for name, value in query.items() if name != "search"]
    if not ordering.startswith("-"):
        options.append("--ascending")
    sort = f"--sort={ordering.removeprefix('-')}"
    out = StringIO()
    call_command("list_operations", "--json", sort, *options, stdout=out)
    return seeds(json.loads(out.getvalue()))


CHOICES: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [11, 10, 9, 8, 7]),
    ({"ordering": "created_at"}, [7, 8, 9, 10, 11]),
    ({"ordering": "-net_return"}, [7, 10, 8]),
    ({"ordering": "net_return"}, [8, 10, 7]),
    ({"ordering": "-duration"}, [10, 9, 8, 7]),
    ({"ordering": "duration", "symbol": "SP500"}, [7, 8, 9, 10]),
    ({"ordering": "-net_return", "seed": 8}, [8]),
    ({"symbol": "SP500", "timeframe": "1d", "ordering": "sharpe"}, [7, 8, 9, 10]),
    ({"symbol": "SP500", "timeframe": "1d", "seed": 9}, [9]),
    ({"symbol": "OTHER"}, []),
    ({"timeframe": "1h", "ordering": "-sharpe"}, []),
    ({"strategy": "sp500_daily", "network": "mlp", "status": "pending"}, [11]),
    ({"status": "completed", "ordering": "-sharpe"}, [10, 9, 8, 7]),
    ({"status": "pending", "ordering": "-sharpe"}, []),
    ({"status": "completed", "ordering": "-duration", "seed": 9}, [9]),
    ({"status": "pending", "ordering": "-duration"}, []),
    ({"owner": "owner", "seed": 9}, [9]),
    ({"owner": "nobody", "ordering": "-sharpe"}, []),
    ({"owner": "nobody", "ordering": "-duration"}, []),
    ({"until": "2020-01-01T00:00:00+00:00"}, []),
    ({"until": "2020-01-01T00:00:00+00:00", "ordering": "-sharpe"}, []),
    ({"since": "2020-01-01T00:00:00+00:00", "ordering": "-net_return"}, [7, 10, 8]),
]


@pytest.mark.parametrize("listed", [by_page, by_api, by_command])
def test_a_list_is_sorted_and_chosen_by_its_address(
    browser: Client, operations: Any, listed: Any
) -> None:
    for query, expected in CHOICES:
        assert listed(browser, **query) == expected, query


def test_it_is_the_same_list_however_it_is_found(
    browser: Client, operations: Any, way: None
) -> None:
    for query, expected in CHOICES:
        assert by_api(browser, **query) == expected, query


BESIDE = ("", "&symbol=SP500&seed=7", "&symbol=SP500")


def assert_pages_there_and_back(browser: Client, orderings: Iterable[tuple[int, str]]) -> None:
    for number, ordering in orderings:
        beside = BESIDE[number % len(BESIDE)]
        first = f"/api/v1/operations?ordering={ordering}{beside}"
        address, pages = f"{first}&page_size=1", []
        while address:
            pages.append(browser.get(address).json())
            address = pages[-1]["next"]
        there = [seeds(page["data"])[0] for page in pages]
        whole = seeds(browser.get(first).json()["data"])
        assert there == whole and len(set(there)) == len(there), (ordering, beside)
        back = [seeds(browser.get(page["previous"]).json()["data"])[0] for page in pages[1:]]
        assert back == there[:-1], (ordering, beside)


def turn_of(request: pytest.FixtureRequest) -> int:
    return list(WAYS).index(request.node.callspec.params["way"])


def test_pages_of_any_order_have_each_operation_once_there_and_back(
    browser: Client, operations: Any, way: None, request: pytest.FixtureRequest
) -> None:
    """Every order once, and each way and each filter with a third of them."""
    turn = turn_of(request)
    orderings = list(enumerate(choosing.orderings()))
    mine = [(number // 3, ordering) for number, ordering in orderings if number % 3 == turn]
    assert_pages_there_and_back(browser, mine)


@pytest.mark.repeats
def test_so_have_pages_of_any_order_in_every_way(
    browser: Client, operations: Any, way: None, request: pytest.FixtureRequest
) -> None:
    """Every filter beside each order, each in another way."""
    assert_pages_there_and_back(browser, enumerate(choosing.orderings(), start=turn_of(request)))


def test_how_long_it_took_is_known_when_it_has_ended(browser: Client, operations: Any) -> None:
    rows = browser.get("/api/v1/operations?ordering=created_at").json()["data"]
    *told, last = [row["duration"] for row in rows]
    assert told == pytest.approx([60.0 * seed for seed in RETURNS], abs=0.01) and last is None


def test_others_operations_are_found_by_staff_alone(browser: Client, operations: Any) -> None:
    stranger = scenes.signed_in(User.objects.create_user("stranger"))
    staff = scenes.signed_in(User.objects.create_superuser("admin"))
    for ordering in ("-created_at", "-sharpe", "-duration"):
        for beside in ({}, {"owner": "owner"}, {"symbol": "SP500"}):
            assert by_page(stranger, ordering=ordering, **beside) == []
            assert len(by_page(staff, ordering=ordering, **beside)) >= len(RETURNS) - 1


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "query", [{"ordering": "costs"}, {"seed": "x"}, {"since": "soon"}, {"seed": -1}]
)
def test_what_is_no_address_of_a_list_is_refused(browser: Client, query: dict[str, str]) -> None:
    for path in ("/operations/", "/api/v1/operations"):
        assert browser.get(path, query).status_code == 400


def test_a_column_that_is_chosen_or_sorted_by_is_shown(browser: Client, operations: Any) -> None:
    cell = r'data-label="Net return">\+30.0 %<'
    assert not re.search(cell, browser.get("/operations/").content.decode())
    for query in ({"columns": ["net_return"]}, {"ordering": "-net_return"}):
        html = browser.get("/operations/", query).content.decode()
        assert re.search(cell, html)
        row = re.search(r'hx-get="(/operations/[^"]+/row/[^"]*)"', html)
        assert row is not None
        of_row = browser.get(row[1].replace("&amp;", "&")).content.decode()
        assert 'data-label="Net return"' in of_row
    html = browser.get("/operations/", {"columns": ["net_return"]}).content.decode()
    assert 'data-label="Worker"' not in html


def test_a_heading_sorts_and_the_rest_of_the_address_stays(
    browser: Client, operations: Any
) -> None:
    query = {"symbol": "SP500", "columns": ["sharpe", "strategy"]}
    html = browser.get("/operations/", query).content.decode()
    kept = "symbol=SP500&amp;columns=sharpe&amp;columns=strategy"
    assert f'href="/operations/?{kept}&amp;ordering=-sharpe"' in html
    html = browser.get("/operations/", {**query, "ordering": "-sharpe"}).content.decode()
    assert f'aria-sort="descending"><a href="/operations/?{kept}&amp;ordering=sharpe"' in html
    assert "Those without this figure are left out." in html

"""Which model was best: a page, the API and a command sort by a figure, with any filter."""

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from operations.labels import Label
from operations.models import Operation
from tests.training.views import scenes
from training.models import TrainedModel
from training.trained.choosing import SORTS

RETURNS = {7: 0.3, 8: -0.2, 9: None, 10: 0.1}
"""By seed; of one it is not defined."""


@pytest.fixture
def models(owner: User) -> dict[int, TrainedModel]:
    """By seed, made in that order."""
    return {
        seed: scenes.stored_model(
            scenes.started(owner, seed=seed, name=f"m{seed}"),
            net_return=value,
            sharpe=seed / 10,
            max_drawdown=seed / 100,
        )
        for seed, value in RETURNS.items()
    }


def by_page(browser: Client, **query: Any) -> list[int]:
    """Seeds, in the order of the page."""
    answer = browser.get("/models/", query)
    assert answer.status_code == 200
    return [model.seed for model in answer.context["models"]]


def by_api(browser: Client, **query: Any) -> list[int]:
    rows = browser.get("/api/v1/models", query).json()["data"]
    return [row["training"]["seed"] for row in rows]


def by_command(browser: Client, **query: Any) -> list[int]:
    ordering = query.pop("ordering", "-created_at")
    words = [f"--{name}={value}" for name, value in query.items()]
    order = [f"--sort={ordering.removeprefix('-')}", *["--ascending"] * (ordering[0] != "-")]
    out = StringIO()
    call_command("list_models", *words, *order, "--json", stdout=out)
    return [row["training"]["seed"] for row in json.loads(out.getvalue())]


CHOICES: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [10, 9, 8, 7]),
    ({"ordering": "created_at"}, [7, 8, 9, 10]),
    ({"ordering": "-net_return"}, [7, 10, 8]),
    ({"ordering": "net_return"}, [8, 10, 7]),
    ({"ordering": "-sharpe"}, [10, 9, 8, 7]),
    ({"ordering": "-net_return", "seed": 8}, [8]),
    ({"symbol": "SP500", "timeframe": "1d", "ordering": "sharpe"}, [7, 8, 9, 10]),
    ({"symbol": "OTHER"}, []),
    ({"timeframe": "1h"}, []),
    ({"strategy": "sp500_daily", "network": "mlp", "search": "m10"}, [10]),
    ({"strategy": "other"}, []),
    ({"network": "lstm"}, []),
    ({"owner": "owner", "seed": 9}, [9]),
    ({"owner": "nobody"}, []),
    ({"until": "2020-01-01T00:00:00Z"}, []),
    ({"since": "2020-01-01T00:00:00Z", "ordering": "-net_return"}, [7, 10, 8]),
]


@pytest.mark.parametrize("listed", [by_page, by_api, by_command])
def test_a_list_is_sorted_and_chosen_by_its_address(
    browser: Client, models: Any, listed: Any
) -> None:
    for query, seeds in CHOICES:
        assert listed(browser, **query) == seeds, query


def test_pages_of_any_order_have_each_model_once_there_and_back(
    browser: Client, models: Any
) -> None:
    for ordering in (f"{sign}{name}" for name in SORTS for sign in ("", "-")):
        address: str | None = f"/api/v1/models?page_size=1&ordering={ordering}"
        pages = []
        while address:
            answer = browser.get(address).json()
            pages.append(answer)
            address = answer["next"]
        there = [page["data"][0]["id"] for page in pages]
        whole = browser.get("/api/v1/models", {"ordering": ordering}).json()["data"]
        assert there == [row["id"] for row in whole], ordering
        assert len(set(there)) == len(there) >= 3, ordering
        back = [browser.get(page["previous"]).json()["data"][0]["id"] for page in pages[1:]]
        assert back == there[:-1], ordering


def test_a_cursor_of_another_order_is_refused(browser: Client, models: Any) -> None:
    then = browser.get("/api/v1/models?page_size=1&ordering=-sharpe").json()["next"]
    answer = browser.get(then.replace("-sharpe", "-net_return"))
    assert answer.status_code == 400 and "belongs to a list ordered by" in answer.content.decode()


@pytest.mark.parametrize("query", [{"ordering": "costs"}, {"seed": "x"}, {"since": "soon"}])
def test_what_is_no_address_of_a_list_is_refused(
    browser: Client, db: None, query: dict[str, str]
) -> None:
    for path in ("/models/", "/api/v1/models"):
        assert browser.get(path, query).status_code == 400


def test_a_heading_sorts_and_the_filters_stay(browser: Client, models: Any) -> None:
    html = browser.get("/models/", {"symbol": "SP500"}).content.decode()
    assert 'href="?symbol=SP500&amp;ordering=-net_return"' in html
    sorted_by = browser.get("/models/", {"symbol": "SP500", "ordering": "-net_return"})
    html = sorted_by.content.decode()
    turned = r'aria-sort="descending">(?:(?!</th>).)*href="\?symbol=SP500&amp;ordering=net_return"'
    assert re.search(turned, html)
    assert "Those without this figure are left out." in html
    assert 'name="symbol" type="text" value="SP500"' in html


@pytest.mark.parametrize(
    ("ordering", "words", "cell"),
    [
        ("-val_loss", "Validation loss", "1.100"),
        ("best_epoch", "Best epoch", "4th"),
        ("-test_first_time", "Start of the test", "2016-05-04"),
    ],
)
def test_what_has_no_room_is_a_column_while_the_list_is_sorted_by_it(
    browser: Client, models: Any, ordering: str, words: str, cell: str
) -> None:
    told = f'data-label="{words}"'
    assert told not in browser.get("/models/").content.decode()
    html = browser.get("/models/", {"ordering": ordering}).content.decode()
    assert re.search(rf"{told}[^>]*>{cell}<", html)
    assert f'<option value="{ordering}" selected>{words}, ' in html


def test_others_models_are_found_by_staff_alone(browser: Client, models: Any) -> None:
    stranger = scenes.signed_in(User.objects.create_user("stranger"))
    assert by_page(stranger, owner="owner") == []
    staff = scenes.signed_in(User.objects.create_superuser("admin"))
    assert len(by_page(staff, owner="owner")) == len(models)


def test_a_start_is_labelled_with_what_it_is_found_by(owner: User) -> None:
    operation: Operation = scenes.started(owner)
    labels = Label.objects.filter(operation=operation).values_list("kind", "value")
    assert sorted(labels) == [
        ("network", "mlp"),
        ("seed", "7"),
        ("strategy", "sp500_daily"),
        ("symbol", "SP500"),
        ("timeframe", "1d"),
    ]


def test_seeds_are_one_row_of_a_page_where_that_is_asked_for(browser: Client, owner: User) -> None:
    for seed, earned in ((1, 0.1), (2, 0.3)):
        operation = scenes.started(owner, seed=seed, name=f"mine, seed {seed}")
        operation.lineage = "op_of_all"
        operation.save(update_fields=["lineage"])
        scenes.stored_model(operation, net_return=earned)
    other = scenes.stored_model(scenes.started(owner, epochs=9, name="other"))
    page = browser.get("/models/", {"seeds": "folded", "ordering": "-net_return"})
    seeds, alone = page.context["models"]
    assert (seeds.name, len(seeds.models), alone.pk) == ("mine", 2, other.pk)
    assert seeds.means["net_return"] == "+20.0 % ± 14.1 %"
    html = page.content.decode()
    assert "mine, 2 seeds" in html and f'value="{seeds.ids}"' in html
    compared = browser.get("/compare/", {"ids": [seeds.ids, other.operation_id]})
    assert len(compared.context["comparison"].operations) == 3
    assert len(browser.get("/models/").context["models"]) == 3

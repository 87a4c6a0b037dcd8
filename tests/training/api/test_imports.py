"""GET data/…/imports, POST data/…/undo and DELETE data/…: what was imported, and taking it back."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests.asking.clients import ClientFor
from tests.training.market_data.files import csv_file, days
from tests.training.views.scenes import started
from training.market_data.importing import import_market_data
from training.models import Import, Pin
from training.series.entering import Imported

SERIES = "/api/v1/data/ACME/1d"

pytestmark = pytest.mark.django_db


def take(folder: Path, last: int, *, price: float = 100.0, replace: bool = False) -> Imported:
    rows = days([f"2020-01-{day:02}" for day in range(6, last + 1)], price=price)
    path = csv_file(folder, *rows)
    return import_market_data(path, symbol="ACME", timeframe="1d", replace=replace)


def numbers(api: APIClient, path: str = f"{SERIES}/imports") -> list[int]:
    return [one["number"] for one in api.get(path).json()["data"]]


def test_imports_are_listed_newest_first_in_pages(api: APIClient, tmp_path: Path) -> None:
    for last in (10, 12, 14):
        take(tmp_path, last)
    page = api.get(f"{SERIES}/imports?page_size=2").json()
    assert [(one["number"], one["kind"], one["rows"]) for one in page["data"]] == [
        (3, "append", 9),
        (2, "append", 7),
    ]
    assert page["data"][0]["words"] == ["2 bars after 2020-01-12, to 2020-01-14"]
    assert page["data"][0]["is_kept"] is True
    assert numbers(api, page["next"]) == [1]
    assert api.get(page["next"]).json()["next"] is None
    assert api.get("/api/v1/data/SP500/1d/imports").json()["data"] == []
    assert api.get("/api/v1/data/GOLD/1d/imports").json()["code"] == "series_not_found"


def test_an_undo_lets_the_bars_before_count_again(api: APIClient, tmp_path: Path) -> None:
    for last in (10, 12):
        take(tmp_path, last)
    undone = api.post(f"{SERIES}/undo", {"number": 2}, format="json").json()["data"]
    told = [undone[name] for name in ("number", "kind", "back_to", "rows")]
    assert told == [3, "undo", 1, 5]
    assert undone["by"].startswith("owner (")
    assert api.get(SERIES).json()["data"]["rows"] == 5
    answer = api.post(f"{SERIES}/undo", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_undo")


def test_an_undo_that_is_sent_again_goes_back_once(api: APIClient, tmp_path: Path) -> None:
    for last in (10, 12, 14):
        take(tmp_path, last)
    for _ in range(2):
        api.post(f"{SERIES}/undo", {}, format="json", headers={"Idempotency-Key": "k"})
    assert numbers(api) == [4, 3, 2, 1]
    answer = api.post(f"{SERIES}/undo", {"number": 3}, format="json")  # without a key
    assert (answer.status_code, answer.json()["code"]) == (409, "series_changed")
    assert numbers(api) == [4, 3, 2, 1]


def test_a_series_is_deleted_unless_it_is_another_one_by_now(
    api: APIClient, tmp_path: Path
) -> None:
    take(tmp_path, 10)
    take(tmp_path, 12)
    answer = api.delete(f"{SERIES}?number=1")
    assert (answer.status_code, answer.json()["code"]) == (409, "series_changed")
    answer = api.delete(f"{SERIES}?number=2")
    assert answer.json()["data"] == {"symbol": "ACME", "timeframe": "1d", "imports": 2}
    assert api.delete(SERIES).json()["code"] == "series_not_found"
    assert not Import.objects.exists()


def test_what_stands_on_it_is_named_to_whom_may_see_it(
    api: APIClient, client_for: ClientFor, owner: User, tmp_path: Path
) -> None:
    operation = started(owner)
    Pin.objects.create(operation=operation, data=take(tmp_path, 10).data)
    answer = api.delete(SERIES)
    assert (answer.status_code, answer.json()["code"]) == (409, "market_data_pinned")
    assert operation.pk in answer.json()["detail"]
    other = client_for(User.objects.create_user("other")).delete(SERIES)
    assert other.json()["code"] == "market_data_pinned"
    assert operation.pk not in other.json()["detail"]
    assert "1 of other users" in other.json()["detail"]
    assert numbers(api) == [1]


def test_a_sample_is_neither_undone_nor_deleted(api: APIClient) -> None:
    for answer in (api.delete("/api/v1/data/SP500/1d"), api.post("/api/v1/data/SP500/1d/undo")):
        assert (answer.status_code, answer.json()["code"]) == (422, "market_data_missing")
        assert "The sample that ships with KTRDR is no import" in answer.json()["detail"]

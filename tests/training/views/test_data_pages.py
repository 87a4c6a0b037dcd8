"""The pages of market data: what there is, and each series as it was read and is used."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.training.market_data.series import imported
from tests.training.views.scenes import signed_in, started, stored_model
from training.market_data.told import told
from training.models import Import, MarketData

pytestmark = pytest.mark.django_db


def page_of(browser: Client, address: str, **query: Any) -> tuple[int, str]:
    """The status, and what a reader sees."""
    answer = browser.get(address, query)
    seen = re.sub(r"<[^>]*>", " ", answer.content.decode().partition("<main")[2])
    return answer.status_code, re.sub(r"\s+", " ", unescape(seen))


def series(symbol: str = "ACME", timeframe: str = "1h") -> str:
    return reverse("series", args=[symbol, timeframe])


def test_the_table_has_every_series_with_its_range_gaps_and_import(
    browser: Client, tmp_path: Path
) -> None:
    imported(tmp_path, gap_after=5)
    status, page = page_of(browser, reverse("market-data"))
    assert status == 200
    assert "ACME 1h 50 2024-01-01 2024-01-03T06:00:00Z 1 " in page
    assert f"{Import.objects.get().imported_at:%Y-%m-%d %H:%M:%S}" in page
    assert "SP500 1d 5,031" in page and "ships with KTRDR" in page
    assert f'href="{series()}"' in browser.get(reverse("market-data")).content.decode()


def test_a_series_shows_how_it_was_read_and_where_bars_are_missing(
    browser: Client, tmp_path: Path
) -> None:
    data = imported(tmp_path, gap_after=5)
    status, page = page_of(browser, series())
    assert status == 200
    assert all(line in page for line in told(data.report))
    assert "2024-01-01T05:00:00Z 2024-01-01T11:00:00Z 5" in page
    assert "A dashed line marks missing bars (1)" in page
    assert data.fingerprint in page


def test_an_import_of_version_0_1_0_is_shown_as_far_as_it_was_recorded(
    browser: Client, tmp_path: Path
) -> None:
    imported(tmp_path)
    report = MarketData.objects.get().report
    old = {name: report[name] for name in report if not name.endswith("_written")}
    MarketData.objects.update(report={**old, "reading": {"timezone": "UTC"}})
    assert page_of(browser, series())[0] == 200


def test_a_part_of_it_has_an_address_and_a_bad_one_is_told(browser: Client, tmp_path: Path) -> None:
    imported(tmp_path, rows=2_000)
    _, page = page_of(browser, series())
    assert "400 bars from " in page
    _, page = page_of(browser, series(), **{"from": "2024-01-01"})
    assert "2,000 bars from 2024-01-01 on; each candle is of 5 of them" in page
    _, page = page_of(browser, series(), **{"from": "2024-01-02", "to": "2024-01-02"})
    assert "24 bars from 2024-01-02 to 2024-01-02T23:00:00Z" in page
    _, page = page_of(browser, series(), **{"from": "2030-01-02"})
    assert "There is no bar in this time." in page
    status, page = page_of(browser, series(), **{"from": "yesterday"})
    assert status == 400
    assert "'yesterday' is neither a date like" in page


def test_a_series_that_is_not_there_is_404_and_a_damaged_one_still_has_its_page(
    browser: Client, tmp_path: Path
) -> None:
    imported(tmp_path)
    assert page_of(browser, series("ACME", "1d"))[0] == 404
    MarketData.objects.update(file="market_data/gone.npy")
    status, page = page_of(browser, series())
    assert status == 422
    assert "is damaged (the file is missing)" in page and "How it was read" in page


def test_it_names_the_operations_and_models_that_use_it_of_those_one_may_see(
    browser: Client, owner: User
) -> None:
    operation = started(owner, name="mine")
    model = stored_model(operation)
    started(User.objects.create_user("other"), name="another's")
    _, page = page_of(browser, series("SP500", "1d"))
    assert "mine" in page and operation.pk in page
    assert "another's" not in page
    answer = browser.get(series("SP500", "1d")).content.decode()
    assert f'href="{reverse("model", args=[model.pk])}"' in answer
    assert "None of your newest operations." in page_of(browser, series("NASDAQ", "1d"))[1]
    staff = signed_in(User.objects.create_user("staff", is_staff=True))
    assert "another's" in page_of(staff, series("SP500", "1d"))[1]


def test_volumes_are_shown_in_full_and_grouped(browser: Client) -> None:
    page = page_of(browser, series("SP500", "1d"))[1]
    assert "2018-12-31 2498.939941 2509.23999 2482.820068 2506.850098 3,442,870,000 " in page

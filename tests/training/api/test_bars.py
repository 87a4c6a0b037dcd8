"""GET data/{symbol}/{timeframe} and its bars: what was stored, to the bit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from operations.bounded.room import Room
from operations.bounded.visit import Visit
from tests.asking.clients import ClientFor
from tests.asking.downloads import received
from tests.training.market_data.series import imported
from training import bounded_work
from training.market_data import load_bars
from training.market_data.errors import TooManyDownloads
from training.market_data.looking import asking
from training.market_data.looking.asking import Look, ask_candles, ask_export, find_series
from training.market_data.reading.read import read_bars

BARS = "/api/v1/data/ACME/1h/bars"

pytestmark = pytest.mark.django_db


def download(api: APIClient, path: str, **query: str) -> Any:
    answer = api.get(path, query)
    assert answer.status_code == 200, answer.content
    return answer


def content(answer: Any) -> bytes:
    """Of a download, whose file is closed as a server does; the test's connection stays open."""
    try:
        return received(answer)
    finally:
        for close in answer._resource_closers:
            close()


def test_a_series_is_told_by_symbol_and_timeframe(api: APIClient, tmp_path: Path) -> None:
    data = imported(tmp_path)
    [listed] = api.get("/api/v1/data/ACME").json()["data"]
    assert api.get("/api/v1/data/ACME/1h").json()["data"] == listed
    assert listed["fingerprint"] == data.fingerprint
    for missing in ("ACME/1d", "GOLD/1h", "ACME/1h%00", "ACME/1h/bars/"):
        answer = api.get(f"/api/v1/data/{missing}")
        assert answer.status_code == 404
    assert api.get("/api/v1/data/ACME/1d/bars").json()["code"] == "series_not_found"


@pytest.mark.parametrize("format", ["csv", "parquet"])
@pytest.mark.parametrize("symbol", ["ACME", "SP500"])
def test_an_exported_file_reads_back_to_the_bit(
    api: APIClient, tmp_path: Path, symbol: str, format: str
) -> None:
    imported(tmp_path, gap_after=5)
    timeframe = {"ACME": "1h", "SP500": "1d"}[symbol]
    answer = download(api, f"/api/v1/data/{symbol}/{timeframe}/bars", format=format)
    path = tmp_path / f"exported.{format}"
    path.write_bytes(content(answer))
    bars, _ = read_bars(path, timeframe=timeframe)  # type: ignore[arg-type]
    assert bars.fingerprint() == load_bars(symbol, timeframe).fingerprint()  # type: ignore[arg-type]
    assert f'filename="{symbol}_{timeframe}.{format}"' in answer["Content-Disposition"]


def test_json_comes_in_pages_and_has_every_bar_once(api: APIClient, tmp_path: Path) -> None:
    imported(tmp_path, rows=2_500)
    address, times = BARS, []
    while address:
        page = download(api, address).json()
        times += [row["time"] for row in page["data"]]
        address = page["next"]
    assert len(times) == len(set(times)) == 2_500
    row = page["data"][-1]
    bars = load_bars("ACME", "1h")
    assert [row["open"], row["close"], row["volume"]] == [
        bars.open[-1],
        bars.close[-1],
        bars.volume[-1],
    ]


def test_a_part_is_what_lies_in_it_a_last_date_wholly(api: APIClient, tmp_path: Path) -> None:
    imported(tmp_path, rows=100)
    rows = download(api, BARS, **{"from": "2024-01-02", "to": "2024-01-03"}).json()["data"]
    assert (rows[0]["time"], rows[-1]["time"]) == ("2024-01-02T00:00:00Z", "2024-01-03T23:00:00Z")
    assert len(rows) == 48
    assert download(api, BARS, **{"from": "2030-01-01"}).json()["data"] == []
    csv = content(download(api, BARS, format="csv", **{"from": "2030-01-01"}))
    assert csv == b"time,open,high,low,close,volume\n"


@pytest.mark.parametrize(
    "query", [{"from": "yesterday"}, {"to": "2024-13-01"}, {"format": "xlsx"}, {"since": "2024"}]
)
def test_a_question_that_cannot_be_read_is_400(
    api: APIClient, tmp_path: Path, query: dict[str, str]
) -> None:
    imported(tmp_path)
    assert api.get(BARS, query).status_code == 400


def test_more_bars_than_fit_into_a_file_are_asked_for_in_parts(
    api: APIClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(tmp_path)
    monkeypatch.setattr(asking, "MOST_EXPORTED", 49)
    answer = api.get(BARS, {"format": "csv"})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_bars")
    assert "50 bars are more than 49. Ask for a part" in answer.json()["detail"]
    assert content(download(api, BARS, format="csv", to="2024-01-01")).count(b"\n") == 25


def test_a_user_takes_two_files_at_a_time_and_a_closed_one_makes_place(
    owner: User, tmp_path: Path
) -> None:
    imported(tmp_path)
    look = Look(series=find_series("ACME", "1h"), user=owner, visit=Visit())
    first, second = (ask_export(look, format="csv") for _ in range(2))
    with pytest.raises(TooManyDownloads, match="Try again in 10 s"):
        ask_export(look, format="csv")
    other = replace(look, user=User.objects.create_user("other"))
    ask_export(other, format="csv").file.close()
    first.file.close()
    first.file.close()
    third = ask_export(look, format="csv")
    with pytest.raises(TooManyDownloads):
        ask_export(look, format="csv")
    assert third.file.read() == second.file.read()
    second.file.close()
    third.file.close()


@pytest.mark.django_db(transaction=True)
def test_a_long_series_is_read_in_the_room_and_gives_the_same(
    api: APIClient, owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(tmp_path, gap_after=5)
    look = Look(series=find_series("ACME", "1h"), user=owner, visit=Visit())
    here = ask_candles(look)
    rows, csv = download(api, BARS).json(), content(download(api, BARS, format="csv"))
    monkeypatch.setattr(asking, "SHORT", 0)
    assert ask_candles(look) == here
    assert download(api, BARS).json() == rows
    assert content(download(api, BARS, format="csv")) == csv


@pytest.mark.django_db(transaction=True)
def test_what_would_take_too_long_or_has_no_room_is_said(
    client_for: ClientFor, owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(tmp_path)
    monkeypatch.setattr(asking, "SHORT", 0)
    monkeypatch.setattr(asking, "ROWS", replace(bounded_work.ROWS, seconds=0.001))
    answer = client_for(owner).get(BARS)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_bars")
    monkeypatch.setattr(asking, "ROOM", Room(bounded_work.ROOM.children, waiting=0))
    answer = client_for(owner).get(BARS)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_busy")

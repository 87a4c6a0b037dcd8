"""What a training would learn from, computed in a process of its own."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.bounded.room import Room
from operations.errors import NotPermitted
from operations.models import Operation
from tests.training.views.start_form import HTMX, START, form, shown
from training.bounded_work import PREVIEW, ROOM
from training.errors import PreviewFailed
from training.launch import preview as previews
from training.launch.preview import run_preview
from training.launch.start import StartRequest
from training.strategy import find_strategy


def test_it_tells_rows_features_balance_dates_and_warnings_and_starts_nothing(
    browser: Client,
) -> None:
    changes = {"start_date": "2010-01-04", "end_date": "2017-12-29"}
    part = shown(browser.post(START, form(action="preview", **changes), headers=HTMX))
    assert "<html" not in part
    for word in ("Rows", "15", "train", "validation", "test", "2010-01-04", "buy", "hold", "sell"):
        assert word in part
    assert not Operation.objects.exists()


def test_it_is_the_split_and_the_balance_that_are_trained(owner: User) -> None:
    found = run_preview(StartRequest(strategy="sp500_daily"), user=owner)
    assert len(found.feature_ids) == 15
    assert [part.name for part in found.parts] == ["train", "validation", "test"]
    train, validation, test = found.parts
    assert train.first == "2001-04-02"
    assert train.last < validation.first <= validation.last < test.first
    for part in found.parts:
        assert sum(part.balance.values()) == part.samples


def test_it_tells_the_samples_of_every_symbol_and_what_lies_outside_the_fitted_range(
    browser: Client, owner: User
) -> None:
    found = run_preview(StartRequest(strategy="two_indices"), user=owner)
    for part in found.parts:
        samples = [found.symbol_samples[symbol][part.name] for symbol in found.symbols]
        assert sum(samples) == part.samples
        assert min(samples) > 0
    shares = found.outside_range["SP500"]
    assert all(0.0 <= share <= 1.0 for parts in shares.values() for share in parts.values())
    text = find_strategy("two_indices").text
    part_of_page = shown(
        browser.post(START, form(action="preview", strategy_yaml=text), headers=HTMX)
    )
    for word in ("Samples of each symbol", "NASDAQ", "outside the range"):
        assert word in part_of_page


def test_data_that_are_not_there_are_told_in_the_domains_words(browser: Client) -> None:
    part = shown(browser.post(START, form(action="preview", symbols="GOLD"), headers=HTMX))
    assert "There is no market data of GOLD" in part


def test_a_fault_needs_no_process(browser: Client) -> None:
    part = shown(browser.post(START, form(action="preview", epochs="-3"), headers=HTMX))
    assert "training.epochs" in part


def test_a_preview_that_takes_too_long_is_ended_and_says_so(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "PREVIEW", replace(PREVIEW, seconds=0.001))
    with pytest.raises(PreviewFailed, match=r"it took longer than 0\.001 s, at this step"):
        run_preview(StartRequest(strategy="sp500_daily"), user=owner)


def test_a_preview_that_breaks_says_that_there_is_no_result(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "PREVIEW", replace(PREVIEW, function="os.abort_not_there"))
    with pytest.raises(PreviewFailed, match="without a result"):
        run_preview(StartRequest(strategy="sp500_daily"), user=owner)


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_where_there_is_no_room_the_page_says_when_to_come_again(
    browser: Client, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(previews, "ROOM", Room(ROOM.children, waiting=0))
    answer = browser.post(START, form(action="preview"), headers=headers)
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert "Try again in 5 s" in shown(answer)


def test_who_may_not_start_may_not_preview(owner: User, browser: Client) -> None:
    owner.groups.clear()
    assert browser.post(START, form(action="preview"), headers=HTMX).status_code == 403
    with pytest.raises(NotPermitted):
        run_preview(StartRequest(strategy="no such strategy"), user=User.objects.get())

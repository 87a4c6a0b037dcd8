"""What a training would learn from, computed in a process of its own."""

import pytest
from django.db import connection
from django.test import Client

from operations.models import Operation
from tests.running.servers import Servers
from tests.training.views.start_form import HTMX, START, form, shown
from training.errors import PreviewFailed
from training.launch import preview as previews
from training.launch.preview import run_preview
from training.launch.start import StartRequest
from training.strategy import find_strategy


@pytest.fixture(autouse=True)
def on_the_test_database(db: None, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the preview's process."""
    name = str(connection.settings_dict["NAME"])
    monkeypatch.setenv("DATABASE_URL", servers.database_url(name))


def test_it_tells_rows_features_balance_dates_and_warnings_and_starts_nothing(
    browser: Client,
) -> None:
    changes = {"start_date": "2010-01-04", "end_date": "2017-12-29"}
    part = shown(browser.post(START, form(action="preview", **changes), headers=HTMX))
    assert "<html" not in part
    for word in ("Rows", "15", "train", "validation", "test", "2010-01-04", "buy", "hold", "sell"):
        assert word in part
    assert not Operation.objects.exists()


def test_it_is_the_split_and_the_balance_that_are_trained() -> None:
    found = run_preview(StartRequest(strategy="sp500_daily"))
    assert len(found.feature_ids) == 15
    assert [part.name for part in found.parts] == ["train", "validation", "test"]
    train, validation, test = found.parts
    assert train.first == "2001-04-02"
    assert train.last < validation.first <= validation.last < test.first
    for part in found.parts:
        assert sum(part.balance.values()) == part.samples


def test_it_tells_the_samples_of_every_symbol_and_what_lies_outside_the_fitted_range(
    browser: Client,
) -> None:
    found = run_preview(StartRequest(strategy="two_indices"))
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
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hang = "import signal, time; signal.alarm(1); time.sleep(60)"
    monkeypatch.setattr(previews, "PROCESS", hang)
    with pytest.raises(PreviewFailed, match=r"stopped after 1 s.*starting"):
        run_preview(StartRequest(strategy="sp500_daily"), limit_seconds=1)


def test_a_preview_that_dies_says_that_there_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "PROCESS", "import os; os.abort()")
    with pytest.raises(PreviewFailed, match="without a result"):
        run_preview(StartRequest(strategy="sp500_daily"))


def test_more_previews_than_a_process_may_compute_wait_and_then_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(previews, "PATIENCE_SECONDS", 0.01)
    with (
        previews._SLOTS,
        previews._SLOTS,
        pytest.raises(PreviewFailed, match="Other previews"),
    ):
        run_preview(StartRequest(strategy="sp500_daily"))

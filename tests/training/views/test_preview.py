"""What a training would learn from, computed in a process of its own."""

from dataclasses import replace

import numpy as np
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
from training.launch.preview import SetsOverBars, run_preview
from training.launch.preview_sets import BINS, axis_of, gaps_between
from training.launch.start import StartRequest
from training.presentation.fuzzy_pictures import pictures_of
from training.strategy import find_strategy
from training.strategy.fuzzy_sets import Triangular


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


def test_fuzzy_sets_are_drawn_over_their_bars_and_what_no_bar_reaches_is_said(
    browser: Client, owner: User
) -> None:
    shipped = "weak: {type: trapezoidal, parameters: [-1, 0, 15, 25]}"
    text = find_strategy("sp500_daily").text
    assert shipped in text
    text = text.replace(shipped, "weak: [12, 15, 18]\n    never: [200, 300, 400]")
    found = run_preview(StartRequest(strategy_yaml=text), user=owner)
    drawn = next(group for group in found.fuzzy_sets if group.name == "1d_trend_strength")
    never, weak = (own for name in ("never", "weak") for own in drawn.sets if own.name == name)
    assert sum(drawn.counts) == found.rows
    assert never.reached == 0 < weak.mostly < weak.reached < found.rows
    assert [list(gap) for gap in drawn.gaps] == [[drawn.lowest, 12.0], [18.0, 20.0]]
    assert [15.0, 1.0] in list(weak.points)
    page = shown(browser.post(START, form(action="preview", strategy_yaml=text), headers=HTMX))
    assert "No bar reaches never." in page
    assert f"{drawn.outside:,} of {found.rows:,} bars are in no set: " in page
    assert " 18 to 20." in page


def test_a_gap_in_which_no_bar_lies_is_said() -> None:
    drawn = SetsOverBars(
        name="1d_trend",
        indicator="rsi_14",
        low=0.0,
        high=10.0,
        lowest=1.0,
        highest=9.0,
        counts=(3, 0, 4),
        gaps=((4.0, 6.0),),
        outside=0,
        sets=(),
    )
    assert pictures_of([drawn])[0].said == ["No set covers 4 to 6, where no bar lies."]


@pytest.mark.parametrize(
    ("corners", "gaps"),
    [
        ([(0, 5, 10)], []),
        ([(2, 3, 4), (4, 5, 6)], [(0, 2), (6, 10)]),
        ([(-1, 4, 8), (1, 2, 3)], [(8, 10)]),  # one inside the other
        ([(20, 30, 40)], [(0, 10)]),
    ],
)
def test_gaps_are_where_bars_go_and_no_set_does(
    corners: list[tuple[float, float, float]], gaps: list[tuple[float, float]]
) -> None:
    sets = [Triangular(type="triangular", parameters=given) for given in corners]
    assert list(gaps_between(sets, 0.0, 10.0)) == gaps


@pytest.mark.parametrize("highest", [50.0, 50.0 + 1e-14, 51.0])
def test_bars_that_hardly_differ_have_a_histogram(highest: float) -> None:
    sets = [Triangular(type="triangular", parameters=(50.0, 50.0, 50.0 + 1e-14))]
    low, high = axis_of(sets, 50.0, highest)
    counts, _ = np.histogram([50.0, highest], BINS, (low, high))
    assert counts.sum() == 2


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

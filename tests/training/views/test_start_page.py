"""The start page: one form, checked as it is typed, that starts an operation once."""

import re
import threading
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from operations.access.permissions import OPERATORS
from operations.models import Operation
from tests.training.views import scenes
from tests.training.views.scenes import signed_in
from tests.training.views.start_form import HTMX, SP500, START, form, shown
from training.launch import checking
from training.strategy import SKELETON, list_strategies
from training.views.sample import EPOCHS


def test_only_a_signed_in_user_sees_it(client: Client, db: None) -> None:
    answer = client.get(START)
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_it_begins_with_a_shipped_strategys_text_and_offers_the_others(browser: Client) -> None:
    page = shown(browser.get(START))
    assert "name: sp500_daily" in page
    for file in list_strategies():
        assert f'<option value="{file.name}"' in page
    assert "name: two_indices" in shown(browser.get(START + "?strategy=two_indices"))
    assert browser.get(START + "?strategy=nothing").status_code == 404


def test_it_begins_with_the_strategy_of_an_operation_to_train_one_like_it(
    browser: Client, owner: User
) -> None:
    operation = scenes.started(owner, epochs=7)
    page = browser.get(START, {"like": operation.pk})
    again = browser.post(START, form(strategy_yaml=page.context["form"]["strategy_yaml"].value()))
    started = Operation.objects.exclude(pk=operation.pk).get()
    assert again["Location"] == reverse("operation", args=[started.pk])
    assert started.request["strategy"] == operation.request["strategy"]
    stranger = signed_in(User.objects.create_user("stranger"))
    assert stranger.get(START, {"like": operation.pk}).status_code == 404


def test_every_fault_is_told_with_its_line_and_path_as_it_is_typed(browser: Client) -> None:
    broken = SP500.replace("period: 14}", "perod: 14}", 1).replace("epochs:", "epoch:")
    part = shown(browser.post(START, form(action="check", strategy_yaml=broken), headers=HTMX))
    for word in ("perod: 14}", "epoch:"):
        line = 1 + broken[: broken.index(word)].count("\n")
        assert f'data-line="{line}"' in part
    assert "indicators.rsi_14.perod" in part
    assert "<html" not in part
    assert not Operation.objects.exists()


def test_a_valid_text_is_told_as_it_would_be_trained(browser: Client) -> None:
    part = shown(browser.post(START, form(action="check", epochs="33", seed="4"), headers=HTMX))
    assert "is valid" in part
    assert "33 epochs, seed 4" in part


def test_faults_of_the_other_fields_are_told_beside_those_of_the_text(browser: Client) -> None:
    for field, value in (("epochs", "-1"), ("symbols", "../x"), ("start_date", "yesterday")):
        part = shown(browser.post(START, form(action="check", **{field: value}), headers=HTMX))
        assert "fault" in part, field
    part = shown(browser.post(START, form(action="check", epochs="many"), headers=HTMX))
    assert "<code>Epochs</code>" in part


def test_without_javascript_each_button_answers_with_the_whole_page(browser: Client) -> None:
    checked = shown(browser.post(START, form(action="check", epochs="33")))
    assert "</html>" in checked
    assert "33 epochs" in checked
    loaded = shown(browser.post(START, form(action="load", shipped="two_indices", name="kept")))
    assert "name: two_indices" in loaded
    assert 'value="kept"' in loaded


def test_a_start_makes_the_users_operation_and_leads_to_its_page(
    browser: Client, owner: User
) -> None:
    answer = browser.post(
        START,
        form(name="mine", epochs="3", seed="0", symbols="NASDAQ", priority="low", device="cpu"),
    )
    operation = Operation.objects.get()
    assert answer["Location"] == reverse("operation", args=[operation.pk])
    assert (operation.owner, operation.name, operation.queue) == (owner, "mine", "training-low")
    strategy = operation.request["strategy"]
    assert (strategy["training"]["epochs"], strategy["training"]["seed"]) == (3, 0)
    assert strategy["training_data"]["symbols"] == {"mode": "single", "symbol": "NASDAQ"}
    assert operation.request["device"] == "cpu"


def test_a_form_sent_twice_starts_one_operation(browser: Client) -> None:
    first, second = browser.post(START, form()), browser.post(START, form())
    assert Operation.objects.count() == 1
    assert first["Location"] == second["Location"]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_starts_one_operation(owner: User) -> None:
    answers: list[str] = []

    def click() -> None:
        answers.append(signed_in(owner).post(START, form())["Location"])
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert Operation.objects.count() == 1
    assert answers[0] == answers[1]


def test_a_form_that_has_started_one_and_is_changed_asks_before_it_starts_another(
    browser: Client,
) -> None:
    browser.post(START, form())
    again = browser.post(START, form(epochs="5"))
    assert again.status_code == 409
    assert Operation.objects.count() == 1
    assert "already started" in shown(again)
    new_key = again.context["form"]["key"].value()
    assert browser.post(START, form(epochs="5", key=new_key)).status_code == 302
    assert Operation.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"strategy_yaml": "name: x"}, 400, "fault"),
        ({"symbols": "GOLD"}, 422, "There is no market data of GOLD"),
        ({"epochs": "many"}, 400, "Enter a whole number"),
        ({"device": "abacus"}, 400, "Device"),
        ({"strategy_yaml": "x" * 70_000}, 400, "65536"),
    ],
)
def test_a_refused_start_shows_why_and_keeps_what_was_typed(
    browser: Client, changes: dict[str, str], status: int, told: str
) -> None:
    answer = browser.post(START, form(name="kept", **changes))
    assert answer.status_code == status
    assert told in shown(answer)
    assert 'value="kept"' in shown(answer)
    assert not Operation.objects.exists()


def test_who_may_not_start_may_look_and_is_told_why(browser: Client, owner: User) -> None:
    owner.groups.remove(Group.objects.get(name=OPERATORS))
    assert "previewing and starting need the permission" in shown(browser.get(START))
    answer = browser.post(START, form())
    assert answer.status_code == 403
    assert not Operation.objects.exists()


def test_a_text_is_shown_as_text(browser: Client) -> None:
    page = shown(browser.post(START, form(action="check", strategy_yaml="</textarea><script>")))
    assert "<script>" not in page


def told(answer: Any) -> list[str]:
    """The faults that a page tells, in its words."""
    return [finding.message for finding in answer.context["findings"].faults]


@pytest.mark.parametrize(
    "changes",
    [
        {"symbols": "NOPE"},
        {"timeframes": "1h"},
        {"start_date": "2030-01-01"},
        {"start_date": "2018-12-20"},
        {"start_date": "2018-11-01"},
        {"end_date": "2001-03-01"},
        {"symbols": "SP500, NOPE"},
        {"priority": "high"},
        {"epochs": "-1"},
        {"epochs": "many"},
    ],
    ids=str,
)
def test_check_preview_and_start_say_the_same(browser: Client, changes: dict[str, str]) -> None:
    answers = [
        browser.post(START, form(action=action, **changes), headers=headers)
        for action in ("check", "preview", "start")
        for headers in (HTMX, {})
    ]
    verdicts = [told(answer) for answer in answers]
    assert verdicts[0]
    assert verdicts == [verdicts[0]] * len(verdicts)
    assert not any("is valid" in shown(answer) for answer in answers)


def test_no_check_of_its_own_replaces_what_a_start_was_refused_for(browser: Client) -> None:
    assert "load delay" in shown(browser.get(START))
    refused = shown(browser.post(START, form(symbols="NOPE")))
    assert "load delay" not in refused
    assert "Nothing was started" in refused


def test_bars_that_are_too_many_to_read_at_each_keystroke_are_said_to_be_unread(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "READ_AT_MOST", 1_000)
    part = shown(browser.post(START, form(action="check"), headers=HTMX))
    assert re.search(r"Its [45],\d{3} bars were not looked at here", part)
    missing = browser.post(START, form(action="check", symbols="NOPE"), headers=HTMX)
    assert "There is no market data of NOPE" in shown(missing)


def test_ones_own_begins_with_a_skeleton_that_can_be_trained_as_it_stands(browser: Client) -> None:
    loaded = browser.post(START, form(action="load", shipped=""), headers=HTMX)
    text = loaded.context["form"]["strategy_yaml"].value()
    assert text == SKELETON.read_text(encoding="utf-8")
    assert text.count("\n#") + text.count("  #") > 8
    assert "is valid" in shown(browser.post(START, form(action="check", strategy_yaml=text)))
    assert browser.post(START, form(strategy_yaml=text)).status_code == 302


def test_the_sample_is_started_once_and_leads_to_its_page(browser: Client, owner: User) -> None:
    page = browser.get("/operations/")
    key = page.context["once"]["key"].value()
    first, second = (browser.post("/start/sample/", {"key": key}) for _ in range(2))
    operation = Operation.objects.get()
    assert operation.owner == owner
    assert first["Location"] == second["Location"] == reverse("operation", args=[operation.pk])
    assert operation.request["strategy"]["training"]["epochs"] == EPOCHS


def test_who_may_not_start_may_not_train_the_sample(browser: Client, owner: User) -> None:
    owner.groups.clear()
    assert browser.post("/start/sample/", {"key": "k"}).status_code == 403
    assert not Operation.objects.exists()

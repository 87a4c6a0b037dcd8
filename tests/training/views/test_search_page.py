"""The page that starts a search: one form, whose faults are all told when it is sent."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from operations.models import Operation
from tests.training.views import scenes
from tests.training.views.start_form import form, shown

SEARCH = "/start/search/"
SPACE = "training.learning_rate: {log: [1e-4, 1e-2]}\n"


def filled(**changes: Any) -> dict[str, Any]:
    own = {"space_yaml": SPACE, "sampler": "qmc", "trials": "9", "epochs": "9", "rungs": "1, 3 9"}
    return form(**own, **changes)


def test_it_begins_with_a_shipped_strategy_and_its_space(browser: Client) -> None:
    page = shown(browser.get(SEARCH))
    assert "name: sp500_daily" in page
    assert "indicators.rsi_14.period: {int: [7, 28]}" in page
    assert "name: two_indices" in shown(browser.get(SEARCH + "?strategy=two_indices"))
    assert browser.get(SEARCH + "?strategy=nothing").status_code == 404
    assert SEARCH in shown(browser.get("/start/"))


def test_it_starts_what_the_form_says_once(browser: Client, owner: User) -> None:
    first, second = (browser.post(SEARCH, filled(seed="5", name="nine")) for _ in range(2))
    search = Operation.objects.get()
    assert first["Location"] == second["Location"] == reverse("operation", args=[search.pk])
    assert (search.owner, search.name, search.operation_type) == (owner, "nine", "sweep")
    told = {name: search.request[name] for name in ("sampler", "trials", "brackets", "seed")}
    assert told == {"sampler": "qmc", "trials": 9, "brackets": 1, "seed": 5}
    assert search.request["rungs"] == [1, 3, 9]
    assert search.request["base"]["strategy"]["training"]["seed"] == 7, "the strategy's own"
    assert shown(browser.get(first["Location"])).count("No trial has begun yet") == 1


def test_a_form_that_was_changed_since_starts_nothing_by_itself(browser: Client) -> None:
    browser.post(SEARCH, filled())
    again = browser.post(SEARCH, filled(seed="6"))
    assert again.status_code == 409
    assert "had already started a search" in shown(again)
    assert Operation.objects.count() == 1


def test_every_fault_is_told_and_what_was_written_stays(browser: Client) -> None:
    space = "training.seed: {int: [0, 9]}\ntraining.nothing: {int: [3, 1]}\n"
    answer = browser.post(SEARCH, filled() | {"space_yaml": space, "trials": "1", "rungs": "3 2"})
    page = shown(answer)
    assert answer.status_code == 400
    for path in ("training.seed", "training.nothing", "trials", "rungs"):
        assert f"<code>{path}</code>" in page
    assert 'value="3 2"' in page
    assert "training.nothing: {int: [3, 1]}" in page
    assert not Operation.objects.exists()


def test_rungs_that_are_no_numbers_are_told(browser: Client) -> None:
    answer = browser.post(SEARCH, filled() | {"rungs": "ten"})
    assert answer.status_code == 400
    assert "Write numbers of epochs" in shown(answer)


def test_it_begins_with_the_strategy_of_an_operation(browser: Client, owner: User) -> None:
    operation = scenes.started(owner, epochs=7)
    page = browser.get(SEARCH, {"like": operation.pk})
    assert (
        page.context["form"]["strategy_yaml"].value()
        == browser.get("/start/", {"like": operation.pk}).context["form"]["strategy_yaml"].value()
    )


def test_who_may_not_start_may_look(browser: Client, owner: User) -> None:
    owner.groups.clear()
    assert "needs the permission" in shown(browser.get(SEARCH))
    assert browser.post(SEARCH, filled()).status_code == 403
    assert not Operation.objects.exists()

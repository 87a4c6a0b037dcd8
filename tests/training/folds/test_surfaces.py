"""Walk-forward and cross-validation as their users see them: page, command, API, terminal."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from operations.models import Operation
from tests.asking.commands import Manage
from tests.asking.commands import manage as manage  # a fixture
from tests.training.folds.families import STRATEGY, cross_validate, play, result_of, walk
from tests.training.views.start_form import form, shown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]

WALK, CROSS = "/start/walk-forward/", "/start/cross-validation/"


@pytest.fixture
def staff(client: Client) -> User:
    user = User.objects.create_superuser("ada")
    client.force_login(user)
    return user


def test_a_walk_forwards_page_shows_one_account_and_its_windows(
    client: Client, staff: User
) -> None:
    family = walk()
    page = shown(client.get(f"/operations/{family.pk}/"))
    assert page.count("not begun") == 3
    assert page.count('class="fold-test"') == 3
    ended = play(family)
    page = shown(client.get(f"/operations/{family.pk}/"))
    assert "What 1 became over all windows, after costs" in page
    assert "3 windows together" in page
    assert "Deflated Sharpe ratio" in page
    assert "the windows together are one look" in page
    for fold in result_of(ended)["folds"]:
        assert f'<a href="/operations/{fold["operation_id"]}/">{fold["number"]}</a>' in page


def test_walk_forwards_are_compared_by_their_accounts(client: Client, staff: User) -> None:
    other = STRATEGY.replace("{train: 0.7, validation: 0.15,", "{train: 0.6, validation: 0.25,")
    assert other != STRATEGY
    first, second = play(walk()), play(walk(train="4y", yaml=other))
    page = shown(client.get(f"/compare/?ids={first.pk}&ids={second.pk}"))
    for family in (first, second):
        net = result_of(family)["test"]["metrics"]["net_return"]
        assert f"{100 * net:+,.1f} %" in page
    assert "Deflated Sharpe ratio" in page
    assert ">4y<" in page and ">5y<" in page, "what differs"
    assert "data_split" not in page, "which only a training by itself is split by"
    assert "none yet" not in page, "of what has ended"


def test_a_cross_validations_page_shows_each_path_beside_its_looks(
    client: Client, staff: User
) -> None:
    family = play(cross_validate())
    page = shown(client.get(f"/operations/{family.pk}/"))
    assert "3 paths: net return" in page
    assert re.search("the ratio of [0-3] of 3 paths is not above 0", page), "no return is meant"
    assert page.count("<td>2009-01-02 to") >= 3
    assert "Deflated" in page and "Looks" in page


def test_a_preview_draws_what_would_be_trained_and_starts_nothing(
    client: Client, staff: User
) -> None:
    for address, trainings in ((WALK, 12), (CROSS, 15)):
        sent = form(train="5y", test="1y", groups="6", test_groups="2", preview="1")
        page = shown(client.post(address, sent))
        assert f"{trainings} trainings</h2>" in page
        assert page.count('class="fold-test"') >= trainings
        assert '<polyline class="fold-price" points="' in page
    assert not Operation.objects.exists()


def test_a_form_starts_what_it_says_once(client: Client, staff: User) -> None:
    sent = form(train="5y", test="1y", epochs="3", embargo="4", name="walks", anchored="on")
    first, second = (client.post(WALK, sent) for _ in range(2))
    family = Operation.objects.get()
    assert first["Location"] == second["Location"] == f"/operations/{family.pk}/"
    assert (family.name, family.operation_type, family.owner) == ("walks", "walk_forward", staff)
    assert family.request["settings"] == {
        "train": "5y",
        "test": "1y",
        "step": "1y",
        "anchored": True,
        "embargo": 4,
    }
    assert WALK in shown(client.get("/start/")) and CROSS in shown(client.get("/start/"))


def test_a_start_like_a_familys_begins_with_the_strategy_that_it_repeats(
    client: Client, staff: User
) -> None:
    family = walk()
    for address in ("/start/", "/start/search/", WALK, CROSS):
        page = client.get(f"{address}?like={family.pk}")
        assert page.status_code == 200, address
        assert "name: acceptance" in shown(page)


def test_every_fault_of_a_form_is_told_and_what_was_written_stays(
    client: Client, staff: User
) -> None:
    answer = client.post(WALK, form(train="5 years", test="1h"))
    page = shown(answer)
    assert answer.status_code == 400
    assert "<code>train</code>" in page and "<code>test</code>" in page
    assert 'value="5 years"' in page
    answer = client.post(CROSS, form(groups="60", test_groups="2"))
    assert answer.status_code == 400
    assert "must be 2 to 50" in shown(answer)


def started(staff: User, path: str, body: dict[str, Any]) -> dict[str, Any]:
    api = APIClient()
    api.force_authenticate(staff)
    answer = api.post(f"/api/v1/training/{path}", body, format="json")
    assert answer.status_code == 202, answer.content
    family = Operation.objects.get(pk=answer.json()["data"]["operation_id"])
    play(family)
    told: dict[str, Any] = api.get(f"/api/v1/operations/{family.pk}").json()["data"]
    return told


def test_the_api_starts_a_walk_forward_and_tells_what_came_of_it(staff: User) -> None:
    body = {"strategy": "rsi_reversal", "epochs": 2, "train": "12y", "test": "3y", "embargo": 5}
    told = started(staff, "walk-forward", body)
    assert (told["status"], told["parts"], told["open_parts"]) == ("completed", 2, 0)
    test = told["result"]["test"]
    assert test["times_scored"] == 1
    api = APIClient()
    api.force_authenticate(staff)
    lines = api.get("/api/v1/ledger?symbol=SP500&timeframe=1d").json()["data"]
    assert len(lines) == 3, "two windows, and both together"
    assert {(line["look"], line["times_scored"]) for line in lines} == {(told["operation_id"], 1)}
    assert 0.0 <= test["metrics"]["deflated_sharpe"] <= 1.0
    assert told["headline"].startswith("Net return")


def test_the_api_starts_a_cross_validation_and_tells_what_came_of_it(staff: User) -> None:
    body = {"strategy": "rsi_reversal", "epochs": 1, "groups": 3, "test_groups": 1}
    told = started(staff, "cross-validation", body)
    (path,) = told["result"]["paths"]
    assert 0.0 <= path["metrics"]["deflated_sharpe"] <= 1.0
    assert path["times_scored"] == 1


def test_commands_start_them_and_follow_them_to_their_outcome(manage: Manage) -> None:
    answer = manage(
        "start_walk_forward", "sp500_daily", "--train", "12y", "--test", "3y", "--epochs", "1",
        "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    play(Operation.objects.get(pk=answer.json["operation_id"]))
    followed = manage("follow_operation", answer.json["operation_id"]).out
    assert "tested on" in followed and "completed" in followed
    told = manage("show_operation", answer.json["operation_id"]).out
    assert "digest of all of them" in told and "Deflated Sharpe ratio" in told
    refused = manage("extend_walk_forward", answer.json["operation_id"])
    assert refused.code != 0 and "no further one fits" in refused.err
    answer = manage("start_cross_validation", "sp500_daily", "--groups", "0")
    assert answer.code != 0 and "groups: must be 2 to 50" in answer.err

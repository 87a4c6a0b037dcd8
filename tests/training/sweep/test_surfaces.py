"""A search as its users see it: page, list, command, API, terminal."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from operations.models import Operation
from operations.parts import run_next
from tests.asking.commands import Manage
from tests.asking.commands import manage as manage  # a fixture
from tests.training.sweep.searches import play, start
from training.sweep.job import run_sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("ada")


def marks(page: str) -> list[int]:
    """Of its two pictures, how many trials are out, finished and best; of dots, how many of each,
    and the line of the best."""
    kinds = ("out", "finished", "best")
    drawn = [re.findall(f'<path class="trials-{kind}" d="(.*?)">', page) for kind in kinds]
    by_picture = zip(*drawn, strict=True)
    return [path.count("M") for paths in by_picture for path in paths] or [0] * 6


def test_a_page_shows_its_trials_the_furthest_and_best_first(client: Client, staff: User) -> None:
    client.force_login(staff)
    sweep = start()
    assert "No trial has begun yet" in client.get(f"/operations/{sweep.pk}/").content.decode()
    run_sweep(sweep.pk, 1)
    for num_held in range(3):
        page = client.get(f"/operations/{sweep.pk}/").content.decode()
        drawn = num_held if num_held > 1 else 0
        assert marks(page) == [drawn, 0, 0, drawn, 0, min(drawn, 1)]
        run_next(sweep.pk, 2)
    assert "9 of 9 begun; compared by val_loss at each rung" in page
    assert "goes on from its parts, which have their own" in page
    ended = play(sweep)
    page = client.get(f"/operations/{sweep.pk}/").content.decode()
    assert ended.result is not None
    assert marks(page) == [8, 0, 1, 9, 1, 1]
    assert page.index("<b>won</b>") < page.index("out at a rung")
    assert f"Trial {ended.result['winner']} of 9 trials: val_loss" in page
    assert f'<a href="/operations/{ended.result["winner_id"]}/">The winner</a>' in page
    parts = client.get("/operations/", {"part_of": sweep.pk}).content.decode()
    assert "</svg>out at a rung</span>" in parts and "</svg>cancelled</span>" not in parts
    assert "Probability of overfitting" in page and "or more (9 trials, 376 days)" in page
    assert "Test Sharpe ratio" in page and "(1 look)" in page and "(9 trials)" in page
    assert "None: it goes on from its parts, which have their own." in page
    _expect_its_model_to_be_shown_through_it(client, ended)


def _expect_its_model_to_be_shown_through_it(client: Client, sweep: Operation) -> None:
    (row,) = client.get("/api/v1/models").json()["data"]
    number = (sweep.result or {})["winner"]
    assert (row["name"], row["part_of"]) == (f"{sweep.name}, trial {number}", sweep.pk)
    linked = f'<a href="/operations/{sweep.pk}/">{sweep.name}</a>'
    assert f"Part {number} of {linked}" in client.get("/models/").content.decode()
    used = client.get("/data/SP500/1d/").content.decode()
    used = used[used.index("What uses it") :]
    assert used.count('class="status') == 1  # of the search, in place of its trials
    assert f"/operations/{sweep.pk}/" in used and f"/models/{row['id']}/" in used
    its_page = client.get(f"/models/{row['id']}/").content.decode()
    assert f"<dt>Part {number} of</dt><dd>{linked}" in its_page


def test_a_list_shows_the_search_and_its_parts_where_they_are_asked_for(
    client: Client, staff: User
) -> None:
    client.force_login(staff)
    sweep = start()
    run_sweep(sweep.pk, 1)
    assert "trial 3" not in client.get("/operations/").content.decode()
    assert "trial 3" in client.get(f"/operations/?part_of={sweep.pk}").content.decode()


def test_the_api_starts_one_and_tells_what_came_of_it(staff: User) -> None:
    api = APIClient()
    api.force_authenticate(staff)
    body = {
        "strategy": "rsi_reversal",
        "epochs": 2,
        "space_yaml": "training.learning_rate: {log: [1e-4, 1e-2]}",
        "trials": 3,
        "rungs": [1, 2],
    }
    answer = api.post("/api/v1/training/sweep", body, format="json")
    assert answer.status_code == 202, answer.content
    sweep = Operation.objects.get(pk=answer.json()["data"]["operation_id"])
    play(sweep)
    told = api.get(f"/api/v1/operations/{sweep.pk}").json()["data"]
    assert (told["status"], told["parts"], told["open_parts"]) == ("completed", 3, 0)
    assert told["result"]["winner"] in (1, 2, 3)
    test, validation = told["result"]["test"], told["result"]["overfitting"]
    assert (test["times_scored"], validation["trials"]) == (1, 3)
    assert {"sharpe", "deflated_sharpe"} <= set(test["metrics"]) & set(validation)
    assert 0 <= validation["probability_of_overfitting"] <= 1
    model = api.get("/api/v1/models").json()["data"][0]
    assert test["metrics"]["deflated_sharpe"] == model["metrics"]["deflated_sharpe"]


def test_the_api_tells_every_fault_of_a_space(staff: User) -> None:
    api = APIClient()
    api.force_authenticate(staff)
    space = "training.seed: {int: [0, 9]}\ntraining.nothing: {int: [0, 9]}\n"
    body = {"strategy": "rsi_reversal", "space_yaml": space}
    answer = api.post("/api/v1/training/sweep", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "space_invalid")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [
        "#/training.seed",
        "#/training.nothing",
    ]
    assert not Operation.objects.exists()


def test_the_command_starts_one_and_shows_its_outcome(manage: Manage) -> None:
    answer = manage(
        "start_sweep", "sp500_daily", "--space", "sp500_daily", "--epochs", "2", "--trials", "2",
        "--rungs", "1,2", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    started = answer.json
    play(Operation.objects.get(pk=started["operation_id"]))
    followed = manage("follow_operation", started["operation_id"]).out
    assert "probability of overfitting" in followed and "(2 trials, " in followed
    assert "test Sharpe ratio" in followed and "(1 look)" in followed
    assert [
        line.split()[:4] for line in followed.splitlines() if line.startswith("        1 ")
    ] == [
        ["1", "1", "2", "2"],
        ["1", "2", "1", "1"],
    ]
    shown = manage("show_operation", started["operation_id"]).out
    assert "digest of all trials" in shown
    assert "out at a rung" in shown

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from operations.models import Operation, Process
from operations.upkeep import presence
from tests.asking.commands import Manage
from training.strategy import find_strategy


def test_it_says_what_was_started_and_how_to_follow(manage: Manage) -> None:
    presence.beat(Process.Kind.WORKER, "w1")
    outcome = manage("start_training", "sp500_daily", "--epochs", "3", "--name", "mine")
    operation = Operation.objects.get()
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        f"Started operation: {operation.pk}",
        f"Follow it with: {settings.FOLLOW} {operation.pk}",
    ]
    assert (operation.name, operation.owner) == ("mine", None)
    assert operation.request["strategy"]["training"]["epochs"] == 3


def test_without_a_worker_it_says_how_to_start_one(manage: Manage) -> None:
    assert f"{settings.MANAGE} rqworker" in manage("start_training", "sp500_daily").err
    presence.starting("w1")
    told = manage("start_training", "sp500_daily").err
    assert "A worker is starting" in told
    assert "rqworker" not in told


def test_every_option_reaches_the_training(manage: Manage) -> None:
    anna = User.objects.create_superuser("anna")  # as whom priority high is hers to choose
    outcome = manage(
        *("start_training", "sp500_daily", "--user", "anna", "--json"),
        *("--symbols", "NASDAQ", "--timeframes", "1d"),
        *("--start-date", "2005-01-03", "--end-date", "2015-12-31", "--seed", "11"),
        *("--device", "cpu", "--priority", "high", "--max-restarts", "0"),
        *("--checkpoint-epochs", "2", "--checkpoint-seconds", "1.5", "--checkpoint-keep", "4"),
    )
    operation = Operation.objects.get()
    assert outcome.json["operation_id"] == operation.pk
    assert (operation.owner, operation.queue, operation.max_restarts) == (anna, "training-high", 0)
    request = operation.request
    assert request["checkpoint"] == {"every_epochs": 2, "every_seconds": 1.5, "keep": 4}
    assert (request["device"], list(request["data"])) == ("cpu", ["NASDAQ/1d"])
    assert request["strategy"]["training"]["seed"] == 11
    assert request["strategy"]["training_data"]["end_date"].startswith("2015-12-31")


def test_several_seeds_are_several_operations(manage: Manage) -> None:
    outcome = manage("start_training", "sp500_daily", "--seed", "5", "--seeds", "3", "--json")
    assert outcome.code == 0
    assert len(outcome.json) == 3
    requests = Operation.objects.order_by("created_at").values_list("request", flat=True)
    assert [request["strategy"]["training"]["seed"] for request in requests] == [5, 6, 7]


def test_a_file_starts_and_is_named_when_it_is_wrong(manage: Manage, tmp_path: Path) -> None:
    text = find_strategy("sp500_daily").text
    good, bad = tmp_path / "my good one.yaml", tmp_path / "bad.yaml"
    good.write_text(text)
    bad.write_text(text.replace("period: 14", "perod: 14"))
    assert manage("start_training", str(good)).code == 0
    outcome = manage("start_training", str(bad))
    assert outcome.code == 2
    assert str(bad) in outcome.err
    assert "indicators.rsi_14.perod" in outcome.err
    assert outcome.err.count("perod: unknown key") == 3, "of each of its three places once"
    assert Operation.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nothing",), 4),
        (("sp500_daily", "--symbols", "GOLD"), 5),
        (("sp500_daily", "--epochs", "0"), 2),
        (("sp500_daily", "--seeds", "0"), 2),
        (("sp500_daily", "--seeds", "2", "--follow"), 2),
        (("sp500_daily", "--user", "nobody"), 4),
        (("sp500_daily", "--checkpoint-keep", "1"), 2),
    ],
)
def test_what_cannot_start_has_its_exit_code_and_leaves_nothing(
    manage: Manage, arguments: tuple[str, ...], code: int
) -> None:
    outcome = manage("start_training", *arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith("Error: ")
    assert not Operation.objects.exists()

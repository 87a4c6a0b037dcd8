"""How many models were scored on one test range is told by every surface, as it is by now."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from checkpoints import files
from operations.models import Operation
from tests.acceptance import trainings
from training.jobs import run_training
from training.launch.branching import extend_operation
from training.launch.seeds import start_seeds
from training.launch.start import StartRequest, start_training
from training.models import TrainedModel
from training.trained import looks
from training.trained.outcome import describe, result

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = StartRequest(strategy_yaml=trainings.STRATEGY, epochs=2)
DIGIT_CHANGED = trainings.STRATEGY.replace("[70, 12]", "[70, 13]")


def trained(operation: Operation) -> Operation:
    run_training(operation.pk, operation.attempt)
    operation.refresh_from_db()
    return operation


def started(**changes: Any) -> Operation:
    return trained(start_training(replace(REQUEST, **changes)))


def shown(operation: Operation) -> dict[str, Any]:
    told = result(operation)
    assert told is not None
    return told["test"]


def times(*operations: Operation) -> list[int]:
    return [shown(operation)["times_scored"] for operation in operations]


def test_the_same_strategy_started_anew_and_with_a_digit_changed_counts() -> None:
    assert DIGIT_CHANGED != trainings.STRATEGY
    first, again, changed = started(), started(), started(strategy_yaml=DIGIT_CHANGED)
    assert times(first, again, changed) == [3, 3, 3]
    assert "By now 3 models" in shown(first)["notes"][-1]


def test_every_member_of_a_lineage_tells_the_same_number_by_now() -> None:
    first, second = (trained(operation) for operation in start_seeds(REQUEST, seeds=2))
    assert not any("By now" in note for note in shown(started(end_date="2015-12-31"))["notes"])
    third = trained(extend_operation(second.pk, epochs=3).operation)
    assert times(first, second, third) == [3, 3, 3]
    assert describe(first)["seeds"]["times_scored"] == 3


def test_the_bundle_and_the_rows_do_not_know_so_twins_stay_equal() -> None:
    first, twin = started(), started()
    manifests = [
        files.read(operation.trained_model.artifacts.get(name="manifest.json").file.name)
        for operation in (first, twin)
    ]
    assert manifests[0] == manifests[1]
    for stored in (json.loads(manifests[0]), {"evaluation": first.trained_model.evaluation}):
        assert "times_scored" not in stored["evaluation"]
    assert "times_scored" not in first.result["test"]


def test_every_surface_tells_the_number_and_none_tells_whose(manage: Any) -> None:
    owner, other = User.objects.create_user("owner"), User.objects.create_user("zebra")
    mine, theirs = (trained(start_training(REQUEST, owner=user)) for user in (owner, other))
    browser = Client()
    browser.force_login(owner)
    model = mine.trained_model
    said = {
        path: browser.get(path).content.decode()
        for path in (
            f"/models/{model.pk}/",
            "/models/",
            f"/api/v1/models/{model.pk}",
            "/api/v1/models",
            f"/api/v1/operations/{mine.pk}",
            f"/api/v1/operations/{mine.pk}/results",
        )
    }
    said["command"] = manage("show_operation", mine.pk).out
    numbers = ('"times_scored":2', "2 models of this site", 'class="num">2</td>', "2 times by now")
    for surface, text in said.items():
        assert any(number in text for number in numbers), surface
        assert theirs.pk not in text
        assert "zebra" not in text


def stored(symbols: list[str], first: int | None, end: int | None) -> TrainedModel:
    operation = start_training(REQUEST)
    return TrainedModel.objects.create(
        operation=operation,
        name="",
        size_bytes=0,
        weights_sha256="",
        evaluation={},
        strategy={},
        test_symbols=symbols,
        test_first_time=first,
        test_end_time=end,
    )


def test_any_shared_symbol_and_any_overlap_counts_and_nothing_else(
    django_assert_num_queries: Any,
) -> None:
    model = stored(["A", "B"], 100, 200)
    for symbols, first, end in (
        (["B", "C"], 199, 300),
        (["A", "B"], 0, 101),
        (["A"], 120, 130),
        (["C"], 100, 200),
        (["A"], 200, 300),
        (["A"], 0, 100),
    ):
        stored(symbols, first, end)
    unknown = stored([], None, None)
    with django_assert_num_queries(1):
        looks.count([model, unknown])
    assert (model.times_scored, unknown.times_scored) == (4, 1)


def test_daily_bars_are_looked_at_until_their_end() -> None:
    strategy = {
        "training_data": {
            "symbols": {"mode": "multi_symbol", "list": ["B", "A"]},
            "timeframes": {"mode": "multi_timeframe", "list": ["1d"], "base_timeframe": "1d"},
        }
    }
    assert looks.columns({"first_time": 0, "last_time": 86_400}, strategy) == {
        "test_symbols": ["A", "B"],
        "test_first_time": 0,
        "test_end_time": 2 * 86_400,
    }


def test_what_version_0_1_0_stored_is_read_with_the_number_of_now() -> None:
    old = "By now 2 trainings of this lineage were scored on this test range: the best …"
    read = looks.as_read({"samples": 6, "times_scored": 2, "notes": ["a", old]}, 1)
    assert read == {"samples": 6, "times_scored": 1, "notes": ["a"]}
    assert "By now 7 models" in looks.as_read({"times_scored": 2, "notes": [old]}, 7)["notes"][0]

"""How often a test range was looked at, and what a Sharpe ratio is worth then: on every surface."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkpoints import files
from operations.models import Operation
from tests.acceptance import trainings
from tests.training.views.scenes import scored
from training.evaluation import returns
from training.jobs import run_training
from training.launch.branching import extend_operation
from training.launch.seeds import start_seeds
from training.launch.start import StartRequest, start_training
from training.models import Score
from training.trained import ledger, looks
from training.trained.looks import Looks
from training.trained.outcome import describe, result
from training.views import metrics

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = StartRequest(strategy_yaml=trainings.STRATEGY, epochs=2)
NUMBERS = ('"times_scored":3', "3 times", "3 looks", 'class="num">3</td>', "\t3\t")
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


def test_a_digit_changed_is_another_look_and_the_same_training_anew_is_none() -> None:
    assert DIGIT_CHANGED != trainings.STRATEGY
    first, again, changed = started(), started(), started(strategy_yaml=DIGIT_CHANGED)
    assert times(first, again, changed) == [2, 2, 2]
    assert "looked at 2 times" in shown(first)["notes"][-1]
    assert first.trained_model.score == again.trained_model.score


def test_what_was_looked_at_stays_so_when_the_model_and_its_operation_are_gone() -> None:
    first, changed = started(), started(strategy_yaml=DIGIT_CHANGED)
    first.delete()
    assert times(changed) == [2]
    assert Score.objects.filter(operation_id=first.pk or "").count() == 0
    assert Score.objects.count() == 2


def test_every_member_of_a_lineage_tells_the_same_number_by_now() -> None:
    first, second = (trained(operation) for operation in start_seeds(REQUEST, seeds=2))
    assert not any("By now" in note for note in shown(started(end_date="2015-12-31"))["notes"])
    third = trained(extend_operation(second.pk, epochs=3).operation)
    assert times(first, second, third) == [2, 2, 2]  # the best epoch is its parent's
    assert describe(first)["seeds"]["times_scored"] == 2


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


def alone(told: Any, place: str = "") -> list[str]:
    """Where in an answer a model's ratio stands without what it is worth; baselines and the spread
    over seeds are none of a model."""
    if isinstance(told, list):
        return [found for one in told for found in alone(one, place)]
    if not isinstance(told, dict):
        return []
    here = [place] if told.get("sharpe") is not None and "deflated_sharpe" not in told else []
    others = {key: told[key] for key in told.keys() - {"buy_and_hold", "baselines", "seeds"}}
    return here + [found for key, one in others.items() for found in alone(one, f"{place}.{key}")]


def test_no_surface_tells_a_ratio_without_its_looks_and_what_it_is_worth_then(
    manage: Any,
) -> None:
    owner, other = User.objects.create_user("owner"), User.objects.create_user("zebra")
    mine, seeded = (
        trained(start_training(replace(REQUEST, seed=seed), owner=owner)) for seed in (1, 2)
    )
    theirs = trained(start_training(replace(REQUEST, strategy_yaml=DIGIT_CHANGED), owner=other))
    browser = Client()
    browser.force_login(owner)
    model = mine.trained_model
    looks.count([model])
    said = {
        path: browser.get(path).content.decode()
        for path in (
            f"/models/{model.pk}/",
            "/models/",
            f"/compare/?ids={mine.pk}&ids={seeded.pk}",
            f"/operations/{mine.pk}/",
            "/operations/?columns=sharpe",
            f"/api/v1/models/{model.pk}",
            "/api/v1/models",
            f"/api/v1/operations/{mine.pk}",
            f"/api/v1/operations/{mine.pk}/results",
            "/api/v1/operations",
        )
    }
    said["show"] = manage("show_operation", mine.pk).out
    said["list"] = manage("list_operations", "--sort", "sharpe").out
    said["ledger"] = manage("ledger", "SP500").out
    assert model.looks.deflated_sharpe is not None
    ratio = metrics.shown("sharpe", model.sharpe)
    sure = metrics.shown("deflated_sharpe", model.looks.deflated_sharpe)
    for surface, text in said.items():
        is_json = "/api/" in surface
        if surface != "ledger":  # which has that of one return
            assert (f'"sharpe":{model.sharpe}' if is_json else ratio) in text, surface
        worth = f'"deflated_sharpe":{model.looks.deflated_sharpe}' if is_json else sure
        assert worth in text, surface
        assert any(number in text for number in NUMBERS), surface
        if is_json:
            assert alone(json.loads(text)) == [], surface
        if surface not in ("list", "ledger"):  # of the operator
            assert theirs.pk not in text
            assert "zebra" not in text


def test_the_ledger_is_an_operators_and_tells_whose(manage: Any) -> None:
    owner = User.objects.create_user("zebra")
    operation = trained(start_training(REQUEST, owner=owner))
    [told] = json.loads(manage("ledger", "SP500", "--json").out)
    assert (told["operation_id"], told["owner"], told["times_scored"]) == (operation.pk, "zebra", 1)
    stored = operation.trained_model.artifacts.get(name=returns.FILE)
    _, earned = returns.from_bytes(files.read(stored.file.name))
    assert told["sharpe"] == pytest.approx(earned.mean() / earned.std(ddof=1))
    assert told["num_returns"] == len(earned)
    assert manage("ledger", "SP500", "--timeframe", "1h").out == ""


MINE = {"symbols": ("A", "B"), "timeframe": "1d", "first_time": 100, "end_time": 200}


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        ({"symbols": ("B", "C"), "first_time": 199, "end_time": 300}, True),
        ({"first_time": 0, "end_time": 101}, True),
        ({"symbols": ("A",), "first_time": 120, "end_time": 130}, True),
        ({"symbols": ("A",), "timeframe": "1h"}, False),
        ({"symbols": ("C",)}, False),
        ({"first_time": 200, "end_time": 300}, False),
        ({"first_time": 0, "end_time": 100}, False),
    ],
)
def test_a_shared_symbol_a_timeframe_and_any_overlap_make_a_look_and_nothing_else(
    other: dict[str, Any], meets: bool
) -> None:
    own = scored("own", **MINE)
    scored("other", **(MINE | other))
    assert looks.looks_at([own.pk])[own.pk].times_scored == 1 + meets


def test_windows_of_a_family_and_their_stitched_returns_are_one_look() -> None:
    """Wherever one looks: at one window, at several, or at nothing of them."""
    for number in range(3):
        first = {"first_time": 100 * number, "end_time": 100 * number + 100}
        scored(f"window {number}", look="family", **(MINE | first))
    stitched = scored("stitched", look="family", **(MINE | {"first_time": 0, "end_time": 300}))
    beside = scored("beside", **MINE)
    after = scored("after", **(MINE | {"first_time": 300, "end_time": 400}))
    found = looks.looks_at([stitched.pk, beside.pk, after.pk])
    assert [one.times_scored for one in found.values()] == [2, 2, 1]


def test_a_long_range_of_another_symbol_is_met_beside_short_ones() -> None:
    """How far back ranges are looked for is known of each symbol that is looked at."""
    scored("long ago, and still", **(MINE | {"symbols": ("B",), "first_time": -900}))
    own = scored("short", **(MINE | {"first_time": 190}))
    assert looks.looks_at([own.pk])[own.pk].times_scored == 2


def test_scores_of_one_range_cost_two_queries(django_assert_num_queries: Any) -> None:
    rows = [scored(name).pk for name in ("a", "b", "c")]
    with django_assert_num_queries(2):
        found = looks.looks_at([*rows, None])
    assert {one.times_scored for one in found.values()} == {3}


def test_what_version_0_1_0_stored_is_read_with_the_number_of_now() -> None:
    old = "By now 2 trainings of this lineage were scored on this test range: the best …"
    read = looks.as_read({"samples": 6, "times_scored": 2, "notes": ["a", old]}, Looks())
    assert read == {"samples": 6, "times_scored": 1, "notes": ["a"]}
    seven = Looks(times_scored=7)
    assert (
        "looked at 7 times" in looks.as_read({"times_scored": 2, "notes": [old]}, seven)["notes"][0]
    )


def test_daily_bars_are_looked_at_until_their_end() -> None:
    strategy = {
        "training_data": {
            "symbols": {"mode": "multi_symbol", "list": ["B", "A"]},
            "timeframes": {"mode": "multi_timeframe", "list": ["1d"], "base_timeframe": "1d"},
        }
    }
    found = ledger.test_range({"first_time": 0, "last_time": 86_400}, strategy)
    assert (found.symbols, found.timeframe) == (("A", "B"), "1d")
    assert (found.first_time, found.end_time) == (0, 2 * 86_400)


def test_lines_are_written_in_one_order_whoever_writes_them() -> None:
    """In two orders, two that complete at once would each wait for the other."""
    first, last = sorted((scored(name) for name in ("a", "b")), key=lambda score: score.pk)
    Score.objects.all().delete()
    with CaptureQueriesContext(connection) as asked:
        ledger.record([last, first])
    written = [query["sql"] for query in asked if query["sql"].startswith("INSERT")]
    assert len(written) == 2
    for sql in written:
        assert sql.index(first.pk) < sql.index(last.pk)

"""A walk-forward: its windows are trained, and what they decided is one account."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import yaml

from operations.cancel import cancel_operation
from operations.models import LIVE, Operation, Status
from operations.parts import run_next
from operations.resume import resume_operation
from tests.operations import scenes
from tests.operations.family_scenes import assert_family_holds
from tests.training.folds import families
from tests.training.folds.families import play, result_of, walk, without_ids
from training.errors import StartInvalid
from training.evaluation.decisions import positions
from training.evaluation.fold_predictions import FILE, FoldPredictions
from training.features.assembly import build_dataset
from training.folds.job import run_folds
from training.jobs import run_training
from training.launch.request import TrainingRequest
from training.launch.start import StartRequest, start_training
from training.models import ModelArtifact, Score, TrainedModel
from training.trained import ledger

pytestmark = pytest.mark.django_db(transaction=True)


def parts_of(family: Operation) -> list[Operation]:
    return list(Operation.objects.filter(part_of=family).order_by("part_number"))


def test_all_windows_together_are_one_account_and_one_look() -> None:
    family = play(walk())
    result = result_of(family)
    assert [fold["test"] for fold in result["folds"]] == [
        [["2014-01-01", "2015-07-01"]],
        [["2015-07-01", "2017-01-01"]],
        [["2017-01-01", "2018-07-01"]],
    ]
    assert {part.status for part in parts_of(family)} == {Status.COMPLETED}
    grown = np.prod([1.0 + fold["net_return"] for fold in result["folds"]])
    assert grown - 1.0 == pytest.approx(result["test"]["metrics"]["net_return"], abs=1e-12)
    own = Score.objects.get(pk=result["score"])
    assert own.operation_id == family.pk
    assert Score.objects.count() == 4
    assert set(Score.objects.values_list("look", flat=True)) == {family.pk}
    assert ledger.times_looked(ledger.range_of(own)) == 1
    assert_family_holds(family.pk)


def test_the_account_follows_from_bars_and_models_to_the_last_digit() -> None:
    """Bar by bar, by hand: a position is filled at the next open, and pays for what it changes."""
    family = play(walk())
    result = result_of(family)
    decided: dict[int, int] = {}
    for part in parts_of(family):
        model = TrainedModel.objects.get(operation=part)
        file = ModelArtifact.objects.get(trained_model=model, name=FILE)
        with file.file.open() as stored:
            said = FoldPredictions.from_bytes(stored.read())
        own = dict(zip(said.times.tolist(), said.by["model"].argmax(axis=1).tolist(), strict=True))
        assert not own.keys() & decided.keys(), "a bar is scored twice"
        decided |= own
    whole = TrainingRequest.from_json(family.request["base"]).read_strategy()
    dataset = build_dataset(whole)
    times = dataset.times.tolist()
    rows = [times.index(time) for time in sorted(decided)]
    assert all(after == row + 1 for row, after in pairwise(rows)), "a bar is left out"
    threshold = whole.decisions.confidence_threshold
    assert threshold == 0, "else decisions are more than the likeliest class"
    held = positions(np.array([decided[times[row]] for row in rows]), whole.decisions, 0.0)
    half = whole.decisions.cost_model.round_trip_cost / 2.0
    rows = [row for row in rows if row + 2 < len(times)]
    equity, before = 1.0, 0.0
    for row, position in zip(rows, held.tolist(), strict=False):
        move = dataset.open[row + 2] / dataset.open[row + 1] - 1.0
        change = abs(position - before)
        if row == rows[-1]:
            change += abs(position)
        equity *= 1.0 + (position * move - half * change)
        before = position
    assert equity - 1.0 == result["test"]["metrics"]["net_return"]


def test_one_that_is_cancelled_and_resumed_anywhere_ends_with_the_same() -> None:
    undisturbed = without_ids(result_of(play(walk())))
    for steps in (1, 3):
        family = walk()
        play(family, steps=steps)
        cancel_operation(family.pk)
        assert scenes.reread(family).status == Status.CANCELLED
        assert not Operation.objects.filter(part_of=family, status__in=LIVE).exists()
        resume_operation(family.pk)
        assert without_ids(result_of(play(family))) == undisturbed
        assert_family_holds(family.pk)


def test_a_window_is_a_training_of_its_own() -> None:
    family = play(walk())
    part = parts_of(family)[0]
    alone = start_training(StartRequest(strategy_yaml=yaml.safe_dump(part.request["strategy"])))
    run_training(alone.pk, 1)
    found = [scenes.reread(operation).result for operation in (alone, part)]
    assert found[0] is not None and found[1] is not None
    for name in ("state_digest", "weights_sha256"):
        assert found[0][name] == found[1][name]


def test_a_window_that_is_cancelled_by_hand_ends_it_and_a_resume_trains_it() -> None:
    undisturbed = without_ids(result_of(play(walk())))
    family = walk()
    run_folds(family.pk, 1)
    run_next(family.pk, 2)
    cancel_operation(parts_of(family)[1].pk)
    failed = play(family)
    assert (failed.status, failed.error_code) == (Status.FAILED, "part_failed")
    assert f"Window 2, {parts_of(family)[1].pk}" in failed.error_message
    assert "cancelled" in failed.error_message
    resume_operation(family.pk)
    assert without_ids(result_of(play(family))) == undisturbed


def test_a_window_that_lacks_a_class_ends_it_before_its_first_part() -> None:
    strategy = yaml.safe_load(families.STRATEGY)
    barriers = {"pt_multiplier": 100, "sl_multiplier": 100}
    strategy["training"]["labels"] |= barriers  # none is met: every bar is a hold
    family = play(walk(yaml=yaml.safe_dump(strategy)))
    assert (family.status, family.error_code) == (Status.FAILED, "missing_class"), family
    assert family.error_message.startswith("Window 1, tested on ")
    assert not parts_of(family)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"test": "50y"}, "longer than the bars"),
        ({"train": "20d", "test": "20d"}, "window 1, tested on "),
        ({"test": "10d"}, "no longer than the labels' horizon of 10"),
        ({"embargo": 100_001}, "embargo: must be 0 to 100,000"),
        ({"embargo": -1}, "embargo: must be 0 to 100,000"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_starts(
    changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(StartInvalid, match=told):
        walk(**changes)
    assert not Operation.objects.exists()


def test_an_embargo_as_long_as_a_group_is_refused() -> None:
    with pytest.raises(StartInvalid, match="embargo: 700 bars are a whole group of 629"):
        families.cross_validate(embargo=700)
    assert not Operation.objects.exists()


def test_what_is_stored_is_plain_json() -> None:
    family = play(walk(train="8y"))
    assert json.loads(json.dumps(family.result)) == family.result


def test_weeks_that_are_made_of_days_are_decided_on_to_the_last_one() -> None:
    yaml = families.STRATEGY.replace("timeframe: 1d", "timeframe: 1w")
    assert yaml != families.STRATEGY
    family = play(walk(yaml=yaml, train="4y", test="1y"))
    result = result_of(family)
    assert len(result["folds"]) >= 3

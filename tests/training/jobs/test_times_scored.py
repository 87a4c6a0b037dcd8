"""How often a lineage was scored on one test range is said wherever a result is shown."""

import json
from dataclasses import replace
from typing import Any

import pytest

from checkpoints import files
from operations.models import Operation
from tests.acceptance import trainings
from training.jobs import run_training
from training.launch.branching import extend_operation
from training.launch.seeds import start_seeds
from training.launch.start import StartRequest, start_training

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST = StartRequest(strategy_yaml=trainings.STRATEGY, epochs=2)


def start(*, lineage: str = "", **changes: Any) -> Operation:
    return start_training(replace(REQUEST, **changes), lineage=lineage)


def trained(operation: Operation) -> Operation:
    run_training(operation.pk, operation.attempt)
    operation.refresh_from_db()
    return operation


def test_each_training_of_a_lineage_counts_those_before_it() -> None:
    first, second = (trained(operation) for operation in start_seeds(REQUEST, seeds=2))
    third = trained(extend_operation(second.pk, epochs=3).operation)
    results = [operation.result["test"] for operation in (first, second, third)]
    assert [result["times_scored"] for result in results] == [1, 2, 3]
    assert not any("lineage" in note for note in results[0]["notes"])
    assert "3 trainings of this lineage" in results[2]["notes"][-1]
    assert third.trained_model.evaluation["times_scored"] == 3


def test_another_test_range_and_another_lineage_do_not_count() -> None:
    first = trained(start())
    stranger = trained(start())
    elsewhere = trained(start(end_date="2015-12-31", lineage=first.lineage))
    assert stranger.result["test"]["times_scored"] == 1
    assert elsewhere.result["test"]["times_scored"] == 1


def test_the_bundle_does_not_know_so_twins_stay_equal() -> None:
    first = trained(start())
    twin = trained(start(lineage=first.lineage))
    assert twin.result["test"]["times_scored"] == 2
    manifests = [
        files.read(operation.trained_model.artifacts.get(name="manifest.json").file.name)
        for operation in (first, twin)
    ]
    assert manifests[0] == manifests[1]
    assert "times_scored" not in json.loads(manifests[0])["evaluation"]

"""Whether carried weights were trained on the bars that are to score them."""

import json
from pathlib import Path

import pytest

from operations.models import Operation, Status
from operations.resume import resume_operation
from tests.training.launch.attempts import (
    SAMPLE,
    STRATEGY,
    import_rows,
    now,
    run,
    run_until,
    start,
)
from training.attempt.requests import StopReason
from training.errors import TestWasTrainedOn
from training.launch.branching import extend_operation, fork_operation
from training.trained.prediction import forecast
from training.trained.stored_models import read_network

pytestmark = pytest.mark.django_db(transaction=True)

EARLIER = {"training_data.end_date": "2014-06-30", "training.epochs": 6}
OTHER_DATES = {
    "training.data_split": {"validation_start": "2013-01-02", "test_start": "2014-01-02"},
    "training.epochs": 6,
}


@pytest.fixture
def parent() -> Operation:
    return run(start(epochs=4))


@pytest.mark.parametrize("settings", [EARLIER, OTHER_DATES], ids=["end_date", "data_split"])
def test_a_fork_whose_test_was_trained_on_is_refused_with_both_ranges(parent, settings) -> None:
    with pytest.raises(TestWasTrainedOn) as refused:
        fork_operation(parent.pk, settings=settings)
    assert (refused.value.code, refused.value.status) == ("test_was_trained_on", 409)
    last_trained = parent.request["cuts"]["validation_start"]
    assert "trained on SP500 from 2009-" in str(refused.value)
    assert "its validation part is of 201" in str(refused.value)
    assert "its test part is of 201" in str(refused.value)
    assert "begins after 2015-" in str(refused.value)
    assert last_trained.startswith("2015-")
    assert Operation.objects.count() == 1


def test_accepted_it_is_said_with_every_score(parent) -> None:
    branch = fork_operation(parent.pk, settings=OTHER_DATES, accept_seen_test=True)
    child = run(branch.operation)
    words = "Its weights were trained on SP500 from"
    assert words in child.result["test"]["seen_test"]
    assert words in child.trained_model.evaluation["notes"][0]
    extended = extend_operation(child.pk, epochs=8).operation
    assert words in run(extended).result["test"]["seen_test"]


def test_grandparents_count(parent) -> None:
    """The child trains on later bars only; the grandchild's test is what the parent knew."""
    later = {
        "training_data.start_date": "2014-06-02",
        "training.data_split": {"validation_start": "2016-06-01", "test_start": "2017-06-01"},
        "training.epochs": 5,
    }
    child = run(fork_operation(parent.pk, settings=later).operation)
    back = {
        "training_data.start_date": "2009-01-02",
        "training_data.end_date": "2013-12-31",
        "training.data_split": {"validation_start": "2012-01-03", "test_start": "2013-01-02"},
        "training.epochs": 6,
    }
    with pytest.raises(TestWasTrainedOn, match="trained on SP500 from 2009-"):
        fork_operation(child.pk, settings=back)


def test_a_later_test_is_clean(parent) -> None:
    later = {
        "training.data_split": {"validation_start": "2017-01-03", "test_start": "2018-01-02"},
        "training.epochs": 5,
    }
    child = run(fork_operation(parent.pk, settings=later).operation)
    assert child.result["test"]["seen_test"] == ""


def test_another_symbols_bars_were_not_trained_on(parent) -> None:
    other = {"training_data.symbols": {"mode": "single", "symbol": "NASDAQ"}, **OTHER_DATES}
    assert fork_operation(parent.pk, settings=other).operation.status == Status.PENDING


def test_history_put_before_the_start_moves_no_cut(tmp_path: Path) -> None:
    lines = SAMPLE.read_text().splitlines()
    import_rows(tmp_path, "\n".join([lines[0], *lines[2500:]]) + "\n")
    text = STRATEGY.replace('  start_date: "2009-01-02"\n', "")
    operation = run_until(start(epochs=4, strategy_yaml=text), 20, StopReason.CANCEL)
    import_rows(tmp_path, SAMPLE.read_text())
    resume_operation(operation.pk, accept_changed_data=True)
    assert now(operation).request["cuts"] == operation.request["cuts"]
    completed = run(operation)
    assert completed.status == Status.COMPLETED
    assert completed.result["test"]["seen_test"] == ""


def test_the_command_asks_and_accepts(parent, manage) -> None:
    fork = ("fork_operation", parent.pk, "--set", "training.epochs=6")
    fork += ("--set", "training_data.end_date=2014-06-30")
    refused = manage(*fork)
    assert refused.code == 3
    assert "--accept-seen-test" in refused.err
    assert manage(*fork, "--accept-seen-test").code == 0


def test_a_branch_of_a_branch_that_never_trained_knows_whose_state_it_has(parent, manage) -> None:
    """The child's only checkpoint is its parent's state, made with the parent's optimizer."""
    sgd = {"training.optimizer": "sgd", "training.epochs": 6}
    child = fork_operation(parent.pk, settings=sgd).operation
    manage("cancel_operation", child.pk)
    branch = extend_operation(child.pk, epochs=8)
    assert {"part": "optimizer", "fate": "reset"} in branch.plan.table()
    assert run(branch.operation).status == Status.COMPLETED


def test_a_prediction_on_bars_that_were_trained_on_says_so(parent) -> None:
    branch = fork_operation(parent.pk, settings=OTHER_DATES, accept_seen_test=True)
    network = read_network(run(branch.operation).trained_model)
    notes = forecast(network, since="2014-06-02").to_json()["notes"]
    assert any(
        note["code"] == "no_forecast" and "trained on SP500 from" in note["text"] for note in notes
    )


RUNS = {
    "train": [["2009-01-02", "2012-01-03"], ["2014-01-02", "2016-01-04"]],
    "validation": [["2016-01-04", "2017-01-03"]],
    "test": [["2012-01-03", "2014-01-02"]],
}
"""What is tested on lies between what is trained on."""


def in_runs(**runs: list[list[str]]) -> dict[str, object]:
    return {"training.data_split": {**RUNS, **runs}, "training.epochs": 6}


def start_in_runs(split: dict[str, list[list[str]]]) -> Operation:
    fractions = "{train: 0.7, validation: 0.15, test: 0.15}"
    return start(epochs=4, strategy_yaml=STRATEGY.replace(fractions, json.dumps(split)))


@pytest.fixture
def parent_in_runs() -> Operation:
    return run(start_in_runs(RUNS))


def test_more_epochs_on_the_same_runs_are_clean_and_so_are_more_of_those(parent_in_runs) -> None:
    child = run(extend_operation(parent_in_runs.pk, epochs=6).operation)
    assert child.status == Status.COMPLETED
    assert child.result["test"]["seen_test"] == ""
    again = run(extend_operation(child.pk, epochs=7).operation)
    assert again.result["test"]["seen_test"] == ""
    with pytest.raises(TestWasTrainedOn, match="trained on SP500 from 2014-01-02 to 2015-12-31"):
        moved = in_runs(validation=[["2014-06-02", "2016-01-04"]], train=RUNS["train"][:1])
        fork_operation(again.pk, settings={**moved, "training.epochs": 9})


def test_a_test_run_that_was_trained_on_is_refused_with_the_run_it_meets(parent_in_runs) -> None:
    early = in_runs(train=[["2014-01-02", "2016-01-04"]], test=[["2010-01-04", "2011-01-03"]])
    with pytest.raises(TestWasTrainedOn) as refused:
        fork_operation(parent_in_runs.pk, settings=early)
    words = str(refused.value)
    assert "trained on SP500 from 2009-01-02 to 2011-12-30" in words
    assert "its test part is of 2010-01-04 to 2011-01-14" in words  # its labels reach 10 bars
    assert "2016" not in words.split("begins after")[0]


def test_a_test_run_within_one_that_was_tested_on_is_clean(parent_in_runs) -> None:
    within = in_runs(test=[["2012-06-01", "2013-06-03"]])
    child = fork_operation(parent_in_runs.pk, settings=within).operation
    assert run(child).result["test"]["seen_test"] == ""


def test_what_the_labels_of_a_training_run_reach_behind_it_was_seen() -> None:
    """The run ends with 2010-12-31; nothing of another part follows for two years."""
    alone = {
        **RUNS,
        "train": [["2009-01-02", "2011-01-03"]],
        "test": [["2014-01-02", "2016-01-04"]],
    }
    alone["validation"] = [["2013-01-02", "2014-01-02"]]
    parent = run(start_in_runs(alone))
    behind = {**alone, "test": [["2011-01-03", "2012-01-03"]]}
    with pytest.raises(TestWasTrainedOn, match="from 2009-01-02 to 2011-01-14, and its test part"):
        fork_operation(parent.pk, settings={"training.data_split": behind, "training.epochs": 6})
    later = {**alone, "test": [["2011-01-18", "2012-01-03"]]}
    settings = {"training.data_split": later, "training.epochs": 6}
    assert fork_operation(parent.pk, settings=settings).operation.status == Status.PENDING


def test_what_follows_a_test_run_was_seen_where_the_labels_of_the_run_reach_it(
    parent_in_runs,
) -> None:
    """Rows from 2014-01-02 on were trained on; the run ends before them, its last labels do not."""
    until = in_runs(test=[["2012-01-03", "2013-12-27"]])
    with pytest.raises(TestWasTrainedOn, match="test part is of 2012-01-03 to 2014-01-"):
        fork_operation(parent_in_runs.pk, settings=until)

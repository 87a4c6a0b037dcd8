"""`predict` says what a trained model decides, bar by bar."""

from pathlib import Path

import pytest

from operations.models import Operation
from tests.acceptance import trainings
from tests.asking.commands import Manage
from training.jobs import run_training
from training.launch.seeds import start_seeds
from training.launch.start import StartRequest
from training.market_data.samples import SAMPLES


@pytest.fixture
def trained(transactional_db: None) -> Operation:
    operation = trainings.start(epochs=1)
    run_training(operation.pk, 1)
    return operation


def test_each_line_is_a_dated_decision_with_its_probabilities(
    trained: Operation, manage: Manage
) -> None:
    outcome = manage("predict", trained.pk, "--since", "2018-01-02")
    assert outcome.code == 0
    head, *lines = (line.split("\t") for line in outcome.out.splitlines())
    assert head == ["TIME", "DECISION", "POSITION", "EVENT", "BUY", "HOLD", "SELL"]
    time, decision, position, event, *probabilities = lines[0]
    assert time == "2018-01-02"
    assert {"buy": "1", "hold": "0", "sell": "-1"}[decision] == position
    assert event == "yes"
    assert sum(float(value) for value in probabilities) == pytest.approx(1, abs=2e-4)
    assert outcome.err == ""


def test_the_json_names_the_model_and_the_classes(trained: Operation, manage: Manage) -> None:
    shown = manage("predict", str(trained.trained_model.pk), "--json").json
    assert (shown["operation_id"], shown["symbol"], shown["timeframe"]) == (
        trained.pk,
        "SP500",
        "1d",
    )
    assert len(shown["predictions"]) == 30
    assert shown["predictions"][0]["probabilities"].keys() == {"buy", "hold", "sell"}


def test_what_to_keep_in_mind_stands_beside_the_lines_and_in_the_json(
    trained: Operation, manage: Manage
) -> None:
    outcome = manage("predict", trained.pk, "--since", "2010-01-04")
    assert "Note: The model was fitted on bars before" in outcome.err
    assert "is no forecast" not in outcome.out
    notes = manage("predict", trained.pk, "--since", "2010-01-04", "--json").json["notes"]
    assert [note["code"] for note in notes] == ["no_forecast"]
    assert notes[0]["text"] in outcome.err


def test_the_zone_of_a_file_needs_a_file(trained: Operation, manage: Manage) -> None:
    outcome = manage("predict", trained.pk, "--timezone", "America/New_York")
    assert (outcome.code, outcome.out) == (2, "")
    assert "give --file, too" in outcome.err


def test_another_symbol_is_asked_on_purpose(transactional_db: None, manage: Manage) -> None:
    text = trainings.STRATEGY.replace("normalization: zscore", "normalization: none")
    operation = trainings.start(strategy_yaml=text, epochs=1)
    run_training(operation.pk, 1)
    asked = ("predict", operation.pk, "--symbol", "NASDAQ")
    outcome = manage(*asked)
    assert (outcome.code, outcome.out) == (5, "")
    assert "--any-symbol" in outcome.err
    outcome = manage(*asked, "--any-symbol")
    assert outcome.code == 0
    assert "Note: The model was trained on SP500, not on NASDAQ" in outcome.err


def test_a_file_takes_the_place_of_imported_bars(
    trained: Operation, manage: Manage, tmp_path: Path
) -> None:
    outcome = manage("predict", trained.pk, "--file", str(SAMPLES["SP500", "1d"]))
    assert outcome.out == manage("predict", trained.pk).out
    bad = tmp_path / "bad.csv"
    bad.write_text("date,open,high,low,close\n2020-01-01,1,1,1,-1\n")
    outcome = manage("predict", trained.pk, "--file", str(bad))
    assert (outcome.code, outcome.out) == (2, "")
    assert "close is not above 0" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--symbol", "NASDAQ"], 5, "knows SP500, not NASDAQ"),
        (["--symbol", "NOTHING"], 5, "NOTHING"),
        (["--since", "yesterday"], 2, "'yesterday' is neither a date"),
    ],
)
def test_what_cannot_be_predicted_has_its_exit_code(
    trained: Operation, manage: Manage, arguments: list[str], code: int, message: str
) -> None:
    outcome = manage("predict", trained.pk, *arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert message in outcome.err


def test_a_beginning_of_an_id_is_enough_as_long_as_it_is_the_only_one(
    transactional_db: None, manage: Manage
) -> None:
    request = StartRequest(strategy_yaml=trainings.STRATEGY, epochs=1)
    first, second = start_seeds(request, seeds=2)
    for operation in (first, second):
        run_training(operation.pk, 1)
    assert manage("predict", first.pk[:-1]).code == 0
    outcome = manage("predict", "op_")
    assert outcome.code == 2
    assert "fits several operations" in outcome.err
    for unknown in ("nothing", "987654321", "9" * 40):
        assert manage("predict", unknown).code == 4

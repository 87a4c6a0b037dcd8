"""What `model.type: tsk` accepts, and every fault of a rule at its place."""

import copy
from typing import Any

import pytest

from tests.training.strategy.documents import VALID, faults_in, text_of
from training.features.rules import written_rules
from training.strategy import Strategy, load_strategy

RULES = "model.architecture.rules"


def document(**architecture: Any) -> dict[str, Any]:
    data = copy.deepcopy(VALID)
    data["model"] = {"type": "tsk", "architecture": architecture}
    del data["nn_inputs"][2]  # the raw one
    return data


def faults_of(data: dict[str, Any]) -> dict[str, str]:
    return {fault.path: fault.message for fault in faults_in(text_of(data))}


def loaded(data: dict[str, Any]) -> Strategy:
    return load_strategy(text_of(data), source="test").strategy


def test_every_default_is_filled_in() -> None:
    data = document()
    del data["model"]["architecture"]
    assert loaded(data).snapshot()["model"]["architecture"] == {
        "rules": 12,
        "premises": 3,
        "consequent": "constant",
        "otherwise": None,
    }


def test_a_rule_is_the_same_however_it_is_written() -> None:
    ways: list[Any] = [
        {"1d_momentum": "low", "trend": "weak"},
        [{"1d_momentum": ["low"]}, {"trend": "weak"}],
        [{"1d_momentum": ["low"], "trend": ["weak"]}],
    ]
    first, *others = (loaded(document(rules=[{"if": given}])) for given in ways)
    assert all(other.digest() == first.digest() for other in others)
    assert written_rules(first) == ((("1d_momentum", ("low",)), ("1d_trend", ("weak",))),)
    assert Strategy.from_snapshot(first.snapshot()) == first


def test_a_rule_may_name_an_input_twice_or_nothing() -> None:
    given = [{"if": [{"1w_momentum": "low"}, {"1w_momentum": ["low", "high"]}]}, {"if": {}}]
    assert written_rules(loaded(document(rules=given))) == (
        (("1w_momentum", ("low",)), ("1w_momentum", ("low", "high"))),
        (),
    )


@pytest.mark.parametrize(
    ("architecture", "place", "message"),
    [
        ({"rules": 0}, RULES, "must be at least 1, not 0"),
        ({"rules": 201}, RULES, "must be at most 200, not 201"),
        ({"rules": "many"}, RULES, "expected a whole number, not 'many'"),
        ({"rules": []}, RULES, "needs at least 1"),
        ({"premises": 7}, "model.architecture.premises", "must be at most 6, not 7"),
        ({"consequent": "fixed"}, "model.architecture.consequent", "'fixed' is not accepted"),
        (
            {"rules": [{"if": {"trends": "weak"}}]},
            f"{RULES}[0].if.trends",
            "no input is the fuzzy set trends; did you mean trend?",
        ),
        (
            {"rules": [{"if": {}}, {"if": [{"trend": "weak"}, {"1d_momentum": ["low", "hihg"]}]}]},
            f"{RULES}[1].if[1].1d_momentum",
            "1d_momentum has no membership hihg; did you mean high?",
        ),
        (
            {"rules": [{"if": {"momentum": "low"}}]},
            f"{RULES}[0].if.momentum",
            "momentum is seen at several timeframes: write one of 1d_momentum, 1w_momentum",
        ),
        (
            {"rules": [{"if": [{"trend": "weak"}, {"1d_trend": "weak"}]}]},
            f"{RULES}[0].if[1].1d_trend",
            "the same twice in a rule, where once is enough",
        ),
        (
            {"rules": [{"if": {"1d_momentum": ["low", "low"]}}]},
            f"{RULES}[0].if.1d_momentum",
            "low is listed more than once",
        ),
        (
            {"premises": 1, "rules": [{"if": {"1d_momentum": "low", "trend": "weak"}}]},
            f"{RULES}[0].if",
            "has 2 premises, and model.architecture.premises allows 1",
        ),
        ({"rules": [{"then": [1, 2, 3]}]}, f"{RULES}[0].if", "is required"),
        ({"rules": [{"if": {}, "than": [1]}]}, f"{RULES}[0].than", "unknown key; did you mean"),
        (
            {"rules": [{"if": {}, "then": [1, 2]}]},
            f"{RULES}[0].then",
            "needs 3 values: of buy, hold and sell, not 2",
        ),
        (
            {"otherwise": [1, [2, 3], 3]},
            "model.architecture.otherwise",
            "needs plain numbers with constant",
        ),
        (
            {"consequent": "linear", "rules": [{"if": {}, "then": [1, [2, 3], 3]}]},
            f"{RULES}[0].then",
            "needs lists of 6 numbers with linear: the constant, and one for each of 5 columns",
        ),
    ],
)
def test_a_fault_stands_at_its_place(
    architecture: dict[str, Any], place: str, message: str
) -> None:
    found = faults_of(document(**architecture))
    assert found.keys() == {place}
    assert found[place].startswith(message)


def test_faults_of_several_rules_are_in_one_answer() -> None:
    rules = [{"if": {"trends": "weak"}}, {"then": [1, 2, 3]}, {"if": {"trend": "weka"}}]
    found = faults_of(document(rules=rules))
    assert found.keys() == {f"{RULES}[0].if.trends", f"{RULES}[1].if", f"{RULES}[2].if.trend"}


def test_what_rules_cannot_see_is_refused() -> None:
    data = document()
    data["nn_inputs"] = VALID["nn_inputs"]
    assert "see fuzzy sets only" in faults_of(data)["nn_inputs[2]"]
    data["model"]["architecture"]["consequent"] = "linear"
    loaded(data)
    data["nn_inputs"] = [*VALID["nn_inputs"][:2], {"raw_indicator": "rsi_14"}]
    assert "zscore or minmax" in faults_of(data)["nn_inputs[2].normalization"]
    data["nn_inputs"] = VALID["nn_inputs"][2:]
    assert faults_of(data) == {"nn_inputs": "rules need a fuzzy set among these, and none is"}


def test_what_no_rule_names_is_told() -> None:
    text = text_of(document(rules=[{"if": {"1w_momentum": "low"}}]))
    told = [str(warning) for warning in load_strategy(text, source="test").warnings]
    assert any("no rule names 1d_momentum, 1d_trend" in warning for warning in told)

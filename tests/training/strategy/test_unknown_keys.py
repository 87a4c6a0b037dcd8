"""Nothing unknown passes silently, wherever it stands."""

from typing import Any

import pytest
import yaml

from tests.training.strategy.documents import VALID, Place, faults_in, faults_of, mappings, text_of
from training.strategy import list_strategies


def with_key(data: dict[str, Any], place: Place, key: str, value: Any) -> str:
    copy = yaml.safe_load(text_of(data))
    node = copy
    for part in place:
        node = node[part]
    node[key] = value
    return text_of(copy)


def test_the_strategy_they_are_tried_on_is_valid() -> None:
    assert faults_of({}) == ()


@pytest.mark.parametrize("place", list(mappings(VALID)), ids=str)
def test_an_unknown_key_is_refused_with_its_path(place: Place) -> None:
    faults = faults_in(with_key(VALID, place, "surprise", 1))
    assert (*place, "surprise") in {fault.location for fault in faults}


@pytest.mark.parametrize("strategy", list_strategies(), ids=lambda strategy: strategy.name)
def test_in_every_shipped_strategy_too(strategy: Any) -> None:
    data = yaml.safe_load(strategy.text.replace("5e-4", "0.0005"))
    for place in mappings(data):
        faults = faults_in(with_key(data, place, "surprise", 1))
        assert (*place, "surprise") in {fault.location for fault in faults}, place


@pytest.mark.parametrize(
    ("place", "misspelt", "meant"),
    [
        ((), "indicator", "indicators"),
        (("indicators", "rsi_14"), "perod", "period"),
        (("indicators", "macd_std"), "fast_perid", "fast_period"),
        (("nn_inputs", 2), "normalisation", "normalization"),
        (("model", "architecture"), "hidden_layer", "hidden_layers"),
        (("training",), "learning-rate", "learning_rate"),
        (("training", "labels"), "max_hold_period", "max_holding_period"),
        (("training", "lr_scheduler"), "stepsize", "step_size"),
        (("training", "data_split"), "validate", "validation"),
        (("decisions", "cost_model"), "roundtrip_cost", "round_trip_cost"),
    ],
)
def test_the_key_that_was_probably_meant_is_named(place: Place, misspelt: str, meant: str) -> None:
    faults = faults_of({(*place, misspelt): 1})
    fault = next(fault for fault in faults if fault.location == (*place, misspelt))
    assert f"did you mean {meant}?" in fault.message


def test_a_key_of_another_type_of_indicator_is_unknown() -> None:
    (fault,) = faults_of({("indicators", "rsi_14", "fast_period"): 3})
    assert fault.path == "indicators.rsi_14.fast_period"


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("indicators", "rsi_14", "type"), "rssi", "did you mean rsi?"),
        (("training", "optimizer"), "adamw2", "did you mean adamw?"),
        (("training", "labels", "source"), "triple-barrier", "did you mean triple_barrier?"),
        (("model", "type"), "transformer", "known here: mlp, lstm, gru"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(place: Place, value: str, words: str) -> None:
    assert any(words in fault.message for fault in faults_of({place: value}))


def test_an_entry_of_nn_inputs_is_a_fuzzy_set_or_a_raw_indicator() -> None:
    (fault,) = faults_of({("nn_inputs", 0, "raw_indicator"): "rsi_14"})[:1]
    assert fault.path.startswith("nn_inputs[0]")
    paths = [fault.path for fault in faults_of({("nn_inputs", 0): {"timeframes": "all"}})]
    assert paths == ["nn_inputs[0].fuzzy_set"]

"""Nothing unknown passes silently, wherever it stands."""

from typing import Any, get_args

import pytest
import yaml

from tests.training.strategy.documents import VALID, Place, faults_in, faults_of, mappings, text_of
from training.strategy import list_strategies, synonyms
from training.strategy.indicators import Indicator

INDICATORS_OF_UNION = get_args(get_args(Indicator)[0])


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
        (("indicators", "macd_std"), "fast", "fast_period"),
        (("indicators", "rsi_14"), "length", "period"),
        (("training",), "loss_function", "loss"),
        (("training",), "lr", "learning_rate"),
        (("training", "labels"), "profit_target_atr", "pt_multiplier"),
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
        (("indicators", "rsi_14", "type"), "RSI", "did you mean rsi?"),
        (("indicators", "rsi_14", "type"), "bbands", "did you mean bollinger?"),
        (("indicators", "rsi_14", "type"), "BollingerBands", "did you mean bollinger?"),
        (("indicators", "rsi_14", "type"), "bollingerbandwidth", "mean bollinger_width?"),
        (("indicators", "rsi_14", "type"), "squeezeintensity", "did you mean squeeze?"),
        (("indicators", "rsi_14", "type"), "WilliamsRIndicator", "did you mean williams_r?"),
        (("indicators", "rsi_14", "type"), "Moving Average", "did you mean sma?"),
        (("training", "lr_scheduler", "type"), "reduce_on_plateau", "did you mean plateau?"),
        (("training_data", "timeframes", "base_timeframe"), "1D", "did you mean 1d?"),
        (("training_data", "timeframes", "base_timeframe"), "daily", "did you mean 1d?"),
        (("nn_inputs", 2, "raw_indicator"), "macd_std.hist", "did you mean histogram?"),
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


def test_every_other_name_of_an_indicator_leads_to_one_that_there_is() -> None:
    known = {get_args(kind.model_fields["type"].annotation)[0] for kind in INDICATORS_OF_UNION}
    assert set(synonyms.INDICATORS.values()) <= known
    assert not synonyms.INDICATORS.keys() & {synonyms.plain(name) for name in known}
    assert all(synonyms.plain(name) == name for name in synonyms.INDICATORS)

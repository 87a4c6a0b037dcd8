"""One answer names every fault, each with its line."""

import pytest

from tests.training.strategy.documents import faults_in
from training.strategy import StrategyInvalid, load_strategy

BROKEN = """\
name: broken
version: "3.0"
name: again
training_data:
  symbols: {mode: single}
  timeframes: {mode: multi_timeframe, list: [1d, 1w], base_timeframe: 4h}
indicators:
  rsi_14: {type: rsi, perod: 14}
  macd_std:
    type: macd
    fast_period: 30
  adx_14: {type: adx, period: 14}
  wrong: {type: rsii}
fuzzy_sets:
  momentum:
    indicator: rsi14
    low: [0, 45, 30]
nn_inputs:
  - {fuzzy_set: momentun}
  - {raw_indicator: adx_14, normalization: z-score}
model: {type: mlp, architecture: {dropout: 2}}
scope: universal
training:
  epochs: 0
  sampling: weighted
  focal_gamma: 3
  loss: mse
  labels: {source: triple_barrier}
"""

EXPECTED = {
    (3, "name"): "is given twice; the first is on line 1",
    (5, "training_data.symbols.symbol"): "is required",
    (6, "training_data.timeframes"): "base_timeframe 4h is not in the list 1d, 1w",
    (8, "indicators.rsi_14.perod"): "unknown key; did you mean period?",
    (9, "indicators.macd_std"): "fast_period must be below slow_period, but 30 is not below 26",
    (13, "indicators.wrong"): "unknown type 'rsii'; did you mean rsi?",
    (16, "fuzzy_sets.momentum.indicator"): "there is no indicator rsi14; did you mean rsi_14?",
    (17, "fuzzy_sets.momentum.low"): "parameters must not fall, but are [0, 45, 30]",
    (19, "nn_inputs[0].fuzzy_set"): "there is no fuzzy set momentun; did you mean momentum?",
    (20, "nn_inputs[1].normalization"): "'z-score' is not accepted; did you mean zscore?",
    (20, "nn_inputs[1].raw_indicator"): (
        "adx_14 has several outputs: write one of adx_14.adx, adx_14.plus_di, adx_14.minus_di"
    ),
    (21, "model.architecture.dropout"): "must be at most 0.9, not 2",
    (24, "training.epochs"): "must be at least 1, not 0",
    (25, "training.sampling"): (
        "weighted needs the uniqueness of triple_barrier labels with compute_weights true"
    ),
    (26, "training.focal_gamma"): "has no effect with loss mse: remove it",
    (27, "training.loss"): (
        "mse does not fit triple_barrier labels, which are for classification: "
        "use cross_entropy or focal"
    ),
}


def test_every_fault_of_a_document_is_in_one_answer() -> None:
    faults = {(fault.line, fault.path): fault.message for fault in faults_in(BROKEN)}
    assert {key: faults.get(key) for key in EXPECTED} == EXPECTED
    assert faults.keys() - EXPECTED.keys() == {(22, "scope")}


def test_faults_come_in_the_order_of_their_lines() -> None:
    lines = [fault.line or 0 for fault in faults_in(BROKEN)]
    assert lines == sorted(lines)


def test_an_invalid_value_is_not_blamed_for_what_depends_on_it() -> None:
    text = BROKEN.replace("triple_barrier}", "triple_barrier, compute_weights: maybe}")
    paths = [fault.path for fault in faults_in(text)]
    assert "training.labels.compute_weights" in paths
    assert "training.sampling" not in paths


def test_the_error_carries_pointers_for_programs() -> None:
    with pytest.raises(StrategyInvalid, match=r"broken\.yaml") as caught:
        load_strategy(BROKEN, source="broken.yaml")
    error = caught.value
    assert (error.code, error.status) == ("strategy_invalid", 400)
    assert len(error.errors) == len(error.faults)
    assert "#/nn_inputs/0/fuzzy_set" in [item["pointer"] for item in error.errors]

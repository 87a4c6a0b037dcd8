"""What one key says has to fit what another says."""

from typing import Any

import pytest

from tests.training.strategy.documents import REMOVED, Place, faults_of, warnings_of

SYMBOLS = ("training_data", "symbols")
TIMEFRAMES = ("training_data", "timeframes")
LABELS = ("training", "labels")
REGRESSION: dict[Place, Any] = {
    LABELS: {"source": "forward_return"},
    ("decisions", "output_format"): "regression",
}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({SYMBOLS: {"mode": "single"}}, "training_data.symbols.symbol", "is required"),
        ({SYMBOLS: {"mode": "multi_symbol"}}, "training_data.symbols.list", "is required"),
        ({(*SYMBOLS, "list"): []}, "training_data.symbols.list", "at least 1"),
        ({(*SYMBOLS, "list"): ["A", "A"]}, "training_data.symbols.list", "more than once"),
        ({(*SYMBOLS, "list"): ["../etc"]}, "training_data.symbols.list[0]", "not accepted"),
        ({SYMBOLS: {"symbol": "A"}}, "training_data.symbols", "mode is required"),
        ({TIMEFRAMES: {"mode": "single"}}, "training_data.timeframes.timeframe", "required"),
        ({(*TIMEFRAMES, "list"): REMOVED}, "training_data.timeframes.list", "is required"),
        ({(*TIMEFRAMES, "base_timeframe"): "4h"}, "training_data.timeframes", "not in the list"),
        ({(*TIMEFRAMES, "list"): ["1d", "3d"]}, "training_data.timeframes.list[1]", "accepted"),
        (
            {("training_data", "start_date"): "2010-01-01", ("training_data", "end_date"): "2009"},
            "training_data.end_date",
            "neither a date",
        ),
        (
            {
                ("training_data", "start_date"): "2010-01-02",
                ("training_data", "end_date"): "2010-01-01",
            },
            "training_data",
            "is after end_date",
        ),
        ({("indicators", "macd_std", "fast_period"): 26}, "indicators.macd_std", "below slow"),
        ({("indicators", "rsi_14", "period"): 1}, "indicators.rsi_14.period", "at least 2"),
        ({("indicators", "rsi_14", "period"): 501}, "indicators.rsi_14.period", "at most 500"),
        ({("indicators", "rsi_14", "period"): True}, "indicators.rsi_14.period", "not true"),
        ({("indicators", "rsi_14", "period"): "14"}, "indicators.rsi_14.period", "not '14'"),
        ({("indicators", "rsi_14", "source"): "macd_std"}, "indicators.rsi_14.source", "accept"),
        ({("indicators", "a.b"): {"type": "rsi"}}, "indicators.a.b", "a letter, then"),
        (
            {("fuzzy_sets", "momentum", "indicator"): "rsi_41"},
            "fuzzy_sets.momentum.indicator",
            "did you mean rsi_14?",
        ),
        (
            {("fuzzy_sets", "momentum", "indicator"): "rsi_14.line"},
            "fuzzy_sets.momentum.indicator",
            "write rsi_14",
        ),
        (
            {("fuzzy_sets", "trend", "indicator"): "adx_14"},
            "fuzzy_sets.trend.indicator",
            "adx_14.adx, adx_14.plus_di, adx_14.minus_di",
        ),
        (
            {("nn_inputs", 2, "raw_indicator"): "macd_std.histgram"},
            "nn_inputs[2].raw_indicator",
            "did you mean histogram?",
        ),
        ({("nn_inputs", 0, "fuzzy_set"): "momentun"}, "nn_inputs[0].fuzzy_set", "momentum?"),
        ({("nn_inputs", 1, "timeframes"): ["4h"]}, "nn_inputs[1].timeframes", "not a timeframe"),
        ({("nn_inputs", 1, "timeframes"): []}, "nn_inputs[1].timeframes", "at least 1"),
        ({("nn_inputs",): []}, "nn_inputs", "at least 1"),
        ({("nn_inputs", 1, "fuzzy_set"): "momentum"}, "nn_inputs", "1d_momentum_low"),
        ({("fuzzy_sets", "momentum", "low"): [45, 30, 0]}, "fuzzy_sets.momentum.low", "fall"),
        ({("fuzzy_sets", "momentum", "low"): [3, 3, 3]}, "fuzzy_sets.momentum.low", "below"),
        ({("fuzzy_sets", "momentum", "low"): [0, 1]}, "fuzzy_sets.momentum.low", "too few"),
        (
            {("fuzzy_sets", "momentum", "high", "parameters"): [70, 0]},
            "fuzzy_sets.momentum.high",
            "sigma must be above 0",
        ),
        ({("fuzzy_sets", "trend", "weak"): REMOVED}, "fuzzy_sets.trend", "at least one"),
        ({("fuzzy_sets", "trend", "a b"): [0, 1, 2]}, "fuzzy_sets.trend", "no name"),
        ({("training", "loss"): "mse"}, "training.loss", "use cross_entropy or focal"),
        ({**REGRESSION, ("training", "loss"): "focal"}, "training.loss", "use huber or mse"),
        ({LABELS: {"source": "forward_return"}}, "decisions.output_format", "does not fit"),
        ({("training", "sampling"): "weighted"}, "training.sampling", "compute_weights"),
        (
            {("training", "sampling"): "weighted", (*LABELS, "source"): "zigzag"},
            "training.sampling",
            "compute_weights",
        ),
        (
            {**REGRESSION, ("training", "early_stopping", "monitor"): "val_accuracy"},
            "training.early_stopping.monitor",
            "use val_loss",
        ),
        ({("training", "data_split", "purge"): 9}, "training.data_split.purge", "of 10 bars"),
        ({("training", "data_split", "test"): 0.2}, "training.data_split", "add up to 1"),
        ({("training", "data_split", "test"): 0.0}, "training.data_split.test", "above 0"),
        (
            {("training", "data_split"): {"validation_start": "2010-01-01"}},
            "training.data_split.test_start",
            "is required",
        ),
        (
            {
                ("training_data", "start_date"): "2012-01-01",
                ("training", "data_split"): {
                    "validation_start": "2011-01-01",
                    "test_start": "2013-01-01",
                },
            },
            "training.data_split.validation_start",
            "nothing is left to train on",
        ),
    ],
)
def test_a_contradiction_is_refused(changes: dict[Place, Any], path: str, words: str) -> None:
    faults = faults_of(changes)
    assert path in [fault.path for fault in faults], faults
    assert any(fault.path == path and words in fault.message for fault in faults), faults


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({("training", "focal_gamma"): 2.0}, "training.focal_gamma"),
        ({("training", "huber_delta"): 0.01}, "training.huber_delta"),
        ({("training", "class_weight_cap"): 5}, "training.class_weight_cap"),
        (
            {("decisions", "cost_model", "min_edge_multiplier"): 1.5},
            "decisions.cost_model.min_edge_multiplier",
        ),
        (
            {**REGRESSION, ("decisions", "confidence_threshold"): 0.5},
            "decisions.confidence_threshold",
        ),
        ({**REGRESSION, ("training", "class_weights"): "inverse"}, "training.class_weights"),
        (
            {**REGRESSION, ("decisions", "allow_short_from_flat"): True},
            "decisions.allow_short_from_flat",
        ),
        (
            {
                ("decisions", "allow_short"): False,
                ("decisions", "allow_short_from_flat"): False,
            },
            "decisions.allow_short_from_flat",
        ),
    ],
)
def test_a_key_without_effect_is_refused(changes: dict[Place, Any], path: str) -> None:
    (fault,) = faults_of(changes)
    assert fault.path == path
    assert "has no effect" in fault.message


@pytest.mark.parametrize(
    ("indicator", "reference"),
    [({"type": "zigzag"}, "late"), ({"type": "ichimoku"}, "late.chikou")],
)
def test_an_indicator_that_looks_ahead_is_no_input(
    indicator: dict[str, Any], reference: str
) -> None:
    for place in (("nn_inputs", 2, "raw_indicator"), ("fuzzy_sets", "momentum", "indicator")):
        faults = faults_of({("indicators", "late"): indicator, place: reference})
        assert ["looks ahead" in fault.message for fault in faults] == [True]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({(*LABELS, "pt_multiplier"): 3}, "stopped long"),
        ({("indicators", "unused"): {"type": "sma"}}, "indicators.unused: no input uses it"),
        ({("nn_inputs", 1): {"raw_indicator": "rsi_14"}}, "fuzzy_sets.trend: no input uses it"),
        ({("training", "epochs"): 5}, "cannot stop a training of 5 epochs early"),
        (
            {
                ("indicators", "volume"): {"type": "obv"},
                ("nn_inputs", 1): {"raw_indicator": "volume"},
            },
            "is cumulative",
        ),
    ],
)
def test_what_is_legal_but_doubtful_is_a_warning(changes: dict[Place, Any], words: str) -> None:
    assert any(words in warning for warning in warnings_of(changes)), warnings_of(changes)


def test_two_features_cannot_share_an_id() -> None:
    changes: dict[Place, Any] = {
        ("fuzzy_sets", "trend_a"): {"indicator": "rsi_14", "b": [0, 1, 2]},
        ("fuzzy_sets", "trend"): {"indicator": "rsi_14", "a_b": [0, 1, 2]},
        ("nn_inputs", 0, "fuzzy_set"): "trend_a",
    }
    (fault,) = faults_of(changes)
    assert "1d_trend_a_b" in fault.message

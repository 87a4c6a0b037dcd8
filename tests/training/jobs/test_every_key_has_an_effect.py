"""A key that is accepted changes what comes out.

Each case trains twice on the same random bars, and a completeness test holds that no key of the
grammar is without a case.
"""

import copy
import functools
import json
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from tests.training.features.datasets import FUZZY_SETS, INDICATORS, INPUTS, daily, serve
from training.features.assembly import build_dataset
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.model_trainer import ModelTrainer
from training.strategy import Strategy
from training.strategy.indicators import Indicator
from training.trained.bundle import make_bundle
from training.trainer.pinned import Pinned

BARS = {"AAA": daily(2500), "BBB": daily(2500, seed=2)}  # from 2005 to 2011
DAYS = {"mode": "single", "timeframe": "1d"}
WEEKS = {"mode": "multi_timeframe", "list": ["1d", "1w"], "base_timeframe": "1d"}
DATES = {"validation_start": "2009-01-01", "test_start": "2010-06-01"}
BASE: dict[str, Any] = {
    "name": "base",
    "version": "3.0",
    "training_data": {"symbols": {"mode": "single", "symbol": "AAA"}, "timeframes": DAYS},
    "indicators": INDICATORS,
    "fuzzy_sets": FUZZY_SETS,
    "nn_inputs": INPUTS,
    "model": {"type": "mlp", "architecture": {"hidden_layers": [6]}},
    "training": {
        "epochs": 3,
        "batch_size": 64,
        "learning_rate": 0.05,
        "labels": {"source": "triple_barrier"},
        "data_split": {"train": 0.6, "validation": 0.2, "test": 0.2},
    },
}

Changes = dict[str, Any]

LSTM = {"model": {"type": "lstm", "architecture": {"sequence_length": 4, "hidden_size": 4}}}
GRU = {"model": {"type": "gru", "architecture": {"sequence_length": 4, "hidden_size": 4}}}
TSK: dict[str, Any] = {
    "model": {"type": "tsk", "architecture": {"rules": 4}},
    "nn_inputs": INPUTS[:1],
}
RULES = {**TSK, "model": {"type": "tsk", "architecture": {"rules": [{"if": {"momentum": "low"}}]}}}
RETURNS = {"training.labels": {"source": "forward_return"}}
ZIGZAG = {"training.labels": {"source": "zigzag"}}
RARELY_HOLDS = {"training.class_weights": {"hold": 0.1}}
IMPATIENT = {"training.learning_rate": 0.3, "training.epochs": 12}
MEMBERSHIP = "fuzzy_sets.momentum.memberships.0"


def runs() -> Changes:
    """Training goes on after the test: an embargo is of what follows one."""
    train = [["2005-01-03", "2008-06-01"], ["2010-12-01", "2011-06-01"]]
    validation, test = [["2009-01-01", "2009-12-01"]], [["2010-01-01", "2010-12-01"]]
    return {"training.data_split": {"train": train, "validation": validation, "test": test}}


def schedule(type_: str, **settings: Any) -> Changes:
    return {"training.lr_scheduler": {"type": type_, **settings}}


def stopping(**settings: Any) -> Changes:
    return {**IMPATIENT, "training.early_stopping": {"patience": 1, **settings}}


CASES: dict[tuple[str, str], tuple[Changes, Changes]] = {
    ("SingleSymbol", "symbol"): ({}, {"training_data.symbols.symbol": "BBB"}),
    ("MultiSymbol", "list"): (
        {},
        {"training_data.symbols": {"mode": "multi_symbol", "list": ["AAA", "BBB"]}},
    ),
    ("SingleTimeframe", "timeframe"): ({}, {"training_data.timeframes.timeframe": "1w"}),
    ("MultiTimeframe", "list"): ({}, {"training_data.timeframes": WEEKS}),
    ("MultiTimeframe", "base_timeframe"): (
        {"training_data.timeframes": WEEKS},
        {"training_data.timeframes": {**WEEKS, "list": ["1w"], "base_timeframe": "1w"}},
    ),
    ("TrainingData", "start_date"): ({}, {"training_data.start_date": "2006-01-01"}),
    ("TrainingData", "end_date"): ({}, {"training_data.end_date": "2010-12-31"}),
    ("TrainingData", "history_required"): (
        {"training_data.start_date": "2006-01-01"},
        {"training_data.history_required": 0},
    ),
    ("TrainingData", "settle"): ({}, {"training_data.settle": "loose"}),
    ("FuzzySet", "learn"): ({}, {"fuzzy_sets.momentum.learn": True}),
    ("Learning", "rate"): (
        {"fuzzy_sets.momentum.learn": True},
        {"fuzzy_sets.momentum.learn": {"rate": 2.0}},
    ),
    ("Learning", "pull"): (
        {"fuzzy_sets.momentum.learn": {"rate": 2.0}},
        {"fuzzy_sets.momentum.learn": {"rate": 2.0, "pull": 5.0}},
    ),
    ("FuzzySet", "indicator"): ({}, {"fuzzy_sets.momentum.indicator": "macd.line"}),
    ("Triangular", "parameters"): ({}, {f"{MEMBERSHIP}.parameters": [0.0, 0.0, 50.0]}),
    ("Gaussian", "parameters"): (
        {},
        {"fuzzy_sets.momentum.memberships.1.parameters": [90.0, 40.0]},
    ),
    ("Trapezoidal", "parameters"): (
        {f"{MEMBERSHIP}.type": "trapezoidal", f"{MEMBERSHIP}.parameters": [0.0, 0.0, 30.0, 60.0]},
        {f"{MEMBERSHIP}.parameters": [0.0, 0.0, 40.0, 60.0]},
    ),
    ("FuzzyInput", "fuzzy_set"): (
        {"fuzzy_sets.other": {**FUZZY_SETS["momentum"], "indicator": "width"}},
        {"nn_inputs.0.fuzzy_set": "other"},
    ),
    ("FuzzyInput", "timeframes"): (
        {"training_data.timeframes": WEEKS},
        {"nn_inputs.0.timeframes": ["1d"]},
    ),
    ("RawInput", "raw_indicator"): ({}, {"nn_inputs.1.raw_indicator": "macd.line"}),
    ("RawInput", "timeframes"): (
        {"training_data.timeframes": WEEKS},
        {"nn_inputs.1.timeframes": ["1w"]},
    ),
    ("RawInput", "normalization"): ({}, {"nn_inputs.1.normalization": "none"}),
    ("MlpArchitecture", "hidden_layers"): ({}, {"model.architecture.hidden_layers": [5]}),
    ("MlpArchitecture", "activation"): ({}, {"model.architecture.activation": "tanh"}),
    ("MlpArchitecture", "dropout"): ({}, {"model.architecture.dropout": 0.3}),
    ("RecurrentArchitecture", "sequence_length"): (LSTM, {"model.architecture.sequence_length": 5}),
    ("RecurrentArchitecture", "hidden_size"): (LSTM, {"model.architecture.hidden_size": 5}),
    ("RecurrentArchitecture", "num_layers"): (GRU, {"model.architecture.num_layers": 2}),
    ("RecurrentArchitecture", "dropout"): (GRU, {"model.architecture.dropout": 0.3}),
    ("Mlp", "architecture"): ({}, {"model": GRU["model"]}),
    ("Lstm", "architecture"): (LSTM, {"model.architecture": {"sequence_length": 6}}),
    ("Gru", "architecture"): (GRU, {"model": LSTM["model"]}),
    ("Tsk", "architecture"): (TSK, {"model.architecture": {}}),
    ("TskArchitecture", "rules"): (TSK, {"model.architecture.rules": 3}),
    ("TskArchitecture", "premises"): (TSK, {"model.architecture.premises": 1}),
    ("TskArchitecture", "consequent"): (TSK, {"model.architecture.consequent": "linear"}),
    ("TskArchitecture", "otherwise"): (TSK, {"model.architecture.otherwise": [1, 0, -1]}),
    ("Rule", "if"): (RULES, {"model.architecture.rules.0.if": {"momentum": "high"}}),
    ("Rule", "then"): (RULES, {"model.architecture.rules.0.then": [1, 0, -1]}),
    ("TrainingSettings", "epochs"): ({}, {"training.epochs": 4}),
    ("TrainingSettings", "batch_size"): ({}, {"training.batch_size": 63}),
    ("TrainingSettings", "learning_rate"): ({}, {"training.learning_rate": 0.02}),
    ("TrainingSettings", "seed"): ({}, {"training.seed": 1}),
    ("TrainingSettings", "optimizer"): ({}, {"training.optimizer": "sgd"}),
    ("TrainingSettings", "weight_decay"): ({}, {"training.weight_decay": 0.1}),
    ("TrainingSettings", "gradient_clip"): ({}, {"training.gradient_clip": 0.01}),
    ("TrainingSettings", "loss"): ({}, {"training.loss": "focal"}),
    ("TrainingSettings", "focal_gamma"): (
        {"training.loss": "focal"},
        {"training.focal_gamma": 1.0},
    ),
    ("TrainingSettings", "huber_delta"): (RETURNS, {"training.huber_delta": 0.001}),
    ("TrainingSettings", "class_weights"): ({}, {"training.class_weights": "inverse"}),
    ("TrainingSettings", "class_weight_cap"): (
        {"training.class_weights": "inverse"},
        {"training.class_weight_cap": 1.1},
    ),
    ("TrainingSettings", "sampling"): ({}, {"training.sampling": "sequential"}),
    ("ClassWeights", "buy"): ({}, {"training.class_weights": {"buy": 2.0}}),
    ("ClassWeights", "hold"): ({}, {"training.class_weights": {"hold": 2.0}}),
    ("ClassWeights", "sell"): ({}, {"training.class_weights": {"sell": 2.0}}),
    ("EarlyStopping", "patience"): (stopping(), {"training.early_stopping.patience": 4}),
    ("EarlyStopping", "min_delta"): (
        stopping(patience=4),
        {"training.early_stopping.min_delta": 10.0},
    ),
    ("EarlyStopping", "monitor"): (
        stopping(patience=4),
        {"training.early_stopping.monitor": "val_accuracy"},
    ),
    ("EarlyStopping", "min_epochs"): (stopping(), {"training.early_stopping.min_epochs": 11}),
    ("FractionSplit", "train"): (
        {},
        {"training.data_split": {"train": 0.5, "validation": 0.2, "test": 0.3}},
    ),
    ("FractionSplit", "validation"): (
        {},
        {"training.data_split": {"train": 0.6, "validation": 0.1, "test": 0.3}},
    ),
    ("FractionSplit", "test"): (
        {},
        {"training.data_split": {"train": 0.6, "validation": 0.3, "test": 0.1}},
    ),
    ("FractionSplit", "purge"): ({}, {"training.data_split.purge": 40}),
    ("FractionSplit", "embargo"): ({}, {"training.data_split.embargo": 5}),
    ("DateSplit", "validation_start"): (
        {"training.data_split": DATES},
        {"training.data_split.validation_start": "2009-03-01"},
    ),
    ("DateSplit", "test_start"): (
        {"training.data_split": DATES},
        {"training.data_split.test_start": "2010-08-01"},
    ),
    ("DateSplit", "purge"): ({"training.data_split": DATES}, {"training.data_split.purge": 40}),
    ("DateSplit", "embargo"): ({"training.data_split": DATES}, {"training.data_split.embargo": 5}),
    ("RangeSplit", "train"): (
        runs(),
        {"training.data_split.train": [["2005-01-03", "2008-01-01"]]},
    ),
    ("RangeSplit", "validation"): (
        runs(),
        {"training.data_split.validation": [["2009-01-01", "2009-06-01"]]},
    ),
    ("RangeSplit", "test"): (runs(), {"training.data_split.test": [["2010-01-01", "2010-09-01"]]}),
    ("RangeSplit", "purge"): (runs(), {"training.data_split.purge": 40}),
    ("RangeSplit", "embargo"): (runs(), {"training.data_split.embargo": 5}),
    ("StepSchedule", "step_size"): (
        schedule("step", step_size=1),
        {"training.lr_scheduler.step_size": 2},
    ),
    ("StepSchedule", "gamma"): (
        schedule("step", step_size=1),
        {"training.lr_scheduler.gamma": 0.5},
    ),
    ("ExponentialSchedule", "gamma"): (
        schedule("exponential"),
        {"training.lr_scheduler.gamma": 0.5},
    ),
    ("PlateauSchedule", "factor"): (
        {**IMPATIENT, **schedule("plateau", patience=0)},
        {"training.lr_scheduler.factor": 0.1},
    ),
    ("PlateauSchedule", "patience"): (
        {**IMPATIENT, **schedule("plateau", patience=0)},
        {"training.lr_scheduler.patience": 3},
    ),
    ("PlateauSchedule", "min_lr"): (
        {**IMPATIENT, **schedule("plateau", patience=0)},
        {"training.lr_scheduler.min_lr": 0.2},
    ),
    ("CosineSchedule", "min_lr"): (schedule("cosine"), {"training.lr_scheduler.min_lr": 0.005}),
    ("OneCycleSchedule", "pct_start"): (
        schedule("one_cycle"),
        {"training.lr_scheduler.pct_start": 0.5},
    ),
    ("OneCycleSchedule", "div"): (schedule("one_cycle"), {"training.lr_scheduler.div": 5.0}),
    ("OneCycleSchedule", "final_div"): (
        schedule("one_cycle"),
        {"training.lr_scheduler.final_div": 10.0},
    ),
    ("TripleBarrier", "pt_multiplier"): ({}, {"training.labels.pt_multiplier": 1.5}),
    ("TripleBarrier", "sl_multiplier"): ({}, {"training.labels.sl_multiplier": 1.5}),
    ("TripleBarrier", "max_holding_period"): ({}, {"training.labels.max_holding_period": 5}),
    ("TripleBarrier", "vol_span"): ({}, {"training.labels.vol_span": 5}),
    ("TripleBarrier", "vol_method"): ({}, {"training.labels.vol_method": "close"}),
    ("TripleBarrier", "compute_weights"): ({}, {"training.labels.compute_weights": True}),
    ("TripleBarrier", "cusum_threshold"): ({}, {"training.labels.cusum_threshold": 0.01}),
    ("ZigzagLabels", "threshold"): (ZIGZAG, {"training.labels.threshold": 0.04}),
    ("ZigzagLabels", "lookahead"): (ZIGZAG, {"training.labels.lookahead": 10}),
    ("ForwardReturn", "horizon"): (RETURNS, {"training.labels.horizon": 5}),
    ("Decisions", "confidence_threshold"): (RARELY_HOLDS, {"decisions.confidence_threshold": 0.5}),
    ("Decisions", "allow_short"): (
        {"training.class_weights": {"hold": 0.1, "sell": 2.0}},
        {"decisions.allow_short": False},
    ),
    ("Decisions", "on_hold"): (
        {**RARELY_HOLDS, "decisions.confidence_threshold": 0.45},
        {"decisions.on_hold": "keep"},
    ),
    ("Decisions", "allow_short_from_flat"): (
        {"training.class_weights": {"hold": 0.1, "sell": 2.0}},
        {"decisions.allow_short_from_flat": False},
    ),
    ("CostModel", "round_trip_cost"): (
        RARELY_HOLDS,
        {"decisions.cost_model.round_trip_cost": 0.01},
    ),
    ("CostModel", "min_edge_multiplier"): (
        RETURNS,
        {"decisions.cost_model.min_edge_multiplier": 20.0},
    ),
}
"""(section, key) as the JSON schema names them: what to change of BASE before, and then."""

NAMES_OR_CHOICES = {"type", "mode", "source", "output_format"}
"""They say what a section is; which word they may be follows from it."""

SECTIONS_OF_SECTIONS = {"symbols", "timeframes", "labels", "data_split", "lr_scheduler"} | {
    *("early_stopping", "cost_model")
}

_INDICATOR: TypeAdapter[Any] = TypeAdapter(Indicator)
INDICATOR_SECTIONS = {
    section.__name__: section
    for section in get_args(get_args(Indicator)[0])
    if section.__name__ != "Zigzag"  # looks ahead, so that no input may read it
}
PARAMETERS = [
    (name, key)
    for name, section in INDICATOR_SECTIONS.items()
    for key in section.model_fields
    if key != "type"
]


def changed(data: dict[str, Any], changes: Changes) -> dict[str, Any]:
    result = copy.deepcopy(data)
    for place, value in changes.items():
        *path, last = place.split(".")
        node: Any = result
        for part in path:
            node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
        node[last] = copy.deepcopy(value)
    return result


@functools.cache
def outcome(text: str) -> str:
    """The weights of a training and its evaluation, as one comparable text."""
    strategy = Strategy.from_snapshot(json.loads(text))
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    dataset = build_dataset(strategy, load_bars=serve(BARS))
    result = ModelTrainer(strategy, pinned=pinned).train(dataset)
    bundle = make_bundle(strategy, dataset, result, pinned)
    return json.dumps([result.history, bundle.digest, bundle.manifest["evaluation"]])


@pytest.mark.parametrize("case", CASES, ids=".".join)
def test_another_value_gives_another_result(case: tuple[str, str]) -> None:
    before, then = CASES[case]
    base = changed(BASE, before)
    assert outcome(json.dumps(changed(base, then))) != outcome(json.dumps(base))


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_another_value_of_an_indicators_parameter_gives_other_values(name: str, key: str) -> None:
    section = INDICATOR_SECTIONS[name]
    default = section(type=get_args(section.model_fields["type"].annotation)[0])
    other = default.model_copy(update={key: another(section, key, getattr(default, key))})
    prices = Prices(BARS["AAA"])
    values, others = compute_indicator(default, prices), compute_indicator(other, prices)
    assert any(not np.array_equal(values[k], others[k], equal_nan=True) for k in values)


def another(section: Any, key: str, value: Any) -> Any:
    annotation = section.model_fields[key].annotation
    if get_origin(annotation) is Literal:
        return next(word for word in get_args(annotation) if word != value)
    return value + 1 if isinstance(value, int) else value * 0.5


def test_no_key_is_without_a_case() -> None:
    sections = Strategy.model_json_schema()["$defs"]
    keys = {
        (name, key)
        for name, section in sections.items()
        if name not in INDICATOR_SECTIONS and name != "Zigzag"
        for key in section["properties"]
        if key not in NAMES_OR_CHOICES | SECTIONS_OF_SECTIONS or name in ("FuzzyInput", "RawInput")
    }
    assert keys == CASES.keys()


def test_a_name_alone_changes_nothing() -> None:
    """Else the cases above would show nothing."""
    renamed = changed(BASE, {"name": "other", "description": "The same under another name."})
    assert outcome(json.dumps(renamed)) == outcome(json.dumps(BASE))

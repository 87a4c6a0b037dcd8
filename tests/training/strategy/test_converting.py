"""Files of the original KTRDR become files of this grammar, and every difference is told."""

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.strategy import ktrdr_shapes
from tests.training.strategy.documents import mappings, text_of
from tests.training.strategy.ktrdr_shapes import REFUSED, SHAPES, shaped
from training.strategy import Strategy, StrategyInvalid, list_strategies, load_strategy
from training.strategy.converting import Converted, convert
from training.strategy.converting.draft import Kind
from training.strategy.converting.writing import to_yaml
from training.strategy.document import read_document
from training.strategy.reference import DOCS

VALID = sorted(SHAPES.keys() - REFUSED.keys())


def converted(changes: dict[str, Any]) -> Converted:
    return convert(text_of(shaped(changes)), source="test")


def strategy_of(found: Converted) -> Strategy:
    return load_strategy(found.text, source="test").strategy


def told(found: Converted) -> str:
    return "\n".join(map(str, found.changes))


def faults_of(text: str) -> dict[str, str]:
    with pytest.raises(StrategyInvalid) as caught:
        convert(text, source="test")
    return {fault.path: fault.message for fault in caught.value.faults}


def test_of_the_24_shapes_21_become_valid() -> None:
    assert len(SHAPES) == 24
    assert len(VALID) == 21


@pytest.mark.parametrize("number", VALID)
def test_a_shape_becomes_valid(number: int) -> None:
    found = convert(ktrdr_shapes.text(number), source="test")
    strategy = strategy_of(found)
    assert strategy.name == "as_there"
    assert strategy.base_timeframe == "1h"
    assert strategy.decisions.on_hold == "keep"
    assert all(change.line is not None for change in found.changes)
    assert f"# {found.changes[0]}" in found.text


@pytest.mark.parametrize("number", REFUSED)
def test_a_shape_is_refused_by_name(number: int) -> None:
    faults = faults_of(ktrdr_shapes.text(number))
    assert REFUSED[number] in faults
    word = ktrdr_shapes.shaped(SHAPES[number])["training"]["labels"]["source"]
    assert number == 21 or f"labels {word} are not learned here" in faults[REFUSED[number]]


TOLD = {
    1: ["filters: {min_signal_separation: 6} removed: acted in KTRDR's backtest, does nothing"],
    2: ["position_awareness: true removed: acted in KTRDR's backtest, does nothing here"],
    3: ["KTRDR's backtest let 6 hours pass between two signals; here there is no such wait"],
    4: ["indicators settle for 204 bars", "write settle: loose, which takes 96"],
    9: ["training.lr_scheduler.type: reduce_on_plateau is plateau here"],
    10: ["lr_scheduler: true removed: KTRDR did not pass it on"],
    12: [
        "bands.type: bbands is bollinger here",
        "bands.deviation: sample written, KTRDR's default; the default here is population",
        "nn_inputs[1].raw_indicator: cross is cross.line here: the output that KTRDR took",
    ],
    13: [
        *(f"labels.{key}: " for key in ("profit_target_atr", "stop_loss_atr", "atr_period")),
        "pt_multiplier: 2.0 written",
        "sl_multiplier: 1.5 written, KTRDR's default; the default here is 2.0",
        "max_holding_period: 50 written, KTRDR's default; the default here is 10",
    ],
    15: [
        "indicators.speed.type: RSI is rsi here",
        "decisions.num_classes: 3 removed",
        "min_edge_multiplier: 2.0 removed: it has no effect with classification",
        "lr_scheduler: true removed",
    ],
    17: [
        "cross.fast: is fast_period here; KTRDR did not read fast and took 12",
        "cross.slow: is slow_period here; KTRDR did not read slow and took 26",
        "cross.signal: is signal_period here; KTRDR did not read signal and took 9",
    ],
    22: ["training_data.symbols: is written as mode: single, symbol: EURUSD"],
    23: ["tight.period: 16 is bb_period and kc_period here", "mode: single, timeframe: 1h"],
    24: [
        "labels: zigzag written, which KTRDR took",
        "threshold: 0.02 written, KTRDR's default; the default here is 0.025",
        "lookahead: 10 written, KTRDR's default; the default here is 20",
    ],
}


@pytest.mark.parametrize("number", TOLD)
def test_what_was_changed_is_told(number: int) -> None:
    words = told(convert(ktrdr_shapes.text(number), source="test"))
    for expected in TOLD[number]:
        assert expected in words


def test_every_default_that_differs_and_was_not_written_is_written_and_told() -> None:
    bare = {"decisions": {}, "training": {"labels": {"source": "zigzag"}}}
    found = converted(bare)
    snapshot = strategy_of(found).snapshot()
    decisions, labels = snapshot["decisions"], snapshot["training"]["labels"]
    assert decisions["confidence_threshold"] == 0.5
    assert decisions["cost_model"]["round_trip_cost"] == 0.003
    assert (labels["threshold"], labels["lookahead"]) == (0.02, 10)
    assert decisions["on_hold"] == "keep"
    assert decisions["allow_short_from_flat"] is False
    kinds = {change.path: change.kind for change in found.changes}
    for path in ("confidence_threshold", "cost_model.round_trip_cost", "on_hold"):
        assert kinds[f"decisions.{path}"] is Kind.WRITTEN
    assert "KTRDR's backtest let 4 hours pass" in told(found)


def test_what_was_written_stays() -> None:
    cost = {"decisions.cost_model": {"round_trip_cost": 0.0004}}
    found = converted({**cost, "decisions.allow_short_from_flat": True})
    decisions = strategy_of(found).decisions
    assert decisions.cost_model.round_trip_cost == 0.0004
    assert decisions.confidence_threshold == 0.6
    assert decisions.allow_short_from_flat


def test_without_position_awareness_sell_from_flat_is_short_as_it_was() -> None:
    found = converted({"decisions.position_awareness": False})
    assert strategy_of(found).decisions.may_short
    assert "sell from flat opened a short in KTRDR" in told(found)


@pytest.mark.parametrize("number", VALID)
def test_a_converted_file_converts_to_itself(number: int) -> None:
    first = convert(ktrdr_shapes.text(number), source="test")
    again = convert(first.text, source="test")
    assert {change.kind for change in again.changes} <= {Kind.DIFFERS}
    assert strategy_of(again) == strategy_of(first)


@pytest.mark.parametrize("file", list_strategies(), ids=lambda file: file.name)
def test_files_of_this_grammar_convert_too(file: Any) -> None:
    found = convert(file.text, source=file.name)
    assert strategy_of(found).feature_ids() == file.load().strategy.feature_ids()


def test_the_page_about_it_shows_what_the_command_prints() -> None:
    page = (DOCS / "FROM_KTRDR.md").read_text()
    theirs = page.partition("```yaml\n")[2].partition("```")[0]
    found = convert(theirs, source="page")
    assert told(found) in page
    assert all(f"`{name}`" in page or "1h_" in name for name in strategy_of(found).feature_ids())


def rsi(**content: Any) -> dict[str, Any]:
    return {"indicators": {"speed": content}}


VARIATIONS: list[tuple[dict[str, Any], str, Any]] = [
    (rsi(type="Rsi", period="12"), "indicators.speed", ("rsi", 12)),
    (rsi(type="RSIIndicator", period=12.0), "indicators.speed", ("rsi", 12)),
    (rsi(name="RSI", params={"period": 12}), "indicators.speed", ("rsi", 12)),
    (rsi(type="rsi", length=12, feature_id="x"), "indicators.speed", ("rsi", 12)),
    (rsi(type="rsi", period=None), "indicators.speed", ("rsi", 14)),
    (rsi(type="WilliamsR", period=12), "indicators.speed", ("williams_r", 12)),
    (rsi(type="bollingerbandwidth", period=12), "indicators.speed", ("bollinger_width", 12)),
    (rsi(type="SqueezeIntensity", period=12), "indicators.speed", ("squeeze", None)),
    (rsi(type="ADX", period=12, source="close"), "fuzzy_sets.pace", "speed.adx"),
    (rsi(type="BollingerBands", std_dev=1.5), "fuzzy_sets.pace", "speed.upper"),
    (rsi(type="KeltnerChannels", period=12), "fuzzy_sets.pace", "speed.upper"),
    ({"training_data.symbols": ["EURUSD"]}, "symbols", ("EURUSD",)),
    ({"training_data.symbols": "EURUSD"}, "symbols", ("EURUSD",)),
    ({"training_data.symbols": {"mode": "single", "symbol": ["EURUSD"]}}, "symbols", ("EURUSD",)),
    ({"training_data.symbols": {"mode": "multi_symbol", "symbol": "A"}}, "symbols", ("A",)),
    ({"training_data.symbols": {"mode": "Single", "list": ["A", "B"]}}, "symbols", ("A", "B")),
    ({"training_data.timeframes": {"mode": "single", "timeframe": "1H"}}, "timeframes", ("1h",)),
    ({"training_data.timeframes": ["60min"]}, "timeframes", ("1h",)),
    ({"training_data.timeframes": {"list": ["5M", "1H"]}}, "timeframes", ("5m", "1h")),
    ({"training_data.timeframes": {"list": ["1h", "5m"], "mode": None}}, "base", "1h"),
    ({"training_data.date_range": {"start": "2020-01-01", "end": None}}, "start", "2020-01-01"),
    ({"version": 3}, "version", "3.0"),
    ({"nn_inputs": None}, "inputs", 2),
    ({"nn_inputs": ["pace"]}, "inputs", 2),
    ({"nn_inputs": {"pace": {"timeframes": "all"}}}, "inputs", 2),
    ({"nn_inputs": ["pace", {"fuzzy_set": "pace", "timeframes": "ALL"}]}, "inputs", 2),
    ({"nn_inputs": [{"type": "fuzzy_set", "name": "pace"}]}, "inputs", 2),
    ({"training_data.timeframes": {"list": ["1h", "1H", "4h"]}}, "timeframes", ("1h", "4h")),
    ({"nn_inputs": [{"fuzzy_set": "PACE", "timeframes": "1H"}]}, "inputs", 2),
    ({"training.lr_scheduler": {"type": "ReduceLROnPlateau", "mode": "min"}}, "lr", "plateau"),
    ({"training.lr_scheduler": "cosine"}, "lr", "cosine"),
    ({"training.lr_scheduler": {"name": "StepLR", "step_size": "5"}}, "lr", "step"),
    ({"training.lr_scheduler": {"enabled": False, "type": "step"}}, "lr", "none"),
    ({"training.lr_scheduler": None}, "lr", "none"),
    ({"training.early_stopping": {"enabled": True, "patience": "7"}}, "patience", 7),
    ({"training.early_stopping": {"enabled": False, "patience": 7}}, "patience", None),
    ({"training.early_stopping": True}, "patience", 10),
    ({"training.optimizer": {"type": "AdamW", "weight_decay": 0.01}}, "optimizer", "adamw"),
    ({"training.optimizer": "Adam"}, "optimizer", "adam"),
    ({"training.loss": "CrossEntropy"}, "loss", "cross_entropy"),
    ({"training.loss": "mse"}, "loss", "cross_entropy"),
    ({"training.loss_function": "focal_loss"}, "loss", "focal"),
    ({"training.data_split": {"train": 70, "val": 15, "test": 15}}, "split", (0.7, 0.15, 0.15)),
    ({"training.data_split": {"train": 0.8, "validation": 0.2}}, "split", (0.8, 0.1, 0.1)),
    ({"training.learning_rate": "0.01", "training.epochs": "9"}, "epochs", 9),
    ({"training.labels": "zigzag"}, "labels", "zigzag"),
    ({"training.labels": [{"source": "zigzag"}]}, "labels", "zigzag"),
    ({"model": "MLP"}, "layers", (64, 32)),
    ({"training.labels": {"source": "Triple-Barrier"}}, "labels", "triple_barrier"),
    ({"decisions": None}, "threshold", 0.5),
    ({"decisions.confidence_threshold": 65}, "threshold", 0.65),
    ({"decisions.confidence_threshold": "0.7"}, "threshold", 0.7),
    ({"decisions.output_format": "Classification"}, "threshold", 0.6),
    ({"model.type": "MLP"}, "layers", (16, 8)),
    ({"model.architecture.hidden_layers": 8}, "layers", (8,)),
    ({"model.architecture.hidden_layers": "[16, 8]"}, "layers", (16, 8)),
    ({"model.architecture.activation": "ReLU", "model.architecture.dropout": None}, "layers", None),
    ({"hypothesis": "Something moves.", "scope": "universal", "tags": ["a"]}, "inputs", 2),
    ({"name": "Über / all"}, "name", "ber _ all"),
    ({"fuzzy_sets": {"pace": {"indicator": "SPEED", "low": [0, 1, 2, 3]}}}, "inputs", 1),
    ({"fuzzy_sets": {"pace": {"indicator": "speed.line", "low": ["0", 30, 50]}}}, "inputs", 1),
    (
        {"fuzzy_sets.pace.slow": {"type": "Gaussian", "parameters": {"center": 9, "sigma": 2}}},
        "inputs",
        2,
    ),
    ({"fuzzy_sets.pace.slow": {"type": "trimf", "a": 0, "b": 5, "c": 9}}, "inputs", 2),
]


def looked_at(strategy: Strategy, what: str) -> Any:
    training = strategy.training
    if what == "indicators.speed":
        return strategy.indicators["speed"].type, getattr(  # type: ignore[attr-defined]
            strategy.indicators["speed"], "period", None
        )
    split = training.data_split.model_dump()
    return {
        "fuzzy_sets.pace": lambda: strategy.fuzzy_sets["pace"].indicator,
        "symbols": lambda: strategy.symbols,
        "timeframes": lambda: strategy.timeframes,
        "base": lambda: strategy.base_timeframe,
        "start": lambda: strategy.training_data.start_date,
        "version": lambda: strategy.version,
        "inputs": lambda: len(strategy.feature_ids()),
        "lr": lambda: training.lr_scheduler.type,
        "patience": lambda: training.early_stopping and training.early_stopping.patience,
        "optimizer": lambda: training.optimizer,
        "loss": lambda: training.loss,
        "split": lambda: (split["train"], split["validation"], split["test"]),
        "epochs": lambda: training.epochs,
        "labels": lambda: training.labels.source,
        "threshold": lambda: strategy.decisions.confidence_threshold,
        "layers": lambda: getattr(strategy.model.architecture, "hidden_layers", None),
        "name": lambda: strategy.name,
    }[what]()


@pytest.mark.parametrize(
    ("changes", "what", "expected"), VARIATIONS, ids=[str(changes) for changes, _, _ in VARIATIONS]
)
def test_the_same_said_otherwise(changes: dict[str, Any], what: str, expected: Any) -> None:
    found = looked_at(strategy_of(converted(changes)), what)
    assert (expected is None and what == "layers") or found == expected


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"training.labels": {"source": "regime"}}, "training.labels.source", "labels regime"),
        ({"training.labels": "Context"}, "training.labels.source", "labels Context"),
        ({"training_data.context_data": []}, "training_data.context_data", "no inputs here"),
        (rsi(type="rsi", data_source="GBPUSD"), "indicators.speed.data_source", "other symbols"),
        ({"indicators": [{"name": "rsi"}]}, "indicators", "migrate"),
        (rsi(type="my_own"), "indicators.speed", "my_own"),
        ({"version": "2.0"}, "version", "2.0"),
        ({"decisions.<<": {"confidence_threshold": 0.7}}, "decisions.<<", "unknown key"),
        ({"nn_inputs": [{"fuzzy_set": "other"}]}, "nn_inputs[0].fuzzy_set", "no fuzzy set"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_its_line(
    changes: dict[str, Any], path: str, words: str
) -> None:
    assert words in faults_of(text_of(shaped(changes)))[path]


ENDLESS = "9" * 5000
"""So many digits Python reads as no number."""


@pytest.mark.parametrize(
    "changes",
    [
        {"fuzzy_sets.pace.slow": ["0", "25", ENDLESS]},
        rsi(type="rsi", period=ENDLESS),
        {"training.learning_rate": ENDLESS},
        {"training.epochs": f"{ENDLESS}.5"},
    ],
)
def test_a_quoted_number_of_thousands_of_digits_is_refused(changes: dict[str, Any]) -> None:
    assert faults_of(text_of(shaped(changes)))


def test_a_text_of_thousands_of_digits_stays_one() -> None:
    assert read_document(to_yaml({"description": ENDLESS}, ())).data == {"description": ENDLESS}


def test_text_that_is_no_strategy_is_refused() -> None:
    for text in ("", "- a\n", "a: [", "name: &x a\nversion: *x\n", "x" * 70_000):
        assert faults_of(text)


def test_text_that_would_read_as_something_else_is_quoted() -> None:
    for text in ("1e3", "0o7", "null", "2024-01-01", "a: b # c", "two\nlines", "", "~", "9" * 30):
        assert read_document(to_yaml({"description": text}, ())).data == {"description": text}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.text("ab1.: -", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), value=ANYTHING)
def test_any_value_anywhere_is_converted_or_refused(data: Any, value: Any) -> None:
    changed = copy.deepcopy(shaped(SHAPES[data.draw(st.sampled_from([1, 13, 15, 17]))]))
    place = data.draw(st.sampled_from([place for place in mappings(changed) if place]))
    node: Any = changed
    for part in place[:-1]:
        node = node[part]
    node[place[-1]] = value
    try:
        found = convert(yaml.safe_dump(changed), source="test")
    except StrategyInvalid as error:
        assert error.faults
    else:
        assert strategy_of(found)

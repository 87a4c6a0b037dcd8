"""Whatever the text, the answer is a strategy or a list of faults, and soon."""

import copy
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.strategy.documents import VALID, faults_in, mappings, text_of
from training.strategy import StrategyInvalid, load_strategy

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "must be one YAML mapping"),
        ("- a\n- b\n", 1, "must be one YAML mapping"),
        ("name: [1, 2\n", 2, "is not valid YAML"),
        ("name: a\n\tversion: b\n", 2, "is not valid YAML"),
        ("name: a\0b\n", 1, "U+0000"),
        ("name: a\nversion: \ud800\n", 2, "U+D800"),
        ("name: &a x\nversion: *a\n", 2, "aliases are not supported"),
        ("name: !!python/object/apply:os.system [ls]\n", 1, "python/object/apply:os.system"),
        ("name: !!binary aGk=\n", 1, "is not supported"),
        ("name: a\nname: b\n", 2, "given twice; the first is on line 1"),
        ("1: a\n", 1, "the key 1 is not text"),
        ("null: a\n", 1, "the key null is not text"),
        ("? [a]\n: b\n", 1, "a key is a list or mapping"),
        ("name: a\n---\nname: b\n", 2, "another document"),
        ("<<: {name: a}\n", 1, "unknown key"),
        (f"name: {'9' * 5000}\n", 1, "too many digits"),
        ("training:\n  learning_rate: .inf\n", 2, "expected a finite number, not inf"),
        ("training:\n  learning_rate: .nan\n", 2, "expected a finite number, not nan"),
    ],
)
def test_what_yaml_makes_ambiguous_or_dangerous_is_a_fault(
    text: str, line: int, words: str
) -> None:
    assert any(words in fault.message and fault.line == line for fault in faults_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "a: " + "{a: " * 30_000,
        "a:\n" + "".join("  " * depth + "a:\n" for depth in range(1, 400)),
        "a: " + "x" * 10_000_000,
        "".join(f"inidcatos{number}: 1\n" for number in range(480)) * 8,
        "nn_inputs: [" + "x," * 30_000 + "]\n",
        "indicators:\n"
        + "".join(f"  in{number:04}x: {{type: rsi}}\n" for number in range(490))
        + "fuzzy_sets:\n"
        + "".join(f"  f{number}: {{indicator: ni{number:04}y}}\n" for number in range(490)),
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\n",
    ],
    ids=["lists", "mappings", "blocks", "long", "keys", "items", "references", "aliases"],
)
def test_a_bomb_is_refused_within_seconds(text: str) -> None:
    start = time.process_time()  # of this process alone, however busy the machine
    assert faults_in(text)
    assert time.process_time() - start < 5  # seconds; each takes under one


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1e-3", 0.001), ("1E-3", 0.001), ("0.001", 0.001), (".5", 0.5), ("1", 1.0), ("010", 10.0)],
)
def test_numbers_are_what_they_look_like(written: str, meant: float) -> None:
    text = text_of(VALID).replace("training:\n", f"training:\n  learning_rate: {written}\n")
    assert load_strategy(text, source="test").strategy.training.learning_rate == meant


@pytest.mark.parametrize("symbol", ["NO", "ON", "Y", "off"])
def test_symbols_are_not_mistaken_for_truth_values(symbol: str) -> None:
    text = text_of(VALID).replace("SP500", symbol)
    assert load_strategy(text, source="test").strategy.symbols == (symbol, "NASDAQ")


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    with pytest.raises(StrategyInvalid):
        load_strategy(text, source="test")


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(list(mappings(VALID))), data=st.data())
def test_any_value_anywhere_is_answered(place: tuple[str | int, ...], data: Any) -> None:
    document = copy.deepcopy(VALID)
    node = document
    for part in place:
        node = node[part]
    key = data.draw(st.sampled_from([*node]) | st.text(max_size=5))
    node[key] = data.draw(JSON)
    for fault in faults_in(text_of(document)):
        assert fault.message

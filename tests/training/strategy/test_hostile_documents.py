"""Whatever the text, the answer is a strategy or a list of faults, and soon."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.asking.work import seconds_of
from tests.training.strategy.documents import (
    VALID,
    VALID_HEAD,
    faults_in,
    mappings,
    text_of,
    unknown_words,
)
from training.strategy import StrategyInvalid, load_strategy
from training.strategy.faults import MAX_FAULTS, MAX_SUGGESTIONS

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
        ("name: a\n1: a\n", 2, "the key 1 is not text"),
        ("name: a\nnull: a\n", 2, "the key null is not text"),
        ("name: a\n? [a]\n: b\n", 2, "a key is a list or mapping"),
        ("name: a\n---\nname: b\n", 2, "another document"),
        ("name: a\n<<: {version: a}\n", 2, "unknown key"),
        (f"name: {'9' * 5000}\n", 1, "too many digits"),
        (f"name: 0x{'F' * 5000}\n", 1, "too many digits"),
        (f"training:\n  epochs: 0o{'7' * 5000}\n", 2, "too many digits"),
        (f"name: a\n0x{'F' * 100}: 1\n", 2, "too many digits"),
        ('name: a\ndescription: "\\0"\n', 2, "U+0000, which cannot be stored"),
        ('name: a\n"\\0": a\n', 2, "U+0000, which cannot be stored"),
        ('name: "\\Uffffffff"\n', 1, "is not valid YAML"),
        ('name: "\\ud800"\n', 1, "is not valid YAML"),
        ("name: a\n\ufeffversion: b\n", 2, "U+FEFF"),
        (f"name: !{'x' * 5000} a\n", 1, "is not supported"),
        ("a: [\n" + ("[" + "1," * 400 + "],\n") * 20 + "]", 16, "more than 6,000 values"),
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
        "name: a\n" + "".join(f"inidcatos{number}: 1\n" for number in range(480)) * 8,
        "nn_inputs: [" + "x," * 30_000 + "]\n",
        "indicators:\n"
        + "".join(f"  in{number:04}x: {{type: rsi}}\n" for number in range(490))
        + "fuzzy_sets:\n"
        + "".join(f"  f{number}: {{indicator: ni{number:04}y}}\n" for number in range(490)),
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\n",
        unknown_words("0123456789abcdefghijklmnopqrstuvwxyzab", "a0b9c8d7e6f5g4h3i2j1k0l9m8n7o6p5"),
        unknown_words("ab" * 19, "ba" * 19),
        "fuzzy_sets:\n"
        + "".join(
            f"  f{number}: {{{', '.join(f'm{key}: [x, y, z]' for key in range(300))}}}\n"
            for number in range(3)
        ),
        "nn_inputs:\n" + "- {a: 1, b: 1, c: 1, d: 1, e: 1}\n" * 450,
        "nn_inputs:\n" + "- {fuzzy_set: f, timeframes: [1m, 5m, 15m, 30m, 1h, 2h, 4h, 1w]}\n" * 400,
    ],
)
def test_a_bomb_is_refused_at_once(text: str) -> None:
    def check() -> None:
        assert len(faults_in(text)) <= MAX_FAULTS + 1

    assert seconds_of(check) < 0.5  # each takes under a tenth of one


@pytest.mark.parametrize(
    "text",
    [
        "root:$y$j9T$secret:19700:0:99999:7:::\ndaemon:secret:19700:0:99999:7:::\n",
        "password: secret\nuser: secret\npassword: secret\n",
        '{"secret": "secret", "n": 3}\n',
        "1234: secret\nsecret:\n",
        "secret: !secret x\n? [secret]\n: 1\n",
        "!secret secret\n",
        "secret:*:secret\n",
        "-----BEGIN SECRET: x\nsecret\n",
    ],
)
def test_of_what_is_no_strategy_at_all_nothing_is_repeated(text: str) -> None:
    (fault,) = faults_in(text)
    assert "secret" not in str(fault).lower()
    assert "1234" not in str(fault)


def test_the_first_faults_have_a_suggestion_and_all_are_counted() -> None:
    sets = "".join(f"  set_{number}: {{indicator: rsi_14, a: [0, 1, 2]}}\n" for number in range(9))
    inputs = "".join(f"- {{fuzzy_set: zet_{number}}}\n" for number in range(300))
    faults = faults_in(f"{VALID_HEAD}fuzzy_sets:\n{sets}nn_inputs:\n{inputs}")
    assert sum("did you mean set_" in fault.message for fault in faults) == MAX_SUGGESTIONS
    assert all("there is no fuzzy set zet_" in fault.message for fault in faults[:MAX_FAULTS])
    assert faults[-1].message == "there are 200 more faults"


def test_faults_of_shape_that_were_not_worded_are_counted_too() -> None:
    faults = faults_in("name: a\n" + "".join(f"unknown{number}: 1\n" for number in range(400)))
    assert faults[-1].message.startswith("there are 3")
    assert len(faults) == MAX_FAULTS + 1


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

"""libyaml reads a strategy as PyYAML's own parser does, within limits that it does not have."""

import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml.nodes import Node, ScalarNode

from tests.training.strategy.documents import VALID, text_of
from training.strategy import composing, list_strategies
from training.strategy.composing import FORBIDDEN, compose

SCALARS = ("a", "b", "1", "~", "true", "''", '"\\n"', "é", "|", ">", "&a ", "*a", "!!str ")
MARKS = (": ", "- ", "[", "]", "{", "}", ", ", "\n", "\n  ", "\n    ", "# c\n", "? ", "---\n")
PIECES = st.sampled_from(SCALARS + MARKS)


def shape(node: Node | None) -> Any:
    """Everything that a strategy is read from."""
    if node is None:
        return None
    begin = node.start_mark
    here = (node.tag, begin.line, begin.column)
    if isinstance(node, ScalarNode):
        if not node.value:
            return ""  # what is not there stands nowhere
        return (*here, node.value, node.style is None)
    flat = (part for item in node.value for part in (item if isinstance(item, tuple) else (item,)))
    return (*here, [shape(part) for part in flat])


def read(text: str, parser: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composing, "EVENTS", parser)
        try:
            return shape(compose(text))
        except (yaml.YAMLError, ValueError, OverflowError):
            return "refused"


def test_libyaml_is_there() -> None:
    assert yaml.__with_libyaml__


@pytest.mark.parametrize("text", [text_of(VALID), *(file.text for file in list_strategies())])
def test_both_parsers_read_a_strategy_alike(text: str) -> None:
    assert read(text, yaml.CSafeLoader) == read(text, yaml.SafeLoader) != "refused"


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_libyaml_reads_pyyaml_reads_alike(text: str) -> None:
    """Each may refuse a text that the other takes."""
    if not FORBIDDEN.search(text) and (found := read(text, yaml.CSafeLoader)) != "refused":
        assert read(text, yaml.SafeLoader) in (found, "refused")


@pytest.mark.parametrize("parser", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("text", ["'[' * 60_000", "'{a: ' * 60_000", "'- ' * 60_000"])
def test_no_depth_is_followed_into_a_crash(text: str, parser: str) -> None:
    """In a process of its own: libyaml's composer would take this one along."""
    program = f"""
import yaml
from training.strategy import composing
composing.EVENTS = yaml.{parser}
try:
    composing.compose({text})
except yaml.MarkedYAMLError as error:
    print(error.problem)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "it is nested too deeply\n"), ended.stderr

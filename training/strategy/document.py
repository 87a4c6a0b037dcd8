"""
A strategy's text as plain data, every value with its line.

YAML is read as its 1.2 core schema: `on`, `no` and `010` are what they look like, `1e-3` is a
number and a date stays text. Everything that makes YAML dangerous or ambiguous is a fault: tags,
aliases, merge keys, keys given twice, keys that are not text, several documents.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from training.strategy.faults import Fault, Location

# Generous strategies have 5,000 characters; these limits keep the worst text below two seconds.
MAX_CHARACTERS = 65_536
MAX_ENTRIES = 500  # of one list or mapping
MAX_DEPTH = 20  # the grammar needs 5


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a text says, and where."""

    data: dict[str, Any]
    lines: Mapping[Location, int]
    """Line of each key and list item, from 1."""
    faults: tuple[Fault, ...]
    """What could not be read as plain data; None stands in its place."""

    def line_of(self, location: Location) -> int | None:
        """The line of a place, or of the nearest place around it that the text has."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location)


class DocumentInvalid(ValueError):
    """The text is not one plain YAML mapping."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.fault = Fault(location=(), message=message, line=line)


class _Loader(yaml.SafeLoader):
    """Composes nodes only: no alias is followed and no depth is unbounded."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # every scalar arrives as text
    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            raise self._refusal("aliases are not supported")
        if self.depth == MAX_DEPTH:
            raise self._refusal("it is nested too deeply")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _refusal(self, problem: str) -> yaml.MarkedYAMLError:
        return yaml.MarkedYAMLError(problem=problem, problem_mark=self.get_mark())


_DIGITS = re.compile(r"[-+]?[0-9]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_OCTAL = re.compile(r"0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)

# YAML 1.2.2 §10.3.2, core schema; the order matters: an integer is a float as well
_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (_DIGITS, int),
    (_HEXADECIMAL, lambda text: int(text, 16)),
    (_OCTAL, lambda text: int(text, 8)),
    (_FLOAT, lambda text: float(text) + 0.0),  # databases keep no minus zero
    (_INFINITE, lambda text: float(text.replace(".", "").lower())),
)

_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str"))


def read_document(text: str) -> Document:
    """
    Parse a strategy's text.

    Raises:
        DocumentInvalid: the text is too long, no YAML or no mapping.
    """
    if len(text) > MAX_CHARACTERS:
        raise DocumentInvalid(f"is longer than {MAX_CHARACTERS:,} characters", None)
    root = _compose(text)
    if not isinstance(root, MappingNode):
        raise DocumentInvalid("must be one YAML mapping, like `name: …`", 1)
    builder = _Builder()
    data = builder.build(root, ()) or {}
    return Document(data=data, lines=builder.lines, faults=tuple(builder.faults))


def read_value(text: str) -> Any:
    """
    Parse one value as it would be read in a strategy: `1e-4` is a number, a date stays text.

    Raises:
        DocumentInvalid: the text is too long, no YAML, or holds what a strategy may not.
    """
    if len(text) > MAX_CHARACTERS:
        raise DocumentInvalid(f"is longer than {MAX_CHARACTERS:,} characters", None)
    root = _compose(text)
    if root is None:
        return None
    builder = _Builder()
    value = builder.build(root, ())
    if builder.faults:
        raise DocumentInvalid(builder.faults[0].message, builder.faults[0].line)
    return value


def _compose(text: str) -> Node | None:
    try:
        loader = _Loader(text)
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise DocumentInvalid(f"is not valid YAML: {error.problem}", line) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"holds the character U+{error.character:04X}, which YAML forbids"
        raise DocumentInvalid(message, line) from error


class _Builder:
    """Nodes to plain data, collecting lines and faults on the way."""

    def __init__(self) -> None:
        self.lines: dict[Location, int] = {}
        self.faults: list[Fault] = []

    def build(self, node: Node, location: Location) -> Any:
        """The node's value; what cannot be one is None and a fault."""
        self.lines.setdefault(location, node.start_mark.line + 1)
        if node.tag not in _PLAIN_TAGS:
            return self._refuse(node, location, f"the tag {node.tag} is not supported")
        if isinstance(node.value, list) and len(node.value) > MAX_ENTRIES:
            return self._refuse(node, location, f"has more than {MAX_ENTRIES} entries")
        if isinstance(node, MappingNode):
            return self._mapping(node, location)
        if isinstance(node, SequenceNode):
            items = enumerate(node.value)
            return [self.build(item, (*location, position)) for position, item in items]
        assert isinstance(node, ScalarNode)
        return self._scalar(node, location)

    def _mapping(self, node: MappingNode, location: Location) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, location)
            if key is None:
                continue
            here = (*location, key)
            if key in data:
                first = self.lines[here]
                self._refuse(key_node, here, f"is given twice; the first is on line {first}")
                continue
            self.lines[here] = key_node.start_mark.line + 1
            data[key] = self.build(value_node, here)
        return data

    def _key(self, node: Node, location: Location) -> str | None:
        if not isinstance(node, ScalarNode):
            self._refuse(node, location, "a key is a list or mapping")
            return None
        value = self._scalar(node, location)
        if isinstance(value, str):
            return value
        self._refuse(node, location, f"the key {node.value} is not text: put it in quotes")
        return None

    def _scalar(self, node: ScalarNode, location: Location) -> Any:
        if node.style is not None:  # quoted, or a block of text
            return node.value
        try:
            return _plain_value(node.value)
        except ValueError:
            return self._refuse(node, location, "is a number with too many digits")

    def _refuse(self, node: Node, location: Location, message: str) -> None:
        line = node.start_mark.line + 1
        self.faults.append(Fault(location=location, message=message, line=line))


def _plain_value(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    for pattern, number in _NUMBERS:
        if pattern.fullmatch(text):
            return number(text)
    return text

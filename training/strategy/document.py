"""
A strategy's text as plain data, every value with its line.

Scalars are read as `scalars` says. Everything that makes YAML dangerous or ambiguous is a fault:
tags, aliases, merge keys, keys given twice, keys that are not text, several documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from operations.text import unstorable
from training.strategy.composing import FORBIDDEN, compose
from training.strategy.faults import Fault, Location
from training.strategy.limits import (
    MAX_CHARACTERS,
    MAX_ENTRIES,
    MAX_SHOWN,
    TOO_LONG,
    TOO_MANY_DIGITS,
    TOO_MANY_ENTRIES,
)
from training.strategy.scalars import plain_value

_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str"))


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


def read_document(text: str) -> Document:
    """
    Parse a strategy's text.

    Raises:
        DocumentInvalid: the text is too long, no YAML or no mapping.
    """
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
    root = _compose(text)
    if root is None:
        return None
    builder = _Builder()
    value = builder.build(root, ())
    if builder.faults:
        raise DocumentInvalid(builder.faults[0].message, builder.faults[0].line)
    return value


def _compose(text: str) -> Node | None:
    if len(text) > MAX_CHARACTERS:
        raise DocumentInvalid(TOO_LONG, None)
    if found := FORBIDDEN.search(text):
        message = f"holds the character U+{ord(found[0]):04X}, which YAML forbids"
        raise DocumentInvalid(message, text.count("\n", 0, found.start()) + 1)
    try:
        return compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise DocumentInvalid(f"is not valid YAML: {error.problem}", line) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # an escape that is no character
        raise DocumentInvalid(f"is not valid YAML: {error}", None) from error


class _Builder:
    """Nodes to plain data, collecting lines and faults on the way."""

    def __init__(self) -> None:
        self.lines: dict[Location, int] = {}
        self.faults: list[Fault] = []

    def build(self, node: Node, location: Location) -> Any:
        """The node's value; what cannot be one is None and a fault."""
        self.lines.setdefault(location, node.start_mark.line + 1)
        if node.tag not in _PLAIN_TAGS:
            return self._refuse(node, location, f"the tag {node.tag[:MAX_SHOWN]} is not supported")
        if isinstance(node.value, list) and len(node.value) > MAX_ENTRIES:
            return self._refuse(node, location, TOO_MANY_ENTRIES)
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
        num_faults = len(self.faults)
        value = self._scalar(node, location)
        if isinstance(value, str):
            return value
        if len(self.faults) == num_faults:
            shown = node.value[:MAX_SHOWN]
            self._refuse(node, location, f"the key {shown} is not text: put it in quotes")
        return None

    def _scalar(self, node: ScalarNode, location: Location) -> Any:
        if character := unstorable(node.value):
            message = f"holds the character {character}, which cannot be stored"
            return self._refuse(node, location, message)
        if node.style is not None:  # quoted, or a block of text
            return node.value
        try:
            return plain_value(node.value)
        except ValueError:
            return self._refuse(node, location, TOO_MANY_DIGITS)

    def _refuse(self, node: Node, location: Location, message: str) -> None:
        line = node.start_mark.line + 1
        self.faults.append(Fault(location=location, message=message, line=line))

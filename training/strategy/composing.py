"""YAML's events to nodes, with limits: libyaml's own composer follows any depth, into a crash."""

import re
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from training.strategy.limits import MAX_DEPTH, MAX_VALUES, TOO_DEEP, TOO_MANY_VALUES

# libyaml reads ten times as fast as PyYAML's own parser, which is there without it, too.
EVENTS: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

FORBIDDEN = re.compile(yaml.reader.Reader.NON_PRINTABLE.pattern + "|(?<!^)\ufeff")
"""YAML 1.2.2 §5.1; a byte order mark stands at the beginning alone."""

_TAG = "tag:yaml.org,2002:"


def compose(text: str) -> Node | None:
    """
    The root of the one document in a text; None for an empty text.

    No alias is followed, and no scalar is looked at: each arrives as text.

    Raises:
        yaml.MarkedYAMLError: it is no YAML, or holds what a strategy may not.
    """
    return _Composer(text).document()


class _Composer:
    def __init__(self, text: str) -> None:
        self._next = EVENTS(text).get_event
        self._num_nodes = 0

    def document(self) -> Node | None:
        self._next()  # the stream begins
        if isinstance(self._next(), StreamEndEvent):
            return None
        root = self._node(self._next(), depth=0)
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, StreamEndEvent):
            raise _refusal("but found another document", after)
        return root

    def _node(self, event: Event, depth: int) -> Node:
        self._check(event, depth)
        begin: Any = event.start_mark
        if isinstance(event, SequenceStartEvent):
            items = self._until(SequenceEndEvent, depth + 1)
            return SequenceNode(_tag(event, "seq"), items, begin, None)
        if isinstance(event, MappingStartEvent):
            both = self._until(MappingEndEvent, depth + 1)
            pairs = list(zip(both[::2], both[1::2], strict=True))
            return MappingNode(_tag(event, "map"), pairs, begin, None)
        assert isinstance(event, ScalarEvent)
        style = event.style or None  # libyaml says "" of a plain one
        return ScalarNode(_tag(event, "str"), event.value, begin, None, style)

    def _until(self, end: type[Event], depth: int) -> list[Node]:
        nodes = []
        while not isinstance(event := self._next(), end):
            nodes.append(self._node(event, depth))
        return nodes

    def _check(self, event: Event, depth: int) -> None:
        self._num_nodes += 1
        if isinstance(event, AliasEvent):
            raise _refusal("aliases are not supported", event)
        if depth == MAX_DEPTH:
            raise _refusal(TOO_DEEP, event)
        if self._num_nodes > MAX_VALUES:
            raise _refusal(f"it {TOO_MANY_VALUES}", event)


def _tag(event: Any, kind: str) -> str:
    return _TAG + kind if event.tag in (None, "!") else str(event.tag)


def _refusal(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)

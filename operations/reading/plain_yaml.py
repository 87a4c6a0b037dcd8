"""YAML that people read: numbers stand there as a person writes them."""

from typing import Any

import yaml

from operations.reading.words import WRITTEN_IN_FULL, in_full


class _Dumper(yaml.SafeDumper):
    pass


def _number(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    node = dumper.represent_float(value)
    if node.value.endswith(WRITTEN_IN_FULL):
        node.value = in_full(repr(value))
    return node


_Dumper.add_representer(float, _number)


def as_yaml(value: Any, **layout: Any) -> str:
    """In its own order; what reads it gets the same numbers."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, **layout)
    return text

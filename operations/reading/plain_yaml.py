"""YAML that people read: numbers stand there as a person writes them."""

from typing import Any

import yaml

from operations.reading.words import WRITTEN_IN_FULL, in_full

# A strategy by libyaml takes a tenth of what Python takes, which was a quarter of a page.
_Base = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper
_Dumper: Any = type("_Dumper", (_Base,), {})


def _number(dumper: Any, value: float) -> yaml.ScalarNode:
    node: yaml.ScalarNode = dumper.represent_float(value)
    if node.value.endswith(WRITTEN_IN_FULL):
        node.value = in_full(repr(value))
    return node


_Dumper.add_representer(float, _number)


def as_yaml(value: Any, **layout: Any) -> str:
    """In its own order; what reads it gets the same numbers."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, **layout)
    return text

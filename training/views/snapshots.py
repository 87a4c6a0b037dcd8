"""A strategy's snapshot as text that people read, and can start from again."""

from collections.abc import Mapping
from typing import Any

from operations.reading import plain_yaml


def as_yaml(snapshot: Mapping[str, Any]) -> str:
    """In the snapshot's order; nothing that stands for a default of none."""
    return plain_yaml.as_yaml(_without_none(snapshot), width=100, default_flow_style=None)


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value

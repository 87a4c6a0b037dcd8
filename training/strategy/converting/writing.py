"""A strategy's data as a YAML text that reads back to the same data."""

from collections.abc import Iterable
from typing import Any

import yaml

from training.strategy.converting.draft import Change
from training.strategy.scalars import plain_value

ORDER = (
    *("name", "version", "description", "training_data", "indicators", "fuzzy_sets"),
    *("nn_inputs", "model", "training", "decisions"),
)
WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """Lists of scalars on one line, and text in quotes where it would read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    try:
        is_plain = plain_value(text) == text and "\n" not in text
    except ValueError:
        is_plain = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_plain else '"')


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    is_short = not any(isinstance(item, dict | list) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_short)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def to_yaml(data: dict[str, Any], changes: Iterable[Change]) -> str:
    """The text, with what was changed as comments at its head."""
    known = {key: data[key] for key in ORDER if key in data}
    ordered = {**known, **{key: value for key, value in data.items() if key not in known}}
    head = [f"# {' '.join(str(change).split())}" for change in changes]
    body = yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    lines = ["# Converted from the original KTRDR by manage.py convert_strategy:", *head, ""]
    return "\n".join(lines if head else []) + body

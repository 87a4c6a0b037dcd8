"""Inputs in groups: all that are made of one indicator at one timeframe move together."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.features.plan import Feature


@dataclass(frozen=True, kw_only=True)
class Group:
    name: str
    """`1d_rsi_14`."""
    columns: tuple[int, ...]
    """Of the feature matrix: its memberships and raw inputs."""
    sources: tuple[str, ...]
    """What they are made of (`Feature.source`): one value, or several outputs of the indicator."""


def groups_of(features: Sequence[Feature]) -> tuple[Group, ...]:
    """In the order of the network's inputs."""
    found: dict[str, list[int]] = {}
    for column, feature in enumerate(features):
        found.setdefault(feature.group, []).append(column)
    return tuple(
        Group(
            name=name,
            columns=tuple(columns),
            sources=tuple(dict.fromkeys(features[column].source for column in columns)),
        )
        for name, columns in found.items()
    )

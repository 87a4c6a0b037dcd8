"""Why a model decides as it does at the close of one bar.

A network's output there is told as what it says where every indicator has the median of its
training rows, and by how much each indicator moves it: the output less the one with that indicator
alone at its median. What the indicators do only together is the remainder. All of them sum to the
output. It tells how the network computes, and nothing about causes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.evaluation.decisions import decide
from training.explaining.by_rules import rules_on
from training.explaining.groups import Group, groups_of
from training.explaining.medians import Medians, at_medians, median_columns
from training.features.arrays import Float32Array, Float64Array
from training.features.normalization import Scaling
from training.features.plan import Feature, network_inputs
from training.strategy import Strategy
from training.strategy.values import CLASSES
from training.trained.bundle_reader import TrainedNetwork

RETURN = "return"
"""What a regression's only output is called."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a network sees at the close of a bar."""

    features: tuple[Feature, ...]
    window: Float32Array
    """[rows, columns]: up to the bar; one row where the network is not recurrent."""
    values: Mapping[str, float]
    """On the bar, before they are scaled or made fuzzy: by `Feature.source`."""
    scalings: Mapping[str, Scaling]
    """Of the raw inputs, by feature id."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Numbers by output: by class, or `return`."""

    decision: str
    output: dict[str, float]
    medians: dict[str, float]
    """The output where every indicator has its median, on each row of the window."""
    changes: tuple[dict[str, Any], ...]
    """`group`, its `values` with their medians, and its `change` of each output: the largest
    first."""
    together: dict[str, float]
    """What is left: what indicators do only together, and what several do alike."""
    rules: tuple[dict[str, Any], ...]
    """As `by_rules.rules_on` has them."""
    inputs: tuple[dict[str, Any], ...]
    rows: int
    """Of the window: at each of them an indicator is replaced."""

    def to_json(self) -> dict[str, Any]:
        return {
            "decision": self.decision,
            "output": self.output,
            "at_medians": self.medians,
            "changes": list(self.changes),
            "together": self.together,
            "rules": list(self.rules),
            "inputs": list(self.inputs),
            "rows": self.rows,
        }


def explain(
    network: TrainedNetwork, strategy: Strategy, seen: Seen, medians: Medians
) -> Explanation:
    """The same bytes of the same bar on the same machine."""
    groups = groups_of(seen.features)
    ordinary = median_columns(seen.features, medians, seen.scalings)
    said = _said(network, at_medians(seen.window, seen.features, ordinary))
    output, changes = said[0], said[0] - said[1:-1]
    names = tuple(network.manifest["class_names"]) or (RETURN,)
    by_name = dict(zip(range(len(names)), names, strict=True))

    def named(values: Float64Array) -> dict[str, float]:
        return {by_name[place]: float(value) for place, value in enumerate(values)}

    order = np.argsort(-np.abs(changes).max(axis=1, initial=0.0), kind="stable")
    told = [_told(groups[number], seen, medians, named(changes[number])) for number in order]
    return Explanation(
        decision=CLASSES[int(decide(strategy, _as_predicted(network, said[:1]))[0])],
        output=named(output),
        medians=named(said[-1]),
        changes=tuple(told),
        together=named(output - said[-1] - changes.sum(axis=0)),
        rules=rules_on(network, seen.window[-1], names),
        inputs=tuple(inputs_of(network, seen)),
        rows=len(seen.window),
    )


def inputs_of(network: TrainedNetwork, seen: Seen) -> list[dict[str, Any]]:
    """What goes into the network on the bar, by input."""
    inputs = network.inputs(seen.window[-1])
    return [
        {
            "id": feature.id,
            "of": f"{feature.indicator}.{feature.output}" if feature.output else feature.indicator,
            "value": seen.values[feature.source],
            "input": float(inputs[place]),
            "is_membership": feature.membership is not None,
        }
        for place, feature in enumerate(network_inputs(seen.features))
    ]


def _told(group: Group, seen: Seen, medians: Medians, change: dict[str, float]) -> dict[str, Any]:
    values = [
        {"name": source, "value": seen.values[source], "median": medians[source]}
        for source in group.sources
    ]
    return {"group": group.name, "values": values, "change": change}


def _said(network: TrainedNetwork, windows: Float32Array) -> Float64Array:
    """[windows, outputs]"""
    is_row = network.manifest["sequence_length"] == 1
    said = network.predict(windows[:, 0] if is_row else windows)
    return said.reshape(len(windows), -1)


def _as_predicted(network: TrainedNetwork, said: Float64Array) -> Float64Array:
    return said if network.manifest["class_names"] else said[:, 0]


def values_of(features: Sequence[Feature], columns: Any, row: int) -> dict[str, float]:
    """What `FeatureColumns` have on a row, by `Feature.source`."""
    at = slice(row, row + 1)
    return {feature.source: float(columns.values(feature, at)[0]) for feature in features}

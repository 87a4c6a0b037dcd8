"""What rules make of columns: each rule's strength, and what it adds to the outputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OTHERWISE = 0.05
"""Strength of the rule that is always there: what no other rule reaches is decided by it."""


def input_ids(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What a network sees, in its order: a learned set's memberships in place of its column."""
    for name in manifest["feature_ids"]:
        members = manifest.get("sets", {}).get(name, {}).get("memberships")
        yield from [name] if members is None else (f"{name}_{one['name']}" for one in members)


def strengths(manifest: Mapping[str, Any], inputs: NDArray[Any]) -> NDArray[np.float64]:
    """[rows, rules + 1], of inputs [rows, inputs]; the last is OTHERWISE's."""
    place = {name: number for number, name in enumerate(input_ids(manifest))}
    told = [rule["if"] for rule in manifest["rules"][:-1]]
    found = np.ones((len(inputs), len(told) + 1))
    found[:, -1] = OTHERWISE
    for number, premises in enumerate(told):
        for premise in premises:
            for name, sets in premise.items():
                numbers = [place[f"{name}_{one}"] for one in sets]
                sums = np.asarray(inputs[:, numbers], np.float64).sum(axis=1)
                found[:, number] *= np.minimum(sums, 1.0)
    return found


def consequents(weights: Mapping[str, Any], columns: NDArray[Any]) -> NDArray[np.float64]:
    """What each rule says: [1, rules + 1, outputs], or with factors of columns [rows, …]."""
    constant = weights["then"]
    if "factors" not in weights:
        return np.asarray(constant, np.float64)[np.newaxis]
    moved = np.asarray(columns, np.float64) @ weights["factors"].T
    result: NDArray[np.float64] = constant + moved.reshape(len(columns), *constant.shape)
    return result


def contributions(
    manifest: Mapping[str, Any],
    weights: Mapping[str, Any],
    columns: NDArray[Any],
    inputs: NDArray[Any],
) -> NDArray[np.float64]:
    """w·y / (sum of all w) of each rule: [rows, rules + 1, outputs], whose sum over the rules are
    the outputs: what is added before the softmax, or the value of a regression.

    Columns are [rows, columns] of the manifest's `feature_ids`, inputs [rows, inputs] what a
    network sees of them. The last rule is OTHERWISE.
    """
    held = strengths(manifest, inputs)
    shares = held / held.sum(axis=1, keepdims=True)
    result: NDArray[np.float64] = shares[:, :, np.newaxis] * consequents(weights, columns)
    return result


def as_premises(rules: Sequence[Sequence[tuple[str, Sequence[str]]]]) -> list[dict[str, Any]]:
    """Rules as a manifest has them, OTHERWISE after them."""
    told: list[dict[str, Any]] = [
        {"if": [{name: list(sets)} for name, sets in premises]} for premises in rules
    ]
    return [*told, {"if": None}]

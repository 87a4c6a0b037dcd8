"""What each rule of a model adds to its outputs on one bar."""

from typing import Any

import numpy as np

from training.features.arrays import Float32Array
from training.trained.bundle_reader import TrainedNetwork
from training.trained.rule_reader import strengths
from training.trained.rules import conditions


def rules_on(
    network: TrainedNetwork, columns: Float32Array, names: tuple[str, ...]
) -> tuple[dict[str, Any], ...]:
    """Of each rule, in words, its `share` of all strengths, and what it `adds` to each output: with
    OTHERWISE they sum to the outputs, before the softmax. The largest share first; none of a
    network without rules. `columns` are [columns]; `names` those of the outputs."""
    if network.manifest["model"]["type"] != "tsk":
        return ()
    row = columns[None]
    added = network.contributions(row)[0]
    held = strengths(network.manifest, network.inputs(row))[0]
    told = conditions(network)
    return tuple(
        {
            "rule": told[number],
            "share": float(held[number] / held.sum()),
            "adds": dict(zip(names, added[number].tolist(), strict=True)),
        }
        for number in np.argsort(-held, kind="stable")
    )

"""Rules in an ONNX graph: strengths as products, outputs as the consequents' mean by strength."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from training.features.learned_sets import FARTHEST
from training.features.plan import Feature
from training.tables.inputs import source_of, sources
from training.trained.bundle_reader import TrainedNetwork
from training.trained.rule_reader import OTHERWISE, input_ids

if TYPE_CHECKING:
    from training.export.onnx_graph import Graph


def add_rules(
    graph: "Graph", network: TrainedNetwork, seen: str, values: str, features: Sequence[Feature]
) -> str:
    """The outputs, [samples, outputs]; `seen` are the network's inputs, `values` the graph's."""
    manifest, constants = network.manifest, network.weights["then"]
    selects, added = _slots(manifest)
    num_rules, num_slots = added.shape
    sums = graph.add(
        "Add",
        graph.add("MatMul", seen, graph.constant(selects, np.float32)),
        graph.constant(added.reshape(-1), np.float32),
    )
    factors = graph.add("Min", sums, graph.constant(1.0, np.float32))
    shape = graph.constant([-1, num_rules, num_slots], np.int64)
    split = graph.add("Reshape", factors, shape)
    held = graph.add("ReduceProd", split, axes=[2], keepdims=0)
    one = graph.constant([1], np.int64)
    shares = graph.add("Div", held, graph.add("ReduceSum", held, one, keepdims=1))
    if "factors" not in network.weights:
        return graph.add("MatMul", shares, graph.constant(constants, np.float32))
    said = graph.add(
        "Gemm",
        _columns(graph, manifest, seen, values, features),
        graph.constant(network.weights["factors"], np.float32),
        graph.constant(constants.reshape(-1), np.float32),
        transB=1,
    )
    each = graph.add("Reshape", said, graph.constant([-1, *constants.shape], np.int64))
    last = graph.constant([2], np.int64)
    weighed = graph.add("Mul", graph.add("Unsqueeze", shares, last), each)
    return graph.add("ReduceSum", weighed, one, keepdims=0)


def _slots(manifest: Mapping[str, Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """[inputs, rules x slots]: what each slot counts; and [rules, slots], what is added: 1 to one
    that is not used. The last rule is OTHERWISE."""
    place = {name: number for number, name in enumerate(input_ids(manifest))}
    told = [rule["if"] or [] for rule in manifest["rules"]]
    most = max(1, *(len(premises) for premises in told))
    selects = np.zeros((len(place), len(told), most))
    added = np.ones((len(told), most))
    added[-1, 0] = OTHERWISE
    for number, premises in enumerate(told):
        for slot, premise in enumerate(premises):
            added[number, slot] = 0.0
            for name, sets in premise.items():
                selects[[place[f"{name}_{one}"] for one in sets], number, slot] = 1.0
    return selects.reshape(len(place), -1), added


def _columns(
    graph: "Graph",
    manifest: Mapping[str, Any],
    seen: str,
    values: str,
    features: Sequence[Feature],
) -> str:
    """The dataset's columns, float32: those of learned sets from the values, others as seen."""
    place = {name: number for number, name in enumerate(input_ids(manifest))}
    at = {name: number for number, name in enumerate(sources(features))}
    source = {feature.fuzzy_set: at[source_of(feature)] for feature in features}
    parts = []
    for name in manifest["feature_ids"]:
        if name not in manifest.get("sets", {}):
            parts.append(graph.gather(seen, [place[name]]))
            continue
        scale = manifest["sets"][name]
        moved = graph.add(
            "Sub", graph.gather(values, [source[name]]), graph.constant(scale["middle"])
        )
        scaled = graph.add("Div", moved, graph.constant(scale["half"]))
        low, high = graph.constant(-FARTHEST), graph.constant(FARTHEST)
        parts.append(graph.add("Cast", graph.add("Clip", scaled, low, high), to=TensorProto.FLOAT))
    return graph.add("Concat", *parts, axis=-1)

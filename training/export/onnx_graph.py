"""A model as an ONNX graph: from the values that its inputs are made of to what it says.

Memberships and scaling are computed in float64, as training does, and the network in float32, as
torch does. Operators are those of opset 17, of 2022: https://onnx.ai/onnx/operators/.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from training.export.onnx_rules import add_rules
from training.features.learned_sets import as_learned
from training.features.plan import Feature
from training.strategy.fuzzy_sets import Gaussian, Triangular
from training.tables.inputs import source_of, sources
from training.trained.bundle_reader import TrainedNetwork

OPSET, IR_VERSION = 17, 8
VALUES, SYMBOL = "values", "symbol"
PROBABILITIES, RETURN = "probabilities", "predicted_return"

LSTM_GATES = (0, 3, 1, 2)
"""Torch has input, forget, candidate, output; ONNX input, output, forget, candidate."""
GRU_GATES = (1, 0, 2)
"""Torch has reset, update, candidate; ONNX update, reset, candidate."""


class Graph:
    """Nodes in their order, and constants."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, values: ArrayLike, dtype: type = np.float64) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def add(self, kind: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        """The name of its last output."""
        names = list(outputs) or [f"{kind.lower()}_{len(self.nodes)}"]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[-1]

    def gather(self, values: str, numbers: Sequence[int]) -> str:
        """Columns by their numbers, along the last axis."""
        return self.add("Gather", values, self.constant(numbers, np.int64), axis=-1)


def build(
    network: TrainedNetwork, features: Sequence[Feature], symbols: Sequence[str]
) -> ModelProto:
    """Inputs `values`, float64 [samples, sources] or [samples, sequence_length, sources], and,
    where symbols are scaled differently, `symbol`, int64 [samples]: numbers in that order.

    Output `probabilities`, float32 [samples, classes], or `predicted_return`, float32 [samples].
    """
    graph, window = Graph(), network.manifest["sequence_length"]
    features = _as_the_network_has_them(network, features)
    by_symbol = _scaled_by_symbol(network, features, symbols)
    seen = _features(graph, network, features, symbols, by_symbol=by_symbol)
    last = _network(graph, network, seen, features)
    classes = network.manifest["class_names"]
    if classes:
        output = graph.add("Softmax", last, outputs=[PROBABILITIES], axis=-1)
    else:
        axis = graph.constant([1], np.int64)
        output = graph.add("Squeeze", last, axis, outputs=[RETURN])
    steps = [] if window == 1 else [window]
    shape: list[str | int | None] = ["samples", *steps, len(sources(features))]
    inputs = [helper.make_tensor_value_info(VALUES, TensorProto.DOUBLE, shape)]
    if by_symbol:
        inputs.append(helper.make_tensor_value_info(SYMBOL, TensorProto.INT64, ["samples"]))
    told: list[str | int | None] = ["samples", len(classes)] if classes else ["samples"]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, told)]
    made = helper.make_graph(graph.nodes, "ktrdr", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(made, opset_imports=opsets, ir_version=IR_VERSION)


def _as_the_network_has_them(network: TrainedNetwork, features: Sequence[Feature]) -> list[Feature]:
    """Memberships in place of the columns that they are learned over."""
    learned: Mapping[str, Any] = network.manifest.get("sets", {})
    return [
        seen
        for it in features
        for seen in (as_learned(it, learned[it.id]) if it.id in learned else (it,))
    ]


def _scaled_by_symbol(
    network: TrainedNetwork, features: Sequence[Feature], symbols: Sequence[str]
) -> bool:
    raw = [feature.id for feature in features if feature.membership is None]
    first, *others = [_scaling(network, raw, symbol) for symbol in symbols]
    return any(scaling != first for scaling in others)


def _scaling(network: TrainedNetwork, raw: Sequence[str], symbol: str) -> list[tuple[float, float]]:
    """Offset and scale of each raw input, as fitted to a symbol."""
    fits: Mapping[str, Mapping[str, Any]] = network.manifest["normalization"].get(symbol, {})
    own = [fits.get(name, {}) for name in raw]
    return [(fit.get("offset", 0.0), fit.get("scale", 1.0)) for fit in own]


def _features(
    graph: Graph,
    network: TrainedNetwork,
    features: Sequence[Feature],
    symbols: Sequence[str],
    *,
    by_symbol: bool,
) -> str:
    """What the network sees, float32, in its order: computed by kind, then put in order."""
    bells = [number for number, it in enumerate(features) if isinstance(it.membership, Gaussian)]
    raw = [number for number, it in enumerate(features) if it.membership is None]
    edged = [number for number in range(len(features)) if number not in {*bells, *raw}]
    place = {name: number for number, name in enumerate(sources(features))}

    def picked(numbers: Sequence[int]) -> str:
        return graph.gather(VALUES, [place[source_of(features[number])] for number in numbers])

    parts = []
    if edged:
        parts.append(_trapezoids(graph, picked(edged), [features[it] for it in edged]))
    if bells:
        parts.append(_gaussians(graph, picked(bells), [features[it] for it in bells]))
    if raw:
        scalings = [_scaling(network, [features[it].id for it in raw], name) for name in symbols]
        window = network.manifest["sequence_length"]
        known = scalings if by_symbol else scalings[:1]
        parts.append(_scaled(graph, picked(raw), np.array(known), is_window=window > 1))
    together = parts[0] if len(parts) == 1 else graph.add("Concat", *parts, axis=-1)
    narrow = graph.add("Cast", together, to=TensorProto.FLOAT)
    order = np.argsort([*edged, *bells, *raw], kind="stable")
    return graph.gather(narrow, order.tolist())


def _trapezoids(graph: Graph, values: str, features: Sequence[Feature]) -> str:
    """As `training.features.memberships.fill_trapezoidal`: an edge of no width falls at once."""
    corners = np.array([_corners(feature) for feature in features]).T
    a, b, c, d = (graph.constant(corner) for corner in corners)
    rise, fall = corners[1] - corners[0], corners[3] - corners[2]
    rise, fall = np.where(rise == 0.0, 1.0, rise), np.where(fall == 0.0, 1.0, fall)
    none, full = graph.constant(0.0), graph.constant(1.0)
    rising = graph.add("Div", graph.add("Sub", values, a), graph.constant(rise))
    falling = graph.add("Div", graph.add("Sub", d, values), graph.constant(fall))
    above = graph.add(
        "Where", graph.add("Greater", values, c), graph.add("Max", falling, none), full
    )
    return graph.add("Where", graph.add("Less", values, b), graph.add("Max", rising, none), above)


def _corners(feature: Feature) -> tuple[float, ...]:
    assert feature.membership is not None
    parameters = tuple(feature.membership.parameters)
    if isinstance(feature.membership, Triangular):
        a, b, c = parameters
        return a, b, b, c
    return parameters


def _gaussians(graph: Graph, values: str, features: Sequence[Feature]) -> str:
    parameters = np.array([it.membership.parameters for it in features if it.membership]).T
    centre, sigma = (graph.constant(each) for each in parameters)
    distance = graph.add("Div", graph.add("Sub", values, centre), sigma)
    square = graph.add("Mul", graph.add("Mul", graph.constant(-0.5), distance), distance)
    return graph.add("Exp", square)


def _scaled(graph: Graph, values: str, scalings: NDArray[np.float64], *, is_window: bool) -> str:
    """`scalings` are [symbols or 1, inputs, offset and scale]."""
    offset, scale = (graph.constant(scalings[:, :, which]) for which in (0, 1))
    if len(scalings) > 1:
        offset, scale = (graph.add("Gather", it, SYMBOL, axis=0) for it in (offset, scale))
        if is_window:
            steps = graph.constant([1], np.int64)
            offset, scale = (graph.add("Unsqueeze", it, steps) for it in (offset, scale))
    return graph.add("Div", graph.add("Sub", values, offset), scale)


def _network(graph: Graph, network: TrainedNetwork, seen: str, features: Sequence[Feature]) -> str:
    """What it says before a softmax, [samples, outputs]."""
    kind = network.manifest["model"]["type"]
    if kind == "tsk":
        return add_rules(graph, network, seen, VALUES, features)
    architecture = network.manifest["model"]["architecture"]
    if kind == "mlp":
        for number in range(len(architecture["hidden_layers"])):
            linear = _linear(graph, network, f"hidden.{number}.", seen)
            seen = _activated(graph, architecture["activation"], linear)
    else:
        seen = _last_state(graph, network, seen, architecture["num_layers"], lstm=kind == "lstm")
    return _linear(graph, network, "output.", seen)


def _linear(graph: Graph, network: TrainedNetwork, name: str, values: str) -> str:
    weight, bias = (
        graph.constant(network.weights[f"{name}{part}"], np.float32) for part in ("weight", "bias")
    )
    return graph.add("Gemm", values, weight, bias, transB=1)


def _activated(graph: Graph, activation: str, values: str) -> str:
    match activation:
        case "relu" | "tanh" | "sigmoid":
            return graph.add(activation.capitalize(), values)
        case "leaky_relu":
            return graph.add("LeakyRelu", values, alpha=0.01)
    half, one, root = (graph.constant(it, np.float32) for it in (0.5, 1.0, np.sqrt(2.0)))
    curve = graph.add("Add", one, graph.add("Erf", graph.add("Div", values, root)))
    return graph.add("Mul", graph.add("Mul", half, values), curve)


def _last_state(
    graph: Graph, network: TrainedNetwork, windows: str, num_layers: int, *, lstm: bool
) -> str:
    """The last layer's hidden state after the last step, [samples, hidden_size]."""
    kind, gates = ("LSTM", LSTM_GATES) if lstm else ("GRU", GRU_GATES)
    values = graph.add("Transpose", windows, perm=[1, 0, 2])  # [steps, samples, inputs]
    first, second = graph.constant([0], np.int64), graph.constant([1], np.int64)
    last = ""
    for number in range(num_layers):
        of_layer = {
            part: _in_order(network.weights[f"recurrent.{part}_l{number}"], gates)
            for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        biases = np.concatenate([of_layer["bias_ih"], of_layer["bias_hh"]])
        states, last = f"states_{number}", f"last_state_{number}"
        size = of_layer["weight_hh"].shape[1]
        graph.add(
            kind,
            values,
            *(
                graph.constant(each[np.newaxis], np.float32)
                for each in (of_layer["weight_ih"], of_layer["weight_hh"], biases)
            ),
            outputs=[states, last],
            hidden_size=size,
            **({} if lstm else {"linear_before_reset": 1}),
        )
        values = graph.add("Squeeze", states, second)  # its one direction
    return graph.add("Squeeze", last, first)


def _in_order(weights: NDArray[np.float64], gates: Sequence[int]) -> NDArray[np.float64]:
    parts = np.split(weights, len(gates))
    return np.concatenate([parts[gate] for gate in gates])

"""Read a trained model with NumPy alone. This file is part of every bundle.

    python reader.py bars.csv

prints what the model decides on the newest bars of a file: `--help` says how it has to look. Models
whose inputs are made of other indicators than those here are named, and are given their inputs:

    bundle = read_bundle(directory)
    bundle.predict(features)

`features` are the columns of `bundle.manifest["feature_ids"]`, in that order and normalised as the
manifest's `normalization` says; a column of its `sets` is (value - middle) / half of the indicator,
at most 10,000 from 0.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.trained.rule_reader import contributions

WEIGHTS, MANIFEST = "model.safetensors", "manifest.json"
FLOAT_BYTES = 4
MOST_DIMENSIONS = 2  # a matrix, or biases
FARTHEST = 10_000.0  # of a learned set's column: all memberships are 0 long before

Array = NDArray[np.float64]

erf = np.vectorize(math.erf, otypes=[np.float64])

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0.0),
    "leaky_relu": lambda x: np.where(x > 0.0, x, 0.01 * x),
    "tanh": np.tanh,
    "sigmoid": lambda x: sigmoid(x),
    "gelu": lambda x: 0.5 * x * (1.0 + erf(x / math.sqrt(2.0))),
}


class BundleDamaged(ValueError):
    """A file that is not as a bundle has it; the text begins with its name."""


@dataclass(frozen=True)
class TrainedNetwork:
    """A network's description and weights."""

    manifest: dict[str, Any]
    weights: dict[str, Array]

    def predict(self, features: NDArray[Any]) -> Array:
        """Probabilities [samples, classes], or values [samples] of a regression.

        `features` are [samples, features], for LSTM and GRU [samples, sequence_length, features].
        """
        columns = np.asarray(features)
        if self.manifest["model"]["type"] == "tsk":
            return self.said(self.contributions(columns).sum(axis=1))
        return self.predict_inputs(self.inputs(columns))

    def predict_inputs(self, inputs: NDArray[Any]) -> Array:
        """The same of what `inputs` makes of features, except for rules."""
        return self.said(self._outputs(inputs))

    def contributions(self, columns: NDArray[Any]) -> Array:
        """What each rule of a model of rules adds to its outputs: [rows, rules + 1, outputs]; of
        columns [rows, columns]. The last rule is OTHERWISE."""
        inputs = self.inputs(columns)
        added: Array = contributions(self.manifest, self.weights, columns, inputs)
        return added

    def said(self, outputs: Array) -> Array:
        """Probabilities of outputs [rows, outputs], or the values of a regression, [rows]."""
        if not self.manifest["class_names"]:
            return outputs[:, 0]
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        probabilities: Array = powers / powers.sum(axis=1, keepdims=True)
        return probabilities

    def inputs(self, columns: NDArray[Any]) -> NDArray[Any]:
        """What the first layer sees of columns [..., columns]: memberships of learned sets."""
        sets = self.manifest.get("sets")
        if not sets:
            return columns
        parts = []
        for number, name in enumerate(self.manifest["feature_ids"]):
            values = np.asarray(columns[..., number], dtype=np.float64)
            members = sets[name]["memberships"] if name in sets else ()
            parts += [belonging(values, *one["in_column"]) for one in members] or [values]
        return np.stack(parts, axis=-1)

    def _outputs(self, features: NDArray[Any]) -> Array:
        model, architecture = self.manifest["model"]["type"], self.manifest["model"]["architecture"]
        if model == "mlp":
            values = np.asarray(features, dtype=np.float64)
            for number in range(len(architecture["hidden_layers"])):
                values = ACTIVATIONS[architecture["activation"]](
                    self._linear(f"hidden.{number}.", values)
                )
        else:
            values = self._last_state(features, architecture["num_layers"], lstm=model == "lstm")
        return self._linear("output.", values)

    def _linear(self, name: str, values: Array) -> Array:
        result: Array = values @ self.weights[f"{name}weight"].T + self.weights[f"{name}bias"]
        return result

    def _last_state(self, windows: NDArray[Any], num_layers: int, *, lstm: bool) -> Array:
        """The last layer's hidden state [samples, hidden_size] after the last step.

        All layers take a step before any takes the next: of each only the newest state is kept.
        """
        layers = [
            RecurrentLayer(self.weights, number, len(windows), lstm=lstm)
            for number in range(num_layers)
        ]
        for step in range(windows.shape[1]):
            values = np.asarray(windows[:, step], dtype=np.float64)
            for layer in layers:
                values = layer.take(values)
        return layers[-1].hidden


def belonging(values: Array, *corners: float) -> Array:
    """Memberships: of centre and sigma, or 0 outside a and d, 1 from b to c, straight between."""
    if len(corners) == 2:  # centre and sigma
        return np.exp(-0.5 * ((values - corners[0]) / corners[1]) ** 2)
    a, b, c, d = corners
    with np.errstate(divide="ignore", invalid="ignore"):  # of a hard edge, where a = b or c = d
        rising = np.maximum((values - a) / (b - a), 0.0)
        falling = np.maximum((d - values) / (d - c), 0.0)
    result: Array = np.where(values < b, rising, np.where(values > c, falling, 1.0))
    return result


class RecurrentLayer:
    """Cells of one layer, on their way through windows."""

    def __init__(
        self, weights: Mapping[str, Array], number: int, num_samples: int, *, lstm: bool
    ) -> None:
        self._part = {
            name: weights[f"recurrent.{name}_l{number}"]
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        self._lstm = lstm
        self.hidden = self._cell = np.zeros((num_samples, self._part["weight_hh"].shape[1]))

    def take(self, inputs: Array) -> Array:
        """The hidden state after one more step with these inputs [samples, inputs]."""
        part = self._part
        from_input = inputs @ part["weight_ih"].T + part["bias_ih"]
        from_hidden = self.hidden @ part["weight_hh"].T + part["bias_hh"]
        if self._lstm:
            self.hidden, self._cell = lstm_cell(from_input + from_hidden, self._cell)
        else:
            self.hidden = gru_cell(from_input, from_hidden, self.hidden)
        return self.hidden


def lstm_cell(gates: Array, cell: Array) -> tuple[Array, Array]:
    """The next hidden and cell state; gates: input, forget, candidate, output."""
    enter, keep, candidate, leave = np.split(gates, 4, axis=1)
    cell = sigmoid(keep) * cell + sigmoid(enter) * np.tanh(candidate)
    return sigmoid(leave) * np.tanh(cell), cell


def gru_cell(from_input: Array, from_hidden: Array, hidden: Array) -> Array:
    """The next hidden state; gates: reset, update, candidate."""
    reset_in, update_in, candidate_in = np.split(from_input, 3, axis=1)
    reset_hidden, update_hidden, candidate_hidden = np.split(from_hidden, 3, axis=1)
    reset, update = sigmoid(reset_in + reset_hidden), sigmoid(update_in + update_hidden)
    candidate = np.tanh(candidate_in + reset * candidate_hidden)
    return (1.0 - update) * candidate + update * hidden


def sigmoid(x: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def read_bundle(directory: str | Path) -> TrainedNetwork:
    """The bundle in a directory. Raises `BundleDamaged`."""
    folder = Path(directory)
    return read_files({path.name: path.read_bytes() for path in folder.iterdir()})


def read_files(files: Mapping[str, bytes]) -> TrainedNetwork:
    """The bundle whose files are these bytes by name. Raises `BundleDamaged`."""
    for name in (MANIFEST, WEIGHTS):
        if name not in files:
            raise BundleDamaged(f"{name} is missing")
    return TrainedNetwork(
        manifest=_json(MANIFEST, files[MANIFEST]),
        weights=read_weights(files[WEIGHTS]),
    )


def read_weights(data: bytes) -> dict[str, Array]:
    """Tensors by name: 8 bytes of header length, a JSON header, then little-endian float32.

    Raises `BundleDamaged` unless the tensors lie one after another and fill the file.
    """
    start = 8 + int.from_bytes(data[:8], "little")
    if not 8 < start <= len(data):
        raise BundleDamaged(f"{WEIGHTS}: a header of {start - 8} bytes is none of {len(data)}")
    header = _json(WEIGHTS, data[8:start])
    weights, reached = {}, 0
    for name, tensor in sorted(_tensors(header), key=lambda named: named[1][0]):
        first, end, shape = tensor
        if first != reached or end - first != FLOAT_BYTES * math.prod(shape):
            raise BundleDamaged(
                f"{WEIGHTS}: {name[:100]!r} is not as long as it says, or lies elsewhere"
            )
        if start + end > len(data):
            raise BundleDamaged(f"{WEIGHTS}: {name[:100]!r} is cut off")
        values = np.frombuffer(data[start + first : start + end], dtype="<f4")
        weights[name], reached = values.reshape(shape).astype(np.float64), end
    if start + reached != len(data):
        raise BundleDamaged(f"{WEIGHTS}: {len(data) - start - reached} bytes are nobody's")
    return weights


def _tensors(header: dict[str, Any]) -> Iterator[tuple[str, tuple[int, int, list[int]]]]:
    """Names, with first byte, end and shape."""
    for name, tensor in header.items():
        match tensor:
            case {"dtype": "F32", "shape": [*shape], "data_offsets": [int(first), int(end)]} if len(
                shape
            ) <= MOST_DIMENSIONS and all(isinstance(n, int) and n > 0 for n in shape):
                yield name, (first, end, shape)
            case _:
                raise BundleDamaged(f"{WEIGHTS}: {name[:100]!r} is no tensor of float32")


def _json(name: str, data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BundleDamaged(f"{name}: it is no JSON") from error
    if not isinstance(value, dict):
        raise BundleDamaged(f"{name}: it is no JSON object")
    return value

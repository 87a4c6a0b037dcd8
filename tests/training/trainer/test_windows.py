"""Predictions of windows: the same bits as with every state kept, in bounded memory."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from training.features.arrays import Float32Array, Float64Array
from training.trained import windows
from training.trained.bundle_reader import TrainedNetwork, gru_cell, lstm_cell

GATES = {"lstm": 4, "gru": 3}
MB = 1024**2


def network(
    kind: str, *, inputs: int, hidden: int, layers: int = 1, length: int = 10
) -> TrainedNetwork:
    """With random weights."""
    draw = np.random.default_rng(hidden + layers)
    weights = {"output.weight": draw.normal(size=(3, hidden)), "output.bias": draw.normal(size=3)}
    for layer in range(layers):
        for name, columns in (("ih", hidden if layer else inputs), ("hh", hidden)):
            shape = (GATES[kind] * hidden, columns)
            weights[f"recurrent.weight_{name}_l{layer}"] = draw.normal(size=shape) / 4
            weights[f"recurrent.bias_{name}_l{layer}"] = draw.normal(size=shape[0])
    manifest: dict[str, Any] = {
        "class_names": ["buy", "hold", "sell"],
        "sequence_length": length,
        "model": {"type": kind, "architecture": {"num_layers": layers}},
    }
    return TrainedNetwork(manifest=manifest, weights=weights)


def rows(number: int, inputs: int) -> Float32Array:
    return np.random.default_rng(0).normal(size=(number, inputs)).astype(np.float32)


def layer_by_layer(network: TrainedNetwork, matrix: Float32Array, window: int) -> Float64Array:
    """As 0.1.0 computed it: copied windows, and the states of every step of every layer."""
    first = np.arange(len(matrix) - window + 1)
    values = matrix[first[:, None] + np.arange(window)].astype(np.float64)
    for layer in range(network.manifest["model"]["architecture"]["num_layers"]):
        part = {
            name: network.weights[f"recurrent.{name}_l{layer}"]
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        hidden = cell = np.zeros((len(values), part["weight_hh"].shape[1]))
        states = np.empty((*values.shape[:2], hidden.shape[1]))
        for step in range(window):
            from_input = values[:, step] @ part["weight_ih"].T + part["bias_ih"]
            from_hidden = hidden @ part["weight_hh"].T + part["bias_hh"]
            if network.manifest["model"]["type"] == "lstm":
                hidden, cell = lstm_cell(from_input + from_hidden, cell)
            else:
                hidden = gru_cell(from_input, from_hidden, hidden)
            states[:, step] = hidden
        values = states
    outputs = values[:, -1] @ network.weights["output.weight"].T + network.weights["output.bias"]
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares: Float64Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize(("hidden", "layers"), [(1, 2), (16, 1), (33, 2), (64, 4)])
@pytest.mark.parametrize("samples", [1, 2, 37, 200])
def test_states_that_nobody_needs_are_not_kept_and_the_bits_are_the_same(
    kind: str, hidden: int, layers: int, samples: int
) -> None:
    asked, matrix = network(kind, inputs=7, hidden=hidden, layers=layers), rows(samples + 9, 7)
    assert np.array_equal(windows.outputs(asked, matrix, 10), layer_by_layer(asked, matrix, 10))


def test_batches_say_what_one_batch_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, matrix = network("lstm", inputs=7, hidden=33), rows(500, 7)
    whole = windows.outputs(asked, matrix, 10)
    monkeypatch.setattr(windows, "BATCH_BYTES", 1)
    assert windows.num_batches(asked, 491) == 7  # of 64 rows or more
    np.testing.assert_allclose(windows.outputs(asked, matrix, 10), whole, rtol=1e-12, atol=0)


def test_no_rows_have_no_predictions() -> None:
    asked = network("gru", inputs=7, hidden=4)
    assert windows.outputs(asked, rows(9, 7), 10).shape == (0, 3)


def test_memory_grows_neither_with_the_length_of_a_window_nor_with_what_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(windows, "BATCH_BYTES", MB)
    asked, matrix = network("lstm", inputs=10, hidden=32, layers=2), rows(1_000, 10)
    tracemalloc.start()
    windows.outputs(asked, matrix, 100)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * MB  # all states would be 42 MB, the copied windows 7

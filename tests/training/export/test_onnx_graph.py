"""The ONNX graph of every network, activation and fuzzy set, run by onnxruntime."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from onnxruntime import InferenceSession

from tests.training.trainer.synthetic import FIXED, LEARNED, WRITTEN, make_strategy, tsk
from tests.training.trainer.test_bundle import MODELS, RETURNS, samples, trained
from training.export import onnx_graph
from training.features.memberships import fill_membership
from training.features.plan import plan_features
from training.strategy import Strategy
from training.tables.inputs import source_of, sources
from training.trained.bundle_reader import read_files


def session(model: onnx.ModelProto) -> InferenceSession:
    onnx.checker.check_model(model, full_check=True)
    return InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("given", [{}, {"labels": RETURNS}], ids=["classes", "returns"])
@pytest.mark.parametrize("model", MODELS, ids=lambda m: str(m)[:70])
def test_a_graph_says_what_the_model_does(model: dict[str, Any], given: dict[str, Any]) -> None:
    strategy = make_strategy(model=model, **given)
    bundle, dataset, _ = trained(strategy)
    network = read_files(bundle.files)
    made = session(onnx_graph.build(network, plan_features(strategy), strategy.symbols))
    seen = samples(dataset, dataset.test)
    (said,) = made.run(None, {"values": seen.astype(np.float64)})
    expected = network.predict(seen)
    assert np.abs(said - expected).max() < 1e-6
    assert [it.name for it in made.get_inputs()] == ["values"]
    assert np.asarray(said).shape == expected.shape
    assert np.ptp(expected) > 1e-3


def test_a_graph_has_the_sets_that_were_learned() -> None:
    given = make_strategy(
        fuzzy_sets={"wave": LEARNED["wave"]}, num_features=1, learning_rate=0.1
    ).snapshot()
    del given["nn_inputs"][1:]
    strategy = Strategy.from_snapshot(given)
    bundle, dataset, _ = trained(strategy)
    network, columns = read_files(bundle.files), samples(dataset, dataset.test)
    scale = network.manifest["sets"]["1d_wave"]
    values = columns.astype(np.float64) * scale["half"] + scale["middle"]
    made = session(onnx_graph.build(network, plan_features(strategy), strategy.symbols))
    assert np.abs(made.run(None, {"values": values})[0] - network.predict(columns)).max() < 1e-6


@pytest.mark.parametrize("consequent", ["constant", "linear"])
@pytest.mark.parametrize("sets", [FIXED, LEARNED], ids=["fixed sets", "learned sets"])
@pytest.mark.parametrize("rules", [5, WRITTEN], ids=["learned", "written"])
def test_a_graph_decides_by_rules(rules: Any, sets: dict[str, Any], consequent: str) -> None:
    """From values of the indicator on: on a grid, where every membership has a say."""
    strategy = make_strategy(
        model=tsk(rules=rules, consequent=consequent),
        fuzzy_sets=sets,
        learning_rate=0.1,
    )
    network, features = read_files(trained(strategy)[0].files), plan_features(strategy)
    made = session(onnx_graph.build(network, features, strategy.symbols))
    values = np.random.default_rng(1).normal(size=(300, len(sources(features))))
    expected = network.predict(columns_of(network, features, values))
    assert np.abs(made.run(None, {"values": values})[0] - expected).max() < 1e-6
    assert np.ptp(expected) > 1e-2


def columns_of(network: Any, features: Any, values: Any) -> Any:
    """As a dataset has them."""
    columns = np.empty((len(values), len(features)), np.float32)
    for number, feature in enumerate(features):
        own = np.ascontiguousarray(values[:, list(sources(features)).index(source_of(feature))])
        if feature.membership is not None:
            fill_membership(own, feature.membership, columns[:, number])
        elif feature.learned is not None:
            scale = network.manifest["sets"][feature.id]
            columns[:, number] = (own - scale["middle"]) / scale["half"]
        else:
            columns[:, number] = own
    return columns


SETS = {
    "low": {"type": "trapezoidal", "parameters": [0, 0, 20, 40]},
    "middle": {"type": "triangular", "parameters": [20, 50, 80]},
    "edge": {"type": "triangular", "parameters": [50, 50, 60]},
    "high": {"type": "trapezoidal", "parameters": [60, 80, 100, 100]},
    "bell": {"type": "gaussian", "parameters": [50, 12.5]},
}


def test_memberships_are_those_of_the_training_to_the_last_bit_but_one() -> None:
    given = make_strategy(num_features=2).snapshot()
    given["fuzzy_sets"] = {"place": {"indicator": "sma_1", **SETS}}
    given["nn_inputs"].insert(1, {"fuzzy_set": "place", "timeframes": "all"})
    strategy = Strategy.from_snapshot(given)
    features = plan_features(strategy)
    assert [feature.membership is None for feature in features] == [True] + [False] * 5 + [True]
    graph = onnx_graph.Graph()
    fits = {features[0].id: {"offset": 3.0, "scale": 0.1}}
    network: Any = SimpleNamespace(
        manifest={"normalization": {"SP500": fits}, "sequence_length": 1}
    )
    last = onnx_graph._features(graph, network, features, ["SP500"], by_symbol=False)
    helper = onnx.helper
    made = helper.make_graph(
        graph.nodes,
        "features",
        [helper.make_tensor_value_info("values", onnx.TensorProto.DOUBLE, ["samples", 2])],
        [helper.make_tensor_value_info(last, onnx.TensorProto.FLOAT, ["samples", 7])],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", onnx_graph.OPSET)]
    run = session(helper.make_model(made, opset_imports=opsets, ir_version=onnx_graph.IR_VERSION))
    values = np.concatenate([np.linspace(-10, 110, 1201), [0, 20, 40, 50, 60, 80, 100]])
    (said,) = run.run(None, {"values": np.stack([values - 7.0, values], axis=1)})
    for number, feature in enumerate(features[1:6], start=1):
        assert feature.membership is not None
        expected = np.empty(len(values), np.float32)
        fill_membership(values, feature.membership, expected)
        np.testing.assert_allclose(said[:, number], expected, rtol=2e-7, atol=0, err_msg=feature.id)
    np.testing.assert_array_equal(said[:, 0], ((values - 7.0 - 3.0) / 0.1).astype(np.float32))
    np.testing.assert_array_equal(said[:, 6], values.astype(np.float32))

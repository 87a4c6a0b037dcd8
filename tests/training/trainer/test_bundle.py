import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from tests.training.trainer.synthetic import (
    LEARNED,
    WRITTEN,
    make_dataset,
    make_strategy,
    mlp,
    recurrent,
    tsk,
)
from tests.training.trainer.watching import stop_at
from training.evaluation import returns
from training.evaluation.evaluation import Evaluation
from training.evaluation.predictions import predict
from training.evaluation.report import evaluate
from training.features.dataset import Dataset
from training.model_trainer import ModelTrainer
from training.strategy import Strategy
from training.trained.bundle import Bundle, BundleMismatch, make_bundle, network_from
from training.trained.bundle_reader import read_bundle
from training.trainer.pinned import Pinned
from training.trainer.resume_context import TrainingResumeContext

MODELS = [
    mlp(),
    mlp(hidden_layers=()),
    *(mlp(activation=name) for name in ("tanh", "gelu", "leaky_relu", "sigmoid")),
    recurrent("lstm"),
    recurrent("lstm", num_layers=2),
    recurrent("gru"),
    recurrent("gru", num_layers=2),
]
RETURNS = {"source": "forward_return"}
RULES = [
    {"model": tsk(rules=5)},
    {"model": tsk(rules=5, consequent="linear"), "fuzzy_sets": LEARNED},
    {"model": tsk(rules=WRITTEN), "fuzzy_sets": LEARNED},
    {"model": tsk(rules=4, premises=1, consequent="linear"), "labels": RETURNS},
]


def trained(strategy: Strategy) -> tuple[Bundle, Dataset, Pinned]:
    dataset = make_dataset(strategy, rows=400)
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    result = ModelTrainer(strategy, pinned=pinned).train(dataset)
    return make_bundle(strategy, dataset, result, pinned), dataset, pinned


def samples(dataset: Dataset, rows: Any) -> Any:
    if dataset.sequence_length == 1:
        return dataset.features[rows]
    return np.stack([dataset.features[r - dataset.sequence_length + 1 : r + 1] for r in rows])


@pytest.mark.parametrize(
    "settings",
    [{}, {"labels": RETURNS}, {"fuzzy_sets": LEARNED, "num_features": 2, "learning_rate": 0.1}],
    ids=["classes", "returns", "learned sets"],
)
@pytest.mark.parametrize("model", MODELS, ids=lambda m: str(m)[:70])
def test_the_reader_that_ships_with_it_predicts_as_torch_does(
    model: dict[str, Any], settings: dict[str, Any], tmp_path: Path
) -> None:
    reads_as_torch(make_strategy(model=model, **settings), tmp_path)


@pytest.mark.parametrize("settings", RULES, ids=["fixed", "linear", "written", "returns"])
def test_the_reader_decides_by_rules_as_torch_does(settings: Any, tmp_path: Path) -> None:
    reads_as_torch(make_strategy(**settings, learning_rate=0.1), tmp_path)


def reads_as_torch(strategy: Strategy, tmp_path: Path) -> None:
    bundle, dataset, pinned = trained(strategy)
    for name, data in bundle.files.items():
        (tmp_path / name).write_bytes(data)
    network = network_from(bundle.files["model.safetensors"], strategy, dataset, pinned)
    assert network.sets is None or network.sets.moves.abs().min() > 0.0
    expected = predict(strategy, dataset, network, pinned, dataset.test)
    predicted = read_bundle(tmp_path).predict(samples(dataset, dataset.test))
    np.testing.assert_allclose(predicted, expected, atol=1e-6, rtol=0)


def test_the_reader_needs_numpy_alone(tmp_path: Path) -> None:
    source = trained(make_strategy())[0].files["reader.py"].decode()
    imported = {line.split()[1].split(".")[0] for line in source.splitlines() if "import " in line}
    assert imported & {"torch", "training", "django", "safetensors"} == set()
    namespace: dict[str, Any] = {"__name__": "reader"}
    exec(compile(source, "reader.py", "exec"), namespace)
    assert "read_bundle" in namespace


def test_equal_trainings_have_equal_files() -> None:
    strategy = make_strategy(model=mlp(dropout=0.2))
    dataset = make_dataset(strategy, rows=400)
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    run = stop_at(epoch=0, batch=4)
    ModelTrainer(strategy, pinned=pinned, run=run).train(dataset)
    assert run.final is not None
    context = TrainingResumeContext.from_artifacts(run.final.artifacts(), original_request={})
    resumed = ModelTrainer(strategy, pinned=pinned, resume_context=context).train(dataset)
    again = make_bundle(strategy, dataset, resumed, pinned)
    assert again.files == trained(strategy)[0].files


def test_the_weights_carry_no_metadata() -> None:
    data = trained(make_strategy())[0].files["model.safetensors"]
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert "__metadata__" not in header


def test_the_manifest_says_how_to_use_the_model() -> None:
    strategy = make_strategy()
    bundle, dataset, _ = trained(strategy)
    manifest = json.loads(bundle.files["manifest.json"])
    assert manifest["feature_ids"] == list(strategy.feature_ids())
    assert manifest["class_names"] == ["buy", "hold", "sell"]
    assert manifest["strategy"] == strategy.snapshot()
    assert manifest["normalization"] == dataset.normalization
    assert manifest["fitted_ranges"] == dataset.fitted_ranges
    assert manifest["data_ranges"] == dataset.data_ranges
    assert manifest["training"]["best_epoch"] is not None
    assert manifest["evaluation"]["metrics"]["accuracy"] > 0.4


def evaluated_again(
    weights: bytes, strategy: Strategy, dataset: Dataset, pinned: Pinned
) -> Evaluation:
    return evaluate(strategy, dataset, network_from(weights, strategy, dataset, pinned), pinned)


def test_its_metrics_can_be_recomputed_from_the_stored_bytes() -> None:
    strategy = make_strategy()
    bundle, dataset, pinned = trained(strategy)
    again = evaluated_again(bundle.files["model.safetensors"], strategy, dataset, pinned)
    assert again.to_json() == json.loads(bundle.files["manifest.json"])["evaluation"]
    assert again.returns == bundle.files[returns.FILE]


def test_other_weights_have_other_metrics() -> None:
    strategy = make_strategy()
    bundle, dataset, pinned = trained(strategy)
    weights = safetensors.torch.load(bundle.files["model.safetensors"])
    weights["output.bias"] += 1e-3
    again = evaluated_again(safetensors.torch.save(weights), strategy, dataset, pinned)
    assert again.metrics != json.loads(bundle.files["manifest.json"])["evaluation"]["metrics"]


def test_a_best_model_that_does_not_score_the_recorded_best_is_not_bundled() -> None:
    strategy = make_strategy(epochs=3)
    dataset = make_dataset(strategy, rows=400)
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    result = ModelTrainer(strategy, pinned=pinned).train(dataset)
    result.best_model["output.bias"] += 1e-3
    with pytest.raises(BundleMismatch, match="recorded was"):
        make_bundle(strategy, dataset, result, pinned)

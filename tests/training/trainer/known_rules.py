"""Data made from a rule base that is known, and how often a training finds its decisions again."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tests.training.trainer.synthetic import make_dataset, make_strategy, tsk
from training.features.dataset import Dataset
from training.features.plan import plan_features
from training.model_trainer import ModelTrainer
from training.strategy import Strategy
from training.trained.bundle import make_bundle
from training.trained.bundle_reader import TrainedNetwork, read_files
from training.trained.rule_reader import as_premises
from training.trainer.pinned import Pinned

NAMES = ("a", "b", "c", "d")
SETS = {
    name: {"low": [-1.0, 0.0, 1.0], "middle": [0.0, 1.0, 2.0], "high": [1.0, 2.0, 3.0]}
    for name in NAMES
}
TRUE_RULES, ROWS = 4, 8_000

Premises = list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Found:
    """Shares, of one seed."""

    equal_decisions: float
    """On unseen rows."""
    recovered: float
    """True rules, of which a rule has the very premises."""


def find(seed: int, *, written: bool) -> Found:
    """Train on 60 % of the rows with the premises written, or three times as many rules."""
    draw = np.random.default_rng(seed)
    truth = [_premises(draw) for _ in range(TRUE_RULES)]
    rules: Any = [{"if": given} for given in truth] if written else 3 * TRUE_RULES
    strategy = make_strategy(
        model=tsk(rules=rules), fuzzy_sets=SETS, epochs=30, batch_size=32, learning_rate=0.05
    )
    dataset = make_dataset(strategy, rows=ROWS, seed=seed)
    dataset.features[:] = _memberships(strategy, draw.uniform(0.0, 2.0, (ROWS, len(NAMES))))
    dataset.labels[:] = _true_network(dataset, truth).predict(dataset.features).argmax(axis=1)
    pinned = Pinned.by_rule(strategy, torch.device("cpu"))
    result = ModelTrainer(strategy, pinned=pinned).train(dataset)
    network = read_files(make_bundle(strategy, dataset, result, pinned).files)
    said = network.predict(dataset.features[dataset.test]).argmax(axis=1)
    chosen = [_as_set(rule["if"]) for rule in network.manifest["rules"][:-1]]
    return Found(
        equal_decisions=float((said == dataset.labels[dataset.test]).mean()),
        recovered=float(np.mean([_as_set(given) in chosen for given in _by_id(truth)])),
    )


def _premises(draw: np.random.Generator) -> Premises:
    """Two inputs, and a set of each."""
    names = draw.choice(NAMES, 2, replace=False)
    return [{str(name): str(draw.choice([*SETS[str(name)]]))} for name in names]


def _by_id(rules: list[Premises]) -> list[list[dict[str, list[str]]]]:
    return [[{f"1d_{name}": [own] for name, own in one.items()} for one in rule] for rule in rules]


def _as_set(premises: list[dict[str, list[str]]]) -> frozenset[tuple[str, ...]]:
    return frozenset((name, *own) for one in premises for name, own in one.items())


def _memberships(strategy: Strategy, values: np.ndarray) -> np.ndarray:
    columns = []
    for feature in plan_features(strategy):
        assert feature.membership is not None
        a, b, c = feature.membership.parameters
        own = values[:, NAMES.index(feature.fuzzy_set.removeprefix("1d_"))]
        columns.append(np.clip(np.minimum((own - a) / (b - a), (c - own) / (c - b)), 0.0, 1.0))
    return np.stack(columns, axis=1)


def _true_network(dataset: Dataset, rules: list[Premises]) -> TrainedNetwork:
    """Whose rules are sure of a class each; OTHERWISE holds."""
    then = np.zeros((len(rules) + 1, 3))
    for number in range(len(rules)):
        then[number, number % 3] = 4.0
    then[-1, 1] = 2.0
    told = [[(name, own) for one in rule for name, own in one.items()] for rule in _by_id(rules)]
    manifest = {
        "model": {"type": "tsk"},
        "feature_ids": list(dataset.feature_ids),
        "class_names": list(dataset.class_names),
        "rules": as_premises(told),
    }
    return TrainedNetwork(manifest=manifest, weights={"then": then})

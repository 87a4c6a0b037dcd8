"""The bundle: a trained network as files that outlive the system that trained it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from training.evaluation import fold_predictions, notes, returns
from training.evaluation.report import evaluate
from training.features.dataset import Dataset
from training.features.learned_sets import learned_memberships
from training.features.plan import plan_features
from training.market_data.reading.record import Reading
from training.model_trainer import TrainingResult
from training.strategy import Strategy
from training.trained.bundle_reader import MANIFEST, WEIGHTS, TrainedNetwork, read_weights
from training.trained.from_bars import recipe
from training.trained.from_bars.source import reader_source
from training.trained.rules import rules_of, with_shares
from training.trainer.batches import Batches, DeviceData
from training.trainer.losses import row_losses
from training.trainer.networks import Network, make_network
from training.trainer.optimizers import FlatParameters
from training.trainer.pinned import Pinned
from training.trainer.validation import Validation
from training.version import VERSION

FORMAT_VERSION = 2  # 1 had neither `sets` nor `medians`
READER = "reader.py"

Readings = Mapping[str, Sequence[Reading]]
"""How files were read, by symbol, the newest first."""
NO_READINGS: Readings = MappingProxyType({})


class BundleMismatch(ValueError):
    """A network read back from its stored bytes does not score what was recorded."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The files of a trained network. Equal trainings have equal bytes."""

    files: dict[str, bytes]  # model.safetensors, manifest.json, reader.py, test_returns.npy,
    # test_predictions.safetensors
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the weights' file."""
        return hashlib.sha256(self.files[WEIGHTS]).hexdigest()

    @property
    def evaluation(self) -> dict[str, Any]:
        """As it is shown: with whether the test part was one."""
        told, seen_test = self.manifest["evaluation"], self.manifest["seen_test"]
        of_seen_test = notes.of_seen_test(seen_test)
        return {**told, "seen_test": seen_test, "notes": [*of_seen_test, *told["notes"]]}


def make_bundle(
    strategy: Strategy,
    dataset: Dataset,
    result: TrainingResult,
    pinned: Pinned,
    *,
    seen_test: str = "",
    readings: Readings = NO_READINGS,
) -> Bundle:
    """Evaluate the best epoch's network as read back from its bytes, and bundle it.

    `seen_test` says, in words, that its weights were trained on bars that score it; `readings` how
    the files of its bars were read, by symbol.
    Raises BundleMismatch if its monitored metric is not the recorded one.
    """
    weights = safetensors.torch.save(result.best_model)  # without metadata, which varies
    network = network_from(weights, strategy, dataset, pinned)
    _require_recorded(strategy, dataset, network, pinned, result)
    evaluation = evaluate(strategy, dataset, network, pinned)
    manifest = {
        "format_version": FORMAT_VERSION,
        "ktrdr": VERSION,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "model": strategy.model.model_dump(mode="json"),
        "feature_ids": list(dataset.feature_ids),
        "sets": _learned_sets(strategy, network),
        "class_names": list(dataset.class_names),
        "sequence_length": dataset.sequence_length,
        "normalization": dict(dataset.normalization),
        "fitted_ranges": dict(dataset.fitted_ranges),
        "medians": dict(dataset.medians),
        "strategy": strategy.snapshot(),
        "strategy_digest": strategy.digest(),
        recipe.KEY: recipe.recipe(strategy),
        "dataset_digest": dataset.digest(),
        "data_fingerprints": dict(dataset.data_fingerprints),
        "data_ranges": dict(dataset.data_ranges),
        "readings": {
            symbol: [reading.as_json() for reading in known] for symbol, known in readings.items()
        },
        "pinned": pinned.to_json(),
        "training": _training(strategy, result),
        "evaluation": evaluation.to_json(),
        "seen_test": seen_test,
    }
    manifest |= _rules(strategy, dataset, manifest, weights)
    files = {
        WEIGHTS: weights,
        MANIFEST: _to_json(manifest),
        READER: reader_source(),
        returns.FILE: evaluation.returns,
        fold_predictions.FILE: evaluation.predictions,
    }
    return Bundle(files=files, manifest=manifest)


def network_from(weights: bytes, strategy: Strategy, dataset: Dataset, pinned: Pinned) -> Network:
    """The network of a weights' file, laid out in memory as it was trained."""
    return network_with(safetensors.torch.load(weights), strategy, dataset, pinned)


def network_with(
    weights: Mapping[str, Tensor], strategy: Strategy, dataset: Dataset, pinned: Pinned
) -> Network:
    """The network of copies of these weights, laid out in memory as it was trained."""
    network = make_network(
        strategy, inputs=len(dataset.feature_ids), outputs=len(dataset.class_names) or 1
    )
    network.load_state_dict(weights)
    network.to(torch.device(pinned.device))
    FlatParameters(network)
    return network


def _require_recorded(
    strategy: Strategy,
    dataset: Dataset,
    network: nn.Module,
    pinned: Pinned,
    result: TrainingResult,
) -> None:
    data = DeviceData(strategy, dataset, torch.device(pinned.device))
    way = data.evaluation_pass(dataset.validation, pinned.validation_batch)
    batches = Batches(data, pinned.validation_batch)
    validation = Validation(batches, way, row_losses(strategy))
    for _ in validation.steps(network):
        pass
    metric = strategy.training.monitored
    value = validation.metrics()[metric]
    if value != result.best_value:
        raise BundleMismatch(
            f"the network of epoch {result.best_epoch} scores {metric} {value!r} when read back "
            f"from its bytes; recorded was {result.best_value!r}"
        )


def _training(strategy: Strategy, result: TrainingResult) -> dict[str, Any]:
    return {
        "best_epoch": result.best_epoch,
        "monitor": strategy.training.monitored,
        "best_value": result.best_value,
        "epochs_trained": result.position.epoch + 1,
        "stopped_early": result.stopped_early,
        "state_digest": result.digest,
        "history": result.history,
    }


def _learned_sets(strategy: Strategy, network: Network) -> dict[str, Any]:
    if network.sets is None:
        return {}
    moves = network.sets.moves.detach().cpu().numpy()
    return learned_memberships(plan_features(strategy), moves)


def _rules(
    strategy: Strategy, dataset: Dataset, manifest: dict[str, Any], weights: bytes
) -> dict[str, Any]:
    """What they do on the training part; nothing of another network."""
    read = read_weights(weights)
    if not (rules := rules_of(strategy, read)):
        return {}
    network = TrainedNetwork(manifest={**manifest, "rules": rules}, weights=read)
    return {"rules": with_shares(network, dataset.features[dataset.train])}


def _to_json(manifest: dict[str, Any]) -> bytes:
    """A line for each of its keys."""
    lines = (
        f"{json.dumps(key)}: {json.dumps(manifest[key], sort_keys=True, allow_nan=False)}"
        for key in sorted(manifest)
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()

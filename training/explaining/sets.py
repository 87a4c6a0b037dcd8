"""A model's fuzzy sets as numbers: where the file has them, and where learning has moved them."""

import json
from collections.abc import Mapping
from typing import Any

from training.features.learned_sets import kind_and_lengths
from training.features.plan import Feature, plan_features
from training.models import TrainedModel
from training.strategy import Strategy
from training.trained.bundle_reader import MANIFEST
from training.trained.stored_models import read_artifact


def sets_of(model: TrainedModel) -> list[dict[str, Any]]:
    """By fuzzy set and timeframe, in the order of the network's inputs; lengths in the indicator's
    units, unrounded. Raises `ModelDamaged`, `StorageUnavailable`."""
    manifest = json.loads(read_artifact(model, MANIFEST) or b"{}")
    strategy = Strategy.from_snapshot(model.strategy)
    found: dict[str, dict[str, Any]] = {}
    for feature in plan_features(strategy):
        if feature.fuzzy_set and feature.fuzzy_set not in found:
            own = manifest.get("sets", {}).get(feature.id) if feature.learned else None
            found[feature.fuzzy_set] = {
                "id": feature.fuzzy_set,
                "of": feature.source,
                "is_learned": own is not None,
                "memberships": _memberships(strategy, feature, own),
            }
    return list(found.values())


def _memberships(
    strategy: Strategy, feature: Feature, learned: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    name = feature.fuzzy_set.removeprefix(f"{feature.timeframe}_")
    of_file = strategy.fuzzy_sets[name].memberships
    after = {one["name"]: one["parameters"] for one in (learned or {}).get("memberships", ())}
    told = {name: kind_and_lengths(membership) for name, membership in of_file.items()}
    return [
        {"name": name, "type": kind, "before": list(lengths), "after": after.get(name)}
        for name, (kind, lengths) in told.items()
    ]

"""A model's fuzzy sets as numbers: where the file has them, and where learning has moved them."""

import json
from collections.abc import Mapping
from typing import Any

from training.features.plan import Feature, plan_features
from training.models import TrainedModel
from training.strategy import Strategy
from training.strategy.fuzzy_sets import Gaussian, Membership
from training.trained.bundle_reader import MANIFEST
from training.trained.stored_models import read_artifact

GAUSSIAN, TRAPEZOIDAL = "gaussian", "trapezoidal"
"""What each is told as: a triangle is a trapezoid whose plateau has no width."""


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
    return [
        {
            "name": name,
            "type": GAUSSIAN if isinstance(membership, Gaussian) else TRAPEZOIDAL,
            "before": _lengths(membership),
            "after": after.get(name),
        }
        for name, membership in of_file.items()
    ]


def _lengths(membership: Membership) -> list[float]:
    """Centre and sigma, or four corners."""
    if isinstance(membership, Gaussian):
        return list(membership.parameters)
    return list(membership.corners)

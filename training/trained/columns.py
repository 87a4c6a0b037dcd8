"""What of a model is a column of its row: what lists are sorted and chosen by. Free of torch."""

from collections.abc import Mapping
from typing import Any

from operations.models import NAME_MAX_LENGTH
from operations.places import microseconds
from training.models import PLACES, SORTED_BY, TrainedModel

METRICS = ("net_return", "sharpe", "max_drawdown", "accuracy")


def columns(
    evaluation: Mapping[str, Any], training: Mapping[str, Any], strategy: Mapping[str, Any]
) -> dict[str, Any]:
    """`training` is a manifest's, with the history; `strategy` is a snapshot."""
    metrics, best = evaluation["metrics"], training["best_epoch"]
    losses: list[float] = training["history"].get("val_loss", [])
    return {
        **{name: metrics.get(name) for name in METRICS},
        "val_loss": losses[best] if best < len(losses) else None,
        "best_epoch": best,
        "strategy_name": strategy["name"][:NAME_MAX_LENGTH],
        "network": strategy["model"]["type"],
        "seed": strategy["training"]["seed"],
    }


def places_of(model: TrainedModel) -> dict[str, float | None]:
    """What lists are sorted by, by the columns of their own rows."""
    made = microseconds(model.created_at)
    return {PLACES["created_at"]: made} | {PLACES[name]: getattr(model, name) for name in SORTED_BY}

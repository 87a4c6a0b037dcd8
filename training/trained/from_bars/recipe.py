"""What a bundle's reader has to know to make decisions of bars: a part of the manifest."""

from typing import Any

from training.features.history import is_finer
from training.features.learned_sets import scale_of
from training.features.plan import Feature, plan_features, settle_length
from training.market_data.timeframes import seconds_of
from training.strategy import Strategy
from training.strategy.data_split import RangeSplit
from training.strategy.decisions import Decisions

KEY = "from_bars"


def recipe(strategy: Strategy) -> dict[str, Any]:
    """JSON, with every rule of the strategy resolved: the reader only computes."""
    features, base = plan_features(strategy), strategy.base_timeframe
    settle = {name: settle_length(strategy, features, name) for name in strategy.timeframes}
    data, split = strategy.training_data, strategy.training.data_split
    return {
        "timeframe": base,
        "seconds": {name: seconds_of(name) for name in strategy.timeframes},
        "finer": [name for name in strategy.timeframes if is_finer(name, base)],
        "settle": settle,
        "warm_up": max(settle.values()) if data.history_required is None else data.history_required,
        "start": data.start_seconds,
        "cusum": getattr(strategy.training.labels, "cusum_threshold", None) is not None,
        "test_runs": [[*run] for run in split.seconds("test")]
        if isinstance(split, RangeSplit)
        else None,
        "symbols": [*strategy.symbols],
        "indicators": {
            name: strategy.indicators[name].model_dump(mode="json")
            for name in dict.fromkeys(feature.indicator for feature in features)
        },
        "inputs": [_input(feature) for feature in features],
        "decisions": _decisions(strategy.decisions),
    }


def _input(feature: Feature) -> dict[str, Any]:
    return {
        "id": feature.id,
        "timeframe": feature.timeframe,
        "indicator": feature.indicator,
        "output": feature.output,
        "membership": feature.membership and feature.membership.model_dump(mode="json"),
        "column": feature.learned and scale_of(feature.learned),
        "is_scaled": feature.normalization != "none",
    }


def _decisions(decisions: Decisions) -> dict[str, Any]:
    return {
        "confidence_threshold": decisions.confidence_threshold,
        "smallest_edge": decisions.cost_model.smallest_edge,
        "allow_short": decisions.allow_short,
        "allow_short_from_flat": decisions.allow_short_from_flat,
        "on_hold": decisions.on_hold,
    }

"""Small strategies and datasets that train in milliseconds."""

from itertools import pairwise
from typing import Any

import numpy as np

from training.features.dataset import Dataset
from training.features.plan import plan_features
from training.strategy import Strategy

CLASSES = ("buy", "hold", "sell")

LEARNED = {
    "wave": {
        "learn": True,
        "low": {"type": "trapezoidal", "parameters": [-1.0, -1.0, -0.6, 0.1]},
        "middle": [-0.7, 0.0, 0.8],
        "high": {"type": "gaussian", "parameters": [0.6, 0.2]},
    },
    "slow": {"learn": {"rate": 0.5, "pull": 0.2}, "up": [-0.5, 0.0, 1.0]},
}
"""Two columns in place of four memberships."""


FIXED = {
    "wave": {
        "low": {"type": "trapezoidal", "parameters": [-3.0, -2.0, -0.6, 0.1]},
        "middle": [-0.7, 0.0, 0.8],
        "high": {"type": "gaussian", "parameters": [0.6, 0.4]},
    },
    "slow": {"down": [-3.0, -1.0, 0.5], "up": [-0.5, 1.0, 3.0]},
}
"""Five memberships of which rules can be made."""


def make_strategy(
    *,
    model: dict[str, Any] | None = None,
    num_features: int = 4,
    decisions: dict[str, Any] | None = None,
    fuzzy_sets: dict[str, Any] | None = None,
    **training: Any,
) -> Strategy:
    """A valid strategy with `num_features` raw inputs, and these fuzzy sets of the first one's
    indicator before them; `training` overrides its settings. Rules have no raw inputs, or scaled
    ones, and sets in any case."""
    model = model or mlp()
    has_rules = model["type"] == "tsk"
    if has_rules:
        fuzzy_sets = fuzzy_sets or FIXED
        num_features *= model["architecture"].get("consequent") == "linear"
    names = [f"sma_{index}" for index in range(max(1, num_features))]
    is_scaled = {"normalization": "zscore"} if has_rules else {}
    settings = {
        "labels": {"source": "triple_barrier"},
        "epochs": 3,
        "batch_size": 16,
        "learning_rate": 0.01,
    }
    return Strategy.from_snapshot(
        {
            "name": "synthetic",
            "version": "3.0",
            "training_data": {
                "symbols": {"mode": "single", "symbol": "SP500"},
                "timeframes": {"mode": "single", "timeframe": "1d"},
            },
            "indicators": {
                name: {"type": "sma", "period": 2 + index} for index, name in enumerate(names)
            },
            "fuzzy_sets": {
                name: {"indicator": names[0], **given} for name, given in (fuzzy_sets or {}).items()
            },
            "nn_inputs": [
                *({"fuzzy_set": name} for name in fuzzy_sets or ()),
                *(
                    {"raw_indicator": name, "timeframes": "all", **is_scaled}
                    for name in names[:num_features]
                ),
            ],
            "model": model,
            "training": settings | training,
            "decisions": decisions or {},
        }
    )


def mlp(*, hidden_layers: tuple[int, ...] = (8, 5), **architecture: Any) -> dict[str, Any]:
    return {"type": "mlp", "architecture": {"hidden_layers": list(hidden_layers), **architecture}}


def recurrent(kind: str, **architecture: Any) -> dict[str, Any]:
    return {"type": kind, "architecture": {"sequence_length": 4, "hidden_size": 5, **architecture}}


def tsk(**architecture: Any) -> dict[str, Any]:
    """Of learned rules, or of `WRITTEN`."""
    return {"type": "tsk", "architecture": architecture}


WRITTEN = [
    {"if": {"wave": "low", "slow": "up"}},
    {"if": [{"wave": ["middle", "high"]}, {"wave": "high"}]},
    {"if": {}},
]
"""Of the sets that are fixed, and of those that are learned."""


def make_dataset(strategy: Strategy, *, rows: int = 200, seed: int = 1) -> Dataset:
    """Noisy but learnable rows of one symbol, cut 60 / 20 / 20 by time."""
    generator = np.random.default_rng(seed)
    planned = plan_features(strategy)
    feature_ids = tuple(feature.id for feature in planned)
    features = generator.normal(size=(rows, len(feature_ids))).astype(np.float32)
    for place, feature in enumerate(planned):
        if feature.membership is not None:
            features[:, place] = np.clip(features[:, place], 0.0, 1.0)
    signal = features.sum(axis=1) + generator.normal(size=rows)
    length = getattr(strategy.model.architecture, "sequence_length", 1)
    train, validation, test = _parts(rows, length)
    close = 100.0 * np.exp(np.cumsum(generator.normal(scale=0.01, size=rows)))
    return Dataset(
        features=features,
        labels=_labels(strategy, signal),
        weights=_weights(strategy, generator, rows),
        times=np.arange(rows, dtype=np.int64) * 86_400,
        symbols=np.zeros(rows, dtype=np.int16),
        open=close * np.exp(generator.normal(scale=0.001, size=rows)),
        close=close,
        train=train,
        validation=validation,
        test=test,
        test_bars=np.arange(int(rows * 0.8), rows, dtype=np.int64),
        events=np.arange(rows) >= length - 1,
        sequence_length=length,
        symbol_names=("SP500",),
        feature_ids=feature_ids,
        class_names=CLASSES if strategy.output_format == "classification" else (),
        normalization={},
        fitted_ranges={},
        outside_range={},
        medians={},
        symbol_samples={},
        label_balance={},
        data_fingerprints={},
        data_ranges={},
        warnings=(),
    )


def _parts(rows: int, length: int) -> list[np.ndarray]:
    bounds = [0, int(rows * 0.6), int(rows * 0.8), rows]
    return [np.arange(first + length - 1, end, dtype=np.int64) for first, end in pairwise(bounds)]


def _labels(strategy: Strategy, signal: np.ndarray) -> np.ndarray:
    if strategy.output_format == "regression":
        return (signal / 100).astype(np.float32)
    return np.digitize(signal, [-1.0, 1.0]).astype(np.int64)


def _weights(strategy: Strategy, generator: np.random.Generator, rows: int) -> np.ndarray | None:
    if not getattr(strategy.training.labels, "compute_weights", False):
        return None
    return generator.uniform(0.1, 1.0, size=rows).astype(np.float32)

"""Networks with random weights of any strategy: what a bundle would hold, without a training."""

import json
from typing import Any

import numpy as np
import safetensors.numpy

from training.features.history import History, arrange
from training.features.learned_sets import layout_of, learned_memberships
from training.features.matrix import FeatureColumns
from training.features.plan import plan_features
from training.market_data.bars import Bars
from training.market_data.timeframes import resample
from training.strategy import Strategy
from training.strategy.values import CLASSES, Timeframe
from training.trained.bundle_reader import MANIFEST, WEIGHTS, TrainedNetwork, read_files
from training.trained.from_bars import recipe
from training.trained.from_bars.source import reader_source

TEST_SINCE = 1_200_000_000
GATES = {"lstm": 4, "gru": 3}


def history_of(strategy: Strategy, bars: Bars) -> History:
    """As a training arranges them, higher timeframes made of these."""
    base = strategy.base_timeframe
    loaded: dict[Timeframe, Bars] = {
        name: bars if name == base else resample(bars, source=base, target=name)
        for name in strategy.timeframes
    }
    return arrange(strategy, strategy.symbols[0], plan_features(strategy), loaded)


def bundle_of(strategy: Strategy, bars: Bars | None = None, *, seed: int = 5) -> dict[str, bytes]:
    """The files of a bundle; inputs are scaled by what they are on the bars."""
    draw = np.random.default_rng(seed)
    features = plan_features(strategy)
    fits = {
        feature.id: {"method": "zscore", "offset": 0.0, "scale": 1.0}
        for feature in features
        if feature.normalization != "none"
    }
    if bars is not None:
        history = history_of(strategy, bars)
        columns = FeatureColumns(strategy, history, features)
        for feature in features:
            if feature.id in fits:
                values = columns.values(feature, slice(0, history.times.size))
                own = {"offset": float(values.mean()), "scale": float(values.std()) or 1.0}
                fits[feature.id] |= own
    class_names = CLASSES if strategy.output_format == "classification" else ()
    manifest = {
        "model": strategy.model.model_dump(mode="json"),
        "feature_ids": [feature.id for feature in features],
        "sets": learned_memberships(features, _moves(strategy, draw)),
        "class_names": list(class_names),
        "sequence_length": strategy.sequence_length,
        "normalization": dict.fromkeys(strategy.symbols, fits),
        "strategy": strategy.snapshot(),
        recipe.KEY: recipe.recipe(strategy),
        "data_fingerprints": {},
        "evaluation": {"first_time": TEST_SINCE},
        "seen_test": "",
    }
    weights = _weights(strategy, len(strategy.feature_ids()), len(class_names) or 1, draw)
    return {
        MANIFEST: json.dumps(manifest).encode(),
        WEIGHTS: safetensors.numpy.save(weights),
        "reader.py": reader_source(),
    }


def network_of(strategy: Strategy, bars: Bars | None = None, *, seed: int = 5) -> TrainedNetwork:
    return read_files(bundle_of(strategy, bars, seed=seed))


def _moves(strategy: Strategy, draw: np.random.Generator) -> Any:
    """Anywhere within their bounds."""
    layout = layout_of(plan_features(strategy))
    return draw.uniform(layout.low, layout.high).astype("f4")


def _weights(
    strategy: Strategy, inputs: int, outputs: int, draw: np.random.Generator
) -> dict[str, Any]:
    shapes: dict[str, tuple[int, ...]] = {}
    architecture: Any = strategy.model.architecture
    if strategy.model.type == "mlp":
        for number, width in enumerate(architecture.hidden_layers):
            shapes |= {
                f"hidden.{number}.weight": (width, inputs),
                f"hidden.{number}.bias": (width,),
            }
            inputs = width
    else:
        gates, width = GATES[strategy.model.type], architecture.hidden_size
        for layer in range(architecture.num_layers):
            for name, columns in (("ih", inputs if layer == 0 else width), ("hh", width)):
                shapes[f"recurrent.weight_{name}_l{layer}"] = (gates * width, columns)
                shapes[f"recurrent.bias_{name}_l{layer}"] = (gates * width,)
        inputs = width
    shapes |= {"output.weight": (outputs, inputs), "output.bias": (outputs,)}
    unit = 0.004 if outputs == 1 else 1.0  # returns are small
    drawn = {name: draw.normal(size=shape) / shape[-1] ** 0.5 for name, shape in shapes.items()}
    drawn |= {name: unit * drawn[name] for name in ("output.weight", "output.bias")}
    return {name: values.astype("f4") for name, values in drawn.items()}

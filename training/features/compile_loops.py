"""Every compiled loop, called once on made-up bars, so that its machine code is on the disk."""

from typing import Any

import numpy as np
from pydantic import TypeAdapter

from training.features.assembly import build_from_histories
from training.features.history import arrange
from training.features.indicators.table import COMPUTATIONS
from training.features.plan import plan_features
from training.market_data.bars import Bars
from training.strategy import Strategy
from training.strategy.indicators import Indicator

SYMBOL, NUM_BARS, DAY_SECONDS = "MADE_UP", 2000, 86_400

LABELS: tuple[dict[str, Any], ...] = (
    {"source": "triple_barrier", "vol_method": "atr", "cusum_threshold": 0.01},
    {"source": "triple_barrier", "vol_method": "close"},
    {"source": "zigzag"},
)
MEMBERSHIPS = [
    {"name": "low", "type": "triangular", "parameters": [0.0, 0.0, 60.0]},
    {"name": "high", "type": "gaussian", "parameters": [100.0, 40.0]},
]


def compile_loops() -> None:
    """Prepare features by every indicator and shape of membership, and labels from every source."""
    bars = _made_up_bars()
    for labels in LABELS:
        strategy = _strategy(labels)
        history = arrange(strategy, SYMBOL, plan_features(strategy), {"1d": bars})
        build_from_histories(strategy, [history])


def _strategy(labels: dict[str, Any]) -> Strategy:
    inputs = [{"raw_indicator": name, "normalization": "zscore"} for name in _raw_inputs()]
    return Strategy.from_snapshot(
        {
            "name": "every loop",
            "version": "3.0",
            "training_data": {
                "symbols": {"mode": "single", "symbol": SYMBOL},
                "timeframes": {"mode": "single", "timeframe": "1d"},
            },
            "indicators": {name: {"type": name} for name in COMPUTATIONS},
            "fuzzy_sets": {"set": {"indicator": "rsi", "memberships": MEMBERSHIPS}},
            "nn_inputs": [{"fuzzy_set": "set"}, *inputs],
            "model": {"type": "mlp"},
            "training": {"labels": labels},
        }
    )


def _raw_inputs() -> list[str]:
    """The first output of every indicator that looks at no future, as a strategy names it."""
    adapter: TypeAdapter[Indicator] = TypeAdapter(Indicator)
    names: list[str] = []
    for name in COMPUTATIONS:
        section = adapter.validate_python({"type": name})
        outputs = [item for item in section.outputs or ("",) if item not in section.look_ahead]
        names.extend(f"{name}.{output}" if output else name for output in outputs[:1])
    return names


def _made_up_bars() -> Bars:
    """A random walk, a bar a day."""
    generator = np.random.default_rng(1)
    close = 100.0 * np.exp(np.cumsum(generator.normal(0.0, 0.01, NUM_BARS)))
    open_ = close * np.exp(generator.normal(0.0, 0.01, NUM_BARS))
    return Bars(
        times=DAY_SECONDS * np.arange(NUM_BARS),
        open=open_,
        high=np.maximum(open_, close) * 1.01,
        low=np.minimum(open_, close) / 1.01,
        close=close,
        volume=generator.integers(1_000, 100_000, NUM_BARS).astype(np.float64),
    )

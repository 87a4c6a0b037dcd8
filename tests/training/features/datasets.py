"""Small strategies, and datasets of them from bars in memory."""

from collections.abc import Mapping
from typing import Any

from tests.training.features.price_series import DAY, random_bars
from training.features.assembly import build_dataset
from training.features.dataset import Dataset
from training.features.history import LoadBars
from training.market_data.bars import Bars
from training.market_data.timeframes import resample
from training.strategy import Strategy
from training.strategy.values import Timeframe

INDICATORS = {
    "rsi_5": {"type": "rsi", "period": 5},
    "macd": {"type": "macd", "fast_period": 3, "slow_period": 6, "signal_period": 3},
    "width": {"type": "bollinger_width", "period": 10},
}
FUZZY_SETS = {
    "momentum": {
        "indicator": "rsi_5",
        "memberships": [
            {"name": "low", "type": "triangular", "parameters": [0.0, 0.0, 60.0]},
            {"name": "high", "type": "gaussian", "parameters": [100.0, 40.0]},
        ],
    }
}
INPUTS = [
    {"fuzzy_set": "momentum"},
    {"raw_indicator": "macd.histogram", "normalization": "zscore"},
    {"raw_indicator": "width", "normalization": "minmax"},
]


def make_strategy(
    *,
    symbols: tuple[str, ...] = ("AAA",),
    timeframes: tuple[str, ...] = ("1d",),
    sequence_length: int = 1,
    training_data: Mapping[str, Any] | None = None,
    **sections: Any,
) -> Strategy:
    """Three inputs of kinds that differ; `sections` replace whole sections, or keys of training."""
    model: dict[str, Any] = {"type": "mlp"}
    if sequence_length > 1:
        model = {"type": "gru", "architecture": {"sequence_length": sequence_length}}
    return Strategy.from_snapshot(
        {
            "name": "small",
            "version": "3.0",
            "training_data": {
                "symbols": {"mode": "multi_symbol", "list": list(symbols)},
                "timeframes": {
                    "mode": "multi_timeframe",
                    "list": list(timeframes),
                    "base_timeframe": timeframes[0],
                },
                **(training_data or {}),
            },
            "indicators": sections.get("indicators", INDICATORS),
            "fuzzy_sets": sections.get("fuzzy_sets", FUZZY_SETS),
            "nn_inputs": sections.get("nn_inputs", INPUTS),
            "model": model,
            "training": {
                "labels": sections.get("labels", {"source": "triple_barrier"}),
                "data_split": sections.get("data_split", {}),
            },
            **{name: sections[name] for name in ("decisions",) if name in sections},
        }
    )


def serve(bars: Mapping[str, Bars], *, source: Timeframe = "1d") -> LoadBars:
    """Load bars from memory; higher timeframes are resampled, as imported data is."""

    def load(symbol: str, timeframe: Timeframe, *, end: int | None = None) -> Bars:
        known = bars[symbol].between(None, end)
        return known if timeframe == source else resample(known, source=source, target=timeframe)

    return load


def dataset_of(strategy: Strategy, *series: Bars) -> Dataset:
    """The strategy's dataset; one series for each of its symbols."""
    bars = dict(zip(strategy.symbols, series, strict=True))
    return build_dataset(strategy, load_bars=serve(bars))


def daily(num_bars: int, *, seed: int = 1, skip_days: int = 0) -> Bars:
    """A random walk, a bar a day, that begins `skip_days` later."""
    bars = random_bars(num_bars + skip_days, seed=seed, seconds=DAY)
    return bars.rows(slice(skip_days, None))

"""Files in the shapes of the original KTRDR's strategies, in words and figures of our own."""

import copy
from typing import Any

from tests.training.strategy.documents import text_of

Data = dict[str, Any]

HOURS = {"mode": "single", "timeframe": "1h"}
FINER = {"mode": "multi_timeframe", "list": ["5m", "1h"], "base_timeframe": "1h"}
LISTED = {"mode": "single", "list": ["1h"], "base_timeframe": "1h"}
RSI = {"speed": {"type": "rsi", "period": 12}}
MACD = {"cross": {"type": "macd", "fast": 9, "slow": 21, "signal": 7}}
SPEED = {"pace": {"indicator": "speed", "slow": [5, 25, 45], "quick": [55, 75, 95]}}
ACTED = {"position_awareness": True, "filters": {"min_signal_separation": 6}}

BASE: Data = {
    "name": "as_there",
    "version": "3.0",
    "description": "A file as the original would have it.",
    "training_data": {
        "symbols": {"mode": "single", "symbol": "EURUSD"},
        "timeframes": HOURS,
        "history_required": 400,
    },
    "indicators": RSI,
    "fuzzy_sets": SPEED,
    "nn_inputs": [{"fuzzy_set": "pace", "timeframes": "all"}],
    "model": {
        "type": "mlp",
        "architecture": {"hidden_layers": [16, 8], "output_activation": "softmax"},
        "features": {"lookback_periods": 2},
        "training": {"epochs": 50},
    },
    "training": {
        "method": "supervised",
        "labels": {"source": "zigzag", "zigzag_threshold": 0.025, "label_lookahead": 20},
        "data_split": {"train": 0.7, "validation": 0.15, "test": 0.15},
    },
    "decisions": {"output_format": "classification", "confidence_threshold": 0.6, **ACTED},
}

BARRIERS = {"source": "triple_barrier", "pt_multiplier": 2.5, "max_holding_period": 24}
IGNORED = {
    "source": "triple_barrier",
    "profit_target_atr": 2.0,
    "stop_loss_atr": 1.0,
    "max_holding_bars": 12,
    "atr_period": 10,
}
LSTM = {"type": "lstm", "architecture": {"sequence_length": 10, "hidden_size": 12}}
RETURNS: Data = {
    "training.labels": {"source": "forward_return", "horizon": 15},
    "training.loss": "huber",
    "training.huber_delta": 0.02,
    "decisions": {
        "output_format": "regression",
        "cost_model": {"round_trip_cost": 0.002, "min_edge_multiplier": 1.2},
        **ACTED,
    },
    "indicators": {**RSI, **MACD},
    "fuzzy_sets": {**SPEED, "way": {"indicator": "cross.line", "up": [0, 0.001, 0.002]}},
    "nn_inputs": [{"fuzzy_set": "pace"}, {"fuzzy_set": "way", "timeframes": "all"}],
}
CAPITALS: Data = {
    "indicators": {"speed": {"type": "RSI", "period": 12}, **MACD},
    "fuzzy_sets": {**SPEED, "way": {"indicator": "cross.histogram", "up": [0, 0.001, 0.002]}},
    "nn_inputs": [{"fuzzy_set": "pace"}, {"fuzzy_set": "way"}],
    "training.labels": BARRIERS,
    "training.lr_scheduler": True,
    "decisions.num_classes": 3,
    "decisions.cost_model": {"round_trip_cost": 0.0003, "min_edge_multiplier": 2.0},
}
GAUSSIAN = {
    "pace": {
        "indicator": "speed",
        "slow": {"type": "gaussian", "parameters": [30, 12]},
        "quick": {"type": "gaussian", "parameters": [70, 12]},
    }
}


def with_indicator(name: str, content: Data, reference: str, normalization: str = "zscore") -> Data:
    return {
        "indicators": {**RSI, name: content},
        "nn_inputs": [
            {"fuzzy_set": "pace", "timeframes": "all"},
            {"raw_indicator": reference, "timeframes": "all", "normalization": normalization},
        ],
    }


SHAPES: dict[int, Data] = {
    1: {},
    2: with_indicator("size", {"type": "atr", "period": 10}, "size"),
    3: with_indicator("force", {"type": "adx", "period": 10}, "force.plus_di"),
    4: {
        "training_data.timeframes": {
            "mode": "multi_timeframe",
            "list": ["1h", "4h", "1d"],
            "base_timeframe": "1h",
        },
        "training_data.history_required": 200,
    },
    5: {
        "training_data.timeframes": {
            "mode": "multi_timeframe",
            "list": ["1h", "4h"],
            "base_timeframe": "1h",
        }
    },
    6: {"training_data.symbols": {"mode": "multi_symbol", "list": ["EURUSD", "GBPUSD", "USDJPY"]}},
    7: {"training_data.timeframes": FINER},
    8: {"training_data.timeframes": FINER, "model": LSTM},
    9: {
        "training_data.timeframes": FINER,
        "training.lr_scheduler": {"type": "reduce_on_plateau", "factor": 0.4, "patience": 4},
    },
    10: {"training_data.timeframes": FINER, "training.lr_scheduler": True},
    11: {"training_data.timeframes": FINER, "training.lr_scheduler": True, "model": LSTM},
    12: {
        "training_data.timeframes": FINER,
        "indicators": {
            **RSI,
            "bands": {"type": "bbands", "period": 18},
            "cross": {"type": "macd"},
        },
        "nn_inputs": [
            {"fuzzy_set": "pace", "timeframes": ["5m"]},
            {"raw_indicator": "cross", "timeframes": ["1h"]},
            {"raw_indicator": "bands.upper", "timeframes": ["1h"]},
        ],
    },
    13: {
        "training_data.timeframes": FINER,
        "training.labels": IGNORED,
        "model": LSTM,
        "fuzzy_sets": GAUSSIAN,
    },
    14: {"training_data.timeframes": FINER, "training.labels": IGNORED, "fuzzy_sets": GAUSSIAN},
    15: CAPITALS,
    16: {**CAPITALS, "model": LSTM},
    17: RETURNS,
    18: {**RETURNS, "training.epochs": 40},
    19: {"training.labels": {"source": "regime", "atr_period": 14}},
    20: {"training.labels": {"source": "context", "lookback": 60}},
    21: {
        "context_data": [{"provider": "rates", "series": ["SHORT", "LONG"]}],
        "indicators.spread": {"type": "rsi", "period": 9, "data_source": "SHORT"},
        "training.validation_split": 0.2,
    },
    22: {
        "training_data.timeframes": LISTED,
        "training_data.symbols": {"mode": "single", "list": ["EURUSD"]},
    },
    23: {
        "training_data.timeframes": LISTED,
        "indicators": {
            "speed": {"type": "RSI", "period": 12, "source": "close"},
            "tight": {"type": "squeeze", "period": 16},
        },
        "nn_inputs": [{"fuzzy_set": "pace"}, {"raw_indicator": "tight"}],
    },
    24: {"training.labels": None},
}
"""By number, what differs from `BASE`: dotted paths."""

REFUSED = {19: "training.labels.source", 20: "training.labels.source", 21: "context_data"}
"""And where it says so."""


def shaped(changes: Data) -> Data:
    data = copy.deepcopy(BASE)
    for path, value in changes.items():
        *parents, last = path.split(".")
        node = data
        for parent in parents:
            node = node[parent]
        node[last] = copy.deepcopy(value)
    return data


def text(number: int) -> str:
    return text_of(shaped(SHAPES[number]))

"""A valid strategy to vary, as data and as text."""

import copy
from collections.abc import Iterator
from typing import Any

import yaml

from training.strategy import Fault, StrategyInvalid, load_strategy

Place = tuple[str | int, ...]
REMOVED = object()

VALID: dict[str, Any] = {
    "name": "varied",
    "version": "3.0",
    "training_data": {
        "symbols": {"mode": "multi_symbol", "list": ["SP500", "NASDAQ"]},
        "timeframes": {
            "mode": "multi_timeframe",
            "list": ["1d", "1w"],
            "base_timeframe": "1d",
        },
    },
    "indicators": {
        "rsi_14": {"type": "rsi", "period": 14},
        "macd_std": {"type": "macd"},
        "adx_14": {"type": "adx"},
    },
    "fuzzy_sets": {
        "momentum": {
            "indicator": "rsi_14",
            "low": [0, 30, 45],
            "high": {"type": "gaussian", "parameters": [70, 12]},
        },
        "trend": {
            "indicator": "adx_14.adx",
            "weak": {"type": "trapezoidal", "parameters": [-1, 0, 15, 25]},
        },
    },
    "nn_inputs": [
        {"fuzzy_set": "momentum", "timeframes": "all"},
        {"fuzzy_set": "trend", "timeframes": ["1d"]},
        {"raw_indicator": "macd_std.histogram", "normalization": "zscore"},
    ],
    "model": {"type": "mlp", "architecture": {"hidden_layers": [8]}},
    "training": {
        "labels": {"source": "triple_barrier"},
        "lr_scheduler": {"type": "step"},
        "early_stopping": {"patience": 5},
        "data_split": {"train": 0.7, "validation": 0.15, "test": 0.15},
    },
    "decisions": {"output_format": "classification", "cost_model": {"round_trip_cost": 0.001}},
}


def varied(changes: dict[Place, Any]) -> dict[str, Any]:
    """The valid strategy with other values in some places."""
    data = copy.deepcopy(VALID)
    for place, value in changes.items():
        node: Any = data
        for part in place[:-1]:
            node = node[part]
        if value is REMOVED:
            del node[place[-1]]
        else:
            node[place[-1]] = value
    return data


def text_of(data: Any) -> str:
    return yaml.safe_dump(data, sort_keys=False)


def faults_of(changes: dict[Place, Any], *, lenient: bool = False) -> tuple[Fault, ...]:
    """What is wrong with the valid strategy after some changes."""
    return faults_in(text_of(varied(changes)), lenient=lenient)


def faults_in(text: str, *, lenient: bool = False) -> tuple[Fault, ...]:
    try:
        load_strategy(text, source="test", lenient=lenient)
    except StrategyInvalid as error:
        return error.faults
    return ()


def warnings_of(changes: dict[Place, Any]) -> list[str]:
    loaded = load_strategy(text_of(varied(changes)), source="test")
    return [str(warning) for warning in loaded.warnings]


def mappings(data: Any, place: Place = ()) -> Iterator[Place]:
    if isinstance(data, dict):
        yield place
        for key, value in data.items():
            yield from mappings(value, (*place, key))
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from mappings(value, (*place, position))


VALID_HEAD = text_of(
    {key: part for key, part in VALID.items() if key not in ("fuzzy_sets", "nn_inputs")}
)


def unknown_words(known: str, asked: str) -> str:
    """Half a hundred long ids that are there, and a hundred that are nearly one of them."""
    ids = (f"x{known[:37]}{number}" for number in range(10, 60))
    sets = (f"  {name}: {{indicator: rsi_14, a: [0, 1, 2]}}\n" for name in ids)
    inputs = (f"- {{fuzzy_set: x{asked}{number}}}\n" for number in range(10, 99))
    return VALID_HEAD + f"fuzzy_sets:\n{''.join(sets)}nn_inputs:\n{''.join(inputs)}"

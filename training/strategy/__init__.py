"""The strategy grammar: strict, free of torch and of the database, all faults at once."""

from training.strategy.faults import Fault, StrategyInvalid, StrategyNotFound
from training.strategy.library import SKELETON, StrategyFile, find_strategy, list_strategies
from training.strategy.loading import LoadedStrategy, load_strategy
from training.strategy.overrides import apply_overrides
from training.strategy.strategy import Strategy

__all__ = [
    "SKELETON",
    "Fault",
    "LoadedStrategy",
    "Strategy",
    "StrategyFile",
    "StrategyInvalid",
    "StrategyNotFound",
    "apply_overrides",
    "find_strategy",
    "list_strategies",
    "load_strategy",
]

"""What is computed for each feature of a strategy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.strategy import Strategy
from training.strategy.fuzzy_sets import Membership
from training.strategy.nn_inputs import FuzzyInput, NnInput, Normalization, timeframes_of
from training.strategy.values import Timeframe


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One column of the feature matrix."""

    id: str
    """`1d_momentum_low` or `1d_macd_std.histogram_raw`."""

    timeframe: Timeframe
    indicator: str
    """Id of the indicator."""

    output: str
    """Name of its output, `""` for an only one."""

    fuzzy_set: str = ""
    """`1d_momentum`; empty for a raw input."""

    membership: Membership | None = None
    """None for a raw input."""

    normalization: Normalization = "none"
    """How a raw input is scaled."""


def plan_features(strategy: Strategy) -> tuple[Feature, ...]:
    """Return the features in the order of the network's inputs: as `strategy.feature_ids()`."""
    return tuple(
        feature
        for given in strategy.nn_inputs
        for timeframe in timeframes_of(given, strategy.timeframes)
        for feature in _features(strategy, given, timeframe)
    )


def settle_length(strategy: Strategy, features: Sequence[Feature], timeframe: Timeframe) -> int:
    """Return how many bars of a timeframe pass before all its features have settled."""
    used = {feature.indicator for feature in features if feature.timeframe == timeframe}
    settle = strategy.training_data.settle
    return max((strategy.indicators[name].settle_length(settle) for name in used), default=1)


def _features(strategy: Strategy, given: NnInput, timeframe: Timeframe) -> Iterator[Feature]:
    if not isinstance(given, FuzzyInput):
        indicator, _, output = given.raw_indicator.partition(".")
        yield Feature(
            id=given.feature_id(timeframe),
            timeframe=timeframe,
            indicator=indicator,
            output=output,
            normalization=given.normalization,
        )
        return
    fuzzy_set = strategy.fuzzy_sets[given.fuzzy_set]
    indicator, _, output = fuzzy_set.indicator.partition(".")
    for name, membership in fuzzy_set.memberships.items():
        yield Feature(
            id=given.feature_id(timeframe, name),
            timeframe=timeframe,
            indicator=indicator,
            output=output,
            fuzzy_set=f"{timeframe}_{given.fuzzy_set}",
            membership=membership,
        )

"""What is computed for each feature of a strategy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from training.strategy import Strategy
from training.strategy.fuzzy_sets import FuzzySet, Membership
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
    """None for a raw input, and for a value whose memberships are learned."""

    learned: FuzzySet | None = None
    """Of a value whose memberships the network learns: the set as the strategy has it."""

    normalization: Normalization = "none"
    """How a raw input is scaled."""

    @property
    def source(self) -> str:
        """What it is made of: `1d_rsi_14`, or `1d_macd_std.histogram` of one output of several."""
        return f"{self.group}.{self.output}" if self.output else self.group

    @property
    def group(self) -> str:
        """The indicator, with its timeframe: all inputs that are made of it are one group."""
        return f"{self.timeframe}_{self.indicator}"

    @property
    def is_raw(self) -> bool:
        return self.membership is None and self.learned is None


def plan_features(strategy: Strategy) -> tuple[Feature, ...]:
    """Return the columns in the order of the network's inputs: one for each of them, or one for
    all memberships of a set that are learned."""
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
    name = f"{timeframe}_{given.fuzzy_set}"
    column = Feature(
        id=name,
        timeframe=timeframe,
        indicator=indicator,
        output=output,
        fuzzy_set=name,
        learned=fuzzy_set,
    )
    yield from (column,) if fuzzy_set.learn else of_column(column, fuzzy_set.memberships)


def network_inputs(features: Iterable[Feature]) -> tuple[Feature, ...]:
    """Return what the network sees of some columns: as `strategy.feature_ids()` of all of them."""
    return tuple(
        seen
        for feature in features
        for seen in (
            of_column(feature, feature.learned.memberships) if feature.learned else (feature,)
        )
    )


def of_column(column: Feature, memberships: Mapping[str, Membership]) -> Iterator[Feature]:
    """Yield a feature for each membership of the column's values."""
    for name, membership in memberships.items():
        yield replace(column, id=f"{column.id}_{name}", membership=membership, learned=None)

"""Where the parts of a strategy lie on the bars there are now. Free of torch, and of labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.features.arrays import Int64Array
from training.features.coverage import require_training_rows
from training.features.errors import TooFewBars
from training.features.history import LoadBars, data_fingerprints, load_history
from training.features.plan import plan_features
from training.features.splits import Part, cut, refuse_empty_parts
from training.launch.memory import Size
from training.launch.reached import reached
from training.launch.request import Cuts, Ranges, TrainingRequest
from training.market_data import load_bars as load_imported_bars
from training.market_data.pinned import PinnedBars, pinned_or_today
from training.market_data.report import as_text
from training.strategy import Strategy
from training.strategy.data_split import DateSplit, RangeSplit
from training.strategy.indicators.base import OF_0_1_0
from training.strategy.overrides import apply_settings


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The rows of each part, by bar times alone."""

    data: dict[str, str]
    """Fingerprints of the bars used, by `SYMBOL/timeframe`."""
    imports: dict[str, int]
    """The imports that they come from."""
    cuts: Cuts
    trained: tuple[Ranges, ...]
    """The bars of each run that is trained on, as `reached` says."""
    scored: dict[str, tuple[Ranges, ...]]
    """Likewise those of validation and test, by part."""
    size: Size

    def of(self, request: TrainingRequest) -> TrainingRequest:
        """The request on these bars."""
        where = {"data": self.data, "imports": self.imports}
        where |= {"cuts": self.cuts, "trained": self.trained}
        return request.model_copy(update=where)


def lay_out(
    strategy: Strategy,
    *,
    imports: Mapping[str, int] | None = None,
    load_bars: LoadBars | None = None,
) -> Layout:
    """Look at the bars that a strategy uses: of these imports, where all are there; else today's.

    `load_bars` has others in their place, which come from no import.

    Raises `MarketDataMissing` and its kind, `TooFewBars`, `TooFewTrainingRows`, and `EmptyPart`.
    """
    features = plan_features(strategy)
    pinned = PinnedBars(imports={})
    if load_bars is None:
        pinned = pinned_or_today(imports, strategy.symbols, strategy.timeframes)
        load_bars = pinned.load_bars
    histories = [load_history(strategy, symbol, features, load_bars) for symbol in strategy.symbols]
    periods = [history.periods for history in histories]
    parts = cut(periods, strategy.training.data_split)
    ranges = reached(strategy, histories, parts)
    trainable = sum(
        rows.size for rows in require_training_rows(strategy, histories, parts)["train"]
    )
    refuse_empty_parts(
        {name: len(runs) for name, runs in ranges.items()} | {"train": trainable},
        [history.times for history in histories],
        sequence_length=strategy.sequence_length,
    )
    return Layout(
        data=data_fingerprints(histories),
        imports=dict(pinned.imports),
        cuts=Cuts(
            validation_start=as_text(parts["train"].end),
            test_start=as_text(parts["validation"].end),
        ),
        trained=ranges.pop("train"),
        scored=ranges,
        size=Size(
            rows=sum(one.size for one in periods),
            bars=sum(len(bars) for history in histories for bars in history.bars.values()),
            trained=_count(parts["train"], periods),
            scored=max(_count(parts["validation"], periods), _count(parts["test"], periods)),
        ),
    )


def fingerprints_of_0_1_0(
    strategy: Strategy, *, load_bars: LoadBars = load_imported_bars
) -> dict[str, str]:
    """Fingerprints of today's bars, as 0.1.0 took them: its indicators settled for longer.

    Empty where they would not be enough.
    """
    data = strategy.training_data.model_copy(update={"settle": OF_0_1_0})
    before, features = strategy.model_copy(update={"training_data": data}), plan_features(strategy)
    try:
        return data_fingerprints(
            [load_history(before, symbol, features, load_bars) for symbol in strategy.symbols]
        )
    except TooFewBars:
        return {}


def with_cuts(strategy: Strategy, cuts: Cuts) -> Strategy:
    """The same strategy, split at these dates where it is split by fractions."""
    split = strategy.training.data_split
    if isinstance(split, DateSplit | RangeSplit):
        return strategy
    dated = {**cuts.model_dump(), "purge": split.purge, "embargo": split.embargo}
    return apply_settings(strategy.snapshot(), {"training.data_split": dated})


def _count(part: Part, periods: Sequence[Int64Array]) -> int:
    return sum(part.rows(one).size for one in periods)

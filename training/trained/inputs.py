"""What a model sees of a symbol's bars, from the feature code of its training. Free of torch."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from operations.errors import InvalidInput
from training.features.arrays import Float32Array
from training.features.errors import TooFewBars, TooFewBarsToPredict
from training.features.history import History, arrange
from training.features.matrix import FeatureColumns
from training.features.plan import Feature, plan_features
from training.strategy import Strategy
from training.strategy.values import SYMBOL, SYMBOL_TEXT, Timeframe
from training.trained.bundle_reader import TrainedNetwork
from training.trained.knowledge import Knowledge
from training.trained.supply import PriceFile, Supply, file_supply, stored_supply


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """One symbol's bars, and how a model makes its inputs of them."""

    strategy: Strategy
    symbol: str
    features: tuple[Feature, ...]
    """In the order of the network's inputs."""
    knowledge: Knowledge
    any_symbol: bool
    """Whether a symbol that was not trained on is asked on purpose."""
    supply: Supply
    history: History

    def columns(self, rows: slice) -> FeatureColumns:
        """What the features of some rows are made of. Raises `IndicatorNotFinite`."""
        later = replace(self.history, first_row=self.history.first_row + rows.start)
        return FeatureColumns(self.strategy, later, self.features)

    def matrix(self, columns: FeatureColumns, num_rows: int) -> Float32Array:
        """[num_rows, features]: what the network sees of the first rows of `columns`.

        Raises `SymbolNotTrained`.
        """
        matrix = np.empty((num_rows, len(self.features)), np.float32)
        columns.fill(matrix, self.knowledge.scalings(any_symbol=self.any_symbol))
        return matrix


def read_inputs(
    network: TrainedNetwork,
    *,
    symbol: str | None = None,
    any_symbol: bool = False,
    file: PriceFile | None = None,
) -> Inputs:
    """Of the stored bars, or those of a file after the stored ones that it continues.

    `symbol` may be left out where the model was trained on one only. Raises `InvalidInput`,
    `SymbolNotTrained`, `CumulativeInput`, `OtherTimeframe`, `TooFewBarsToPredict`, and what the
    data raise.
    """
    strategy = Strategy.from_snapshot(network.manifest["strategy"])
    known = _known_symbol(strategy, symbol)
    features = features_of(strategy, network)
    knowledge = Knowledge(network.manifest, strategy, features, known)
    knowledge.scalings(any_symbol=any_symbol)  # refused before anything is read
    supply = knowledge.as_trained(_supply(strategy, known, file, knowledge))
    window = network.manifest["sequence_length"]
    return Inputs(
        strategy=strategy,
        symbol=known,
        features=features,
        knowledge=knowledge,
        any_symbol=any_symbol,
        supply=supply,
        history=_arranged(strategy, known, features, supply, window),
    )


def features_of(strategy: Strategy, network: TrainedNetwork) -> tuple[Feature, ...]:
    """In the order of the network's inputs."""
    by_id = {feature.id: feature for feature in plan_features(strategy)}
    return tuple(by_id[feature_id] for feature_id in network.manifest["feature_ids"])


def _known_symbol(strategy: Strategy, given: str | None) -> str:
    if given is not None:
        if not re.fullmatch(SYMBOL, given):
            raise InvalidInput(reason=f"symbol: {SYMBOL_TEXT}")
        return given
    if len(strategy.symbols) > 1:
        known = ", ".join(strategy.symbols)
        raise InvalidInput(reason=f"The model was trained on {known}: say which symbol it is.")
    return strategy.symbols[0]


def _supply(
    strategy: Strategy, symbol: str, file: PriceFile | None, knowledge: Knowledge
) -> Supply:
    if file is None:
        return stored_supply(strategy, symbol)
    return file_supply(strategy, symbol, file, trained=knowledge.readings())


def _arranged(
    strategy: Strategy, symbol: str, features: Sequence[Feature], supply: Supply, window: int
) -> History:
    """Raises `TooFewBarsToPredict`."""
    try:
        history = arrange(strategy, symbol, features, supply.bars)
    except TooFewBars as error:
        raise _too_few(window, base=strategy.base_timeframe, **error.details) from error
    if history.times.size < window:
        raise _too_few(
            window,
            base=history.base,
            symbol=symbol,
            timeframe=history.base,
            num_bars=len(history.bars[history.base]),
            settle_length=history.first_row + 1,
        )
    return history


def _too_few(
    window: int,
    *,
    base: Timeframe,
    symbol: str,
    timeframe: Timeframe,
    num_bars: int,
    settle_length: int,
) -> TooFewBarsToPredict:
    """A network sees a whole window of base bars, the first of them settled."""
    seen = window if timeframe == base else 1
    reason = f"{settle_length} until its inputs have settled"
    return TooFewBarsToPredict(
        symbol=symbol,
        timeframe=timeframe,
        num_bars=num_bars,
        needed=settle_length + seen - 1,
        reason=f"{reason}, {seen} settled ones at once" if seen > 1 else reason,
    )

"""The feature matrix: indicators computed once each, memberships written row block by row block."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import numpy as np

from training.features.arrays import BoolArray, Float32Array, Float64Array, Int64Array
from training.features.errors import IndicatorNotFinite
from training.features.history import History
from training.features.indicators.compute import compute_indicator
from training.features.indicators.prices import Prices
from training.features.learned_sets import FARTHEST, scale_of
from training.features.memberships import fill_membership
from training.features.normalization import Fit, Scaling, fill_scaled, fit_scaling
from training.features.plan import Feature
from training.features.progress import Progress
from training.features.splits import Part
from training.strategy import Strategy
from training.strategy.values import Timeframe

BLOCK_ROWS = 4096  # a block of a hundred features stays in the second-level cache


@dataclass(frozen=True, kw_only=True)
class FeatureMatrix:
    """The features of all symbols, and how their raw inputs were scaled."""

    values: Float32Array
    """[rows, features], one symbol after another."""

    fits: Mapping[str, Mapping[str, Fit]]
    """By symbol and feature id."""

    medians: Mapping[str, Mapping[str, float]]
    """Of what the features are made of, on the training rows: by symbol and `Feature.source`."""

    def normalization(self) -> dict[str, dict[str, dict[str, str | float]]]:
        """Return method, offset and scale of each raw input, by symbol and feature id."""
        return {
            symbol: {name: asdict(fit.scaling) for name, fit in fits.items()}
            for symbol, fits in self.fits.items()
        }

    def fitted_ranges(self) -> dict[str, dict[str, list[float]]]:
        """Return [lowest, highest] of each raw input on its training rows, likewise."""
        return {
            symbol: {name: [*fit.fitted_range] for name, fit in fits.items()}
            for symbol, fits in self.fits.items()
        }

    def outside_range(self) -> dict[str, dict[str, dict[str, float]]]:
        """Return the share of a later part's rows outside it: by symbol, feature id and part."""
        return {
            symbol: {name: dict(fit.outside) for name, fit in fits.items()}
            for symbol, fits in self.fits.items()
        }


def build_matrix(
    strategy: Strategy,
    histories: Sequence[History],
    features: Sequence[Feature],
    parts: Mapping[str, Part],
    progress: Progress,
) -> FeatureMatrix:
    """Compute the features of all symbols, and fit their raw inputs to the training part.

    Every symbol has a row in it. One symbol at a time, so that only one symbol's indicators are in
    memory.

    Raises:
        IndicatorNotFinite: an indicator has no value after its settle length.
    """
    values = np.empty((sum(history.times.size for history in histories), len(features)), np.float32)
    fits, medians, first = {}, {}, 0
    for history in histories:
        progress(f"Computing the features of {history.symbol}")
        columns = FeatureColumns(strategy, history, features)
        rows = slice(first, first + history.times.size)
        # On all rows of the training part, purged ones too: which rows are purged depends on
        # prices after the part, and nothing that is learned may.
        own = {name: part.rows(history.periods) for name, part in parts.items()}
        fits[history.symbol] = columns.fit(own)
        medians[history.symbol] = columns.medians(own["train"])
        scalings = {name: fit.scaling for name, fit in fits[history.symbol].items()}
        columns.fill(values[rows], scalings)
        first = rows.stop
    return FeatureMatrix(values=values, fits=fits, medians=medians)


class FeatureColumns:
    """The values that the features of one symbol are made of.

    Computing is done here, writing in `fill`: scalings are fitted in between.

    Raises:
        IndicatorNotFinite: an indicator has no value after its settle length.
    """

    def __init__(self, strategy: Strategy, history: History, features: Sequence[Feature]) -> None:
        self._history = history
        self._features = features
        self._outputs: dict[tuple[Timeframe, str, str], Float64Array] = {}
        for timeframe in dict.fromkeys(feature.timeframe for feature in features):
            self._compute(strategy, timeframe)

    def _compute(self, strategy: Strategy, timeframe: Timeframe) -> None:
        """Compute each indicator of a timeframe once, and keep the outputs that are used."""
        used = [feature for feature in self._features if feature.timeframe == timeframe]
        prices = Prices(self._history.bars[timeframe])
        for indicator in dict.fromkeys(feature.indicator for feature in used):
            outputs = compute_indicator(strategy.indicators[indicator], prices)
            for name in {feature.output for feature in used if feature.indicator == indicator}:
                self._check_finite(indicator, timeframe, outputs[name])
                self._outputs[timeframe, indicator, name] = outputs[name]

    def _check_finite(self, indicator: str, timeframe: Timeframe, values: Float64Array) -> None:
        first = self._history.first_bar(timeframe)
        finite = np.isfinite(values[first:])
        if finite.all():
            return
        bar = first + int(np.argmin(finite))
        time = datetime.fromtimestamp(int(self._history.bars[timeframe].times[bar]), UTC)
        raise IndicatorNotFinite(
            indicator=indicator,
            time=f"{time:%Y-%m-%d %H:%M} UTC",
            symbol=self._history.symbol,
            timeframe=timeframe,
        )

    def fit(self, parts: Mapping[str, Int64Array]) -> dict[str, Fit]:
        """Fit each raw input to the rows of the training part, dropped ones left out; by id."""
        kept = self._history.whole_windows(1)
        number = np.cumsum(kept) - 1
        among = {name: number[rows[kept[rows]]] for name, rows in parts.items()}
        later = {name: rows for name, rows in among.items() if name != "train"}
        every_row = slice(0, self._history.times.size)
        return {
            feature.id: fit_scaling(
                feature.normalization,
                self._kept(feature, every_row, kept),
                among["train"],
                later=later,
            )
            for feature in self._features
            if feature.is_raw
        }

    def medians(self, rows: Int64Array) -> dict[str, float]:
        """Return the median of what features are made of on some rows, dropped ones left out."""
        every_row = slice(0, self._history.times.size)
        kept = rows[self._history.whole_windows(1)[rows]]
        return {
            feature.source: float(np.median(self.values(feature, every_row)[kept]))
            for feature in {feature.source: feature for feature in self._features}.values()
        }

    def _kept(self, feature: Feature, rows: slice, kept: BoolArray) -> Float64Array:
        values = self.values(feature, rows)
        return values if kept.all() else values[kept]

    def values(self, feature: Feature, rows: slice) -> Float64Array:
        """Return what a feature is made of on some rows, before it is scaled or made fuzzy."""
        bars = self._history.visible_bars(feature.timeframe, rows)
        return self._outputs[feature.timeframe, feature.indicator, feature.output][bars]

    def fill(self, matrix: Float32Array, scalings: Mapping[str, Scaling]) -> None:
        """Write all features of all rows; `scalings` are the raw inputs', by feature id."""
        for block in _blocks(len(matrix)):
            for column, feature in enumerate(self._features):
                values, out = self.values(feature, block), matrix[block, column]
                fill_column(feature, values, scalings, out)


def fill_column(
    feature: Feature, values: Float64Array, scalings: Mapping[str, Scaling], out: Float32Array
) -> None:
    """Write what a feature makes of values into a (strided) column."""
    if feature.membership is not None:
        fill_membership(values, feature.membership, out)
    elif feature.learned is not None:
        fill_scaled(values, *scale_of(feature.learned), out)
        np.clip(out, -FARTHEST, FARTHEST, out=out)
    else:
        scaling = scalings[feature.id]
        fill_scaled(values, scaling.offset, scaling.scale, out)


def _blocks(num_rows: int) -> Iterator[slice]:
    for first in range(0, num_rows, BLOCK_ROWS):
        yield slice(first, min(first + BLOCK_ROWS, num_rows))

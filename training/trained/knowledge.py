"""What a trained model knows of its inputs: refuses those it cannot know, notes those it may not.

Bundles of 0.1.0 have neither `fitted_ranges`, `data_ranges` nor `readings`: what needs them is
left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.errors import CumulativeInput, SymbolNotKnown, SymbolNotTrained
from training.features.arrays import BoolArray
from training.features.history import History
from training.features.matrix import FeatureColumns
from training.features.normalization import Scaling, share_outside
from training.features.plan import Feature, network_inputs
from training.market_data.bars import Bars
from training.market_data.reading.record import Reading
from training.market_data.report import as_text
from training.strategy import Strategy
from training.strategy.values import Timeframe
from training.trained.notes import Note, NoteCode
from training.trained.supply import Supply
from training.trained.tested import fitted_rows

MANY = 0.05
"""Share of the bars above which inputs that the model does not know are noted."""


class Knowledge:
    """What the manifest of one model says of one symbol's inputs."""

    def __init__(
        self,
        manifest: Mapping[str, Any],
        strategy: Strategy,
        features: Sequence[Feature],
        symbol: str,
    ) -> None:
        self._manifest = manifest
        self._strategy = strategy
        self._features = features
        self._symbol = symbol

    @property
    def is_trained(self) -> bool:
        """Whether the symbol is one of those trained on."""
        return self._symbol in self._strategy.symbols

    def readings(self) -> list[Reading]:
        """How files of the symbol were read for the training, the newest first."""
        kept: Sequence[dict[str, Any]] = self._manifest.get("readings", {}).get(self._symbol, ())
        known = (Reading.from_json(stored) for stored in kept)
        return [reading for reading in known if reading is not None]

    def scalings(self, *, any_symbol: bool) -> dict[str, Scaling]:
        """The scaling of each raw input as fitted in training, by feature id.

        Raises `SymbolNotTrained`.
        """
        trained = [name for name in self._strategy.symbols if not self._without_fit(name)]
        known, symbol = ", ".join(trained), self._symbol
        if missing := self._without_fit(symbol):
            raise SymbolNotTrained(known=known, symbol=symbol, features=", ".join(missing))
        if not self.is_trained and not any_symbol:
            raise SymbolNotKnown(known=known, symbol=symbol)
        unscaled = {feature.id: Scaling(method="none") for feature in self._features}
        return unscaled | {name: Scaling(**values) for name, values in self._fits(symbol).items()}

    def _without_fit(self, symbol: str) -> list[str]:
        """Inputs that have to be scaled and cannot be, as of a symbol that began too late."""
        fits = self._fits(symbol)
        return [
            feature.id
            for feature in self._features
            if feature.normalization != "none"
            and fits.get(feature.id, {"method": "none"})["method"] == "none"
        ]

    def _fits(self, symbol: str) -> dict[str, dict[str, Any]]:
        fits: dict[str, dict[str, Any]] = self._manifest["normalization"].get(symbol, {})
        return fits

    def as_trained(self, supply: Supply) -> Supply:
        """Bars from the first one of the training on, where inputs or events add up from there.

        Raises `CumulativeInput` where an input does, and that bar is not known, or a file is apart
        from it. A CUSUM filter then sums from the first bar that there is.
        """
        for feature in self._features:
            if not self._strategy.indicators[feature.indicator].cumulative:
                continue
            if (reason := self._begins_elsewhere(feature.timeframe, supply)) is not None:
                raise CumulativeInput(feature=feature.id, symbol=self._symbol, reason=reason)
            supply = self._from_training(feature.timeframe, supply)
        base = self._strategy.base_timeframe
        if self._has_events and self._begins_elsewhere(base, supply) is None:
            supply = self._from_training(base, supply)
        return supply

    @property
    def _has_events(self) -> bool:
        """Whether the model decides on the events of a CUSUM filter only."""
        return getattr(self._strategy.training.labels, "cusum_threshold", None) is not None

    def _begins_elsewhere(self, timeframe: Timeframe, supply: Supply) -> str | None:
        if supply.apart is not None:
            return f"the file does not join the stored bars of {self._symbol} ({supply.apart})"
        trained, times = self._trained_range(timeframe), supply.bars[timeframe].times
        if trained is None or np.isin(trained["first"], times):
            return None
        first = as_text(trained["first"])
        return f"among the {timeframe} bars of {self._symbol} there is none of {first} any more"

    def _from_training(self, timeframe: Timeframe, supply: Supply) -> Supply:
        trained = self._trained_range(timeframe)
        if trained is None:
            return supply
        bars = supply.bars[timeframe].between(trained["first"], None)
        return replace(supply, bars={**supply.bars, timeframe: bars})

    def _trained_range(self, timeframe: str) -> dict[str, int] | None:
        ranges: dict[str, dict[str, int]] = self._manifest.get("data_ranges", {})
        return ranges.get(f"{self._symbol}/{timeframe}")

    def about_symbol(self) -> Iterator[Note]:
        """That the model was not trained on it."""
        if not self.is_trained:
            yield Note(
                code=NoteCode.SYMBOL_NOT_TRAINED,
                text=f"The model was trained on {', '.join(self._strategy.symbols)}, not on "
                f"{self._symbol}: how well it does there was never tested.",
            )

    def fitted(self, history: History) -> BoolArray:
        """[rows]: those that were trained on, or chose the best epoch."""
        if not self.is_trained:
            return np.zeros(history.times.size, np.bool_)
        return fitted_rows(self._strategy, history, self._manifest["evaluation"]["first_time"])

    def about_times(self, history: History, rows: slice) -> Iterator[Note]:
        """That the model was fitted on some of the rows."""
        fitted, test_since = self.fitted(history), self._manifest["evaluation"]["first_time"]
        if fitted[rows].any():
            yield Note(
                code=NoteCode.NO_FORECAST,
                text=f"The model was fitted on bars {_fitted(history, fitted, test_since)}: what "
                "it says of those is no forecast.",
            )
        if seen_test := self._manifest.get("seen_test"):
            yield Note(
                code=NoteCode.NO_FORECAST,
                text=f"{seen_test}: what it says of bars that it was trained on is no forecast.",
            )

    def about_training_bars(self, supply: Supply) -> Iterator[Note]:
        """That bars of the time that was trained on are not what they were.

        A file that stands alone is compared only where it has that whole time.
        """
        for timeframe, bars in supply.bars.items():
            was = self._manifest["data_fingerprints"].get(f"{self._symbol}/{timeframe}")
            then = self._bars_of_training(timeframe, bars)
            if was is None or then is None:
                continue
            is_part = supply.apart is not None and self._begins_later(timeframe, then)
            if then.fingerprint() != was and not is_part:
                yield _changed(f"{timeframe} bars of {self._symbol}", was, then.fingerprint())

    def _bars_of_training(self, timeframe: Timeframe, bars: Bars) -> Bars | None:
        """Today's, of the time that was trained on; None where the manifest does not tell it."""
        trained = self._trained_range(timeframe)
        if trained is not None:
            return bars.between(trained["first"], trained["last"])
        data = self._strategy.training_data
        if timeframe == self._strategy.base_timeframe and data.start_date is None:
            return bars.between(None, data.end_seconds)
        return None  # fewer bars were in use, and 0.1.0 recorded no range

    def _begins_later(self, timeframe: Timeframe, bars: Bars) -> bool:
        trained = self._trained_range(timeframe)
        return trained is None or not len(bars) or int(bars.times[0]) > trained["first"]

    def about_values(
        self, columns: FeatureColumns, rows: slice, inputs: NDArray[Any]
    ) -> Iterator[Note]:
        """That many values on some rows are none that were trained on; `inputs` are what the
        network sees there."""
        if rows.start >= rows.stop:
            return
        outside = {
            feature.id: share_outside(columns.values(feature, rows), fitted)
            for feature in self._features
            if (fitted := self._fitted_range(feature)) is not None
        }
        if told := _shares(outside):
            text = f"Values lie outside the range of the training rows: {told} of the bars."
            yield Note(code=NoteCode.OUTSIDE_FITTED_RANGE, text=text)
        if told := _shares(dict(self._uncovered(inputs))):
            text = f"Values lie outside all fuzzy sets of the input: {told} of the bars."
            yield Note(code=NoteCode.OUTSIDE_FUZZY_SETS, text=text)

    def _fitted_range(self, feature: Feature) -> tuple[float, float] | None:
        """The fitted range of a raw input; without one of the symbol, that of all symbols."""
        fitted: dict[str, dict[str, list[float]]] = self._manifest.get("fitted_ranges", {})
        of_symbol = [fitted[self._symbol]] if self._symbol in fitted else list(fitted.values())
        known = [ranges[feature.id] for ranges in of_symbol if feature.id in ranges]
        if not known:
            return None
        return min(low for low, _ in known), max(high for _, high in known)

    def _uncovered(self, inputs: NDArray[Any]) -> Iterator[tuple[str, float]]:
        """The share of the rows on which all memberships of a fuzzy input are 0, by its id."""
        features = network_inputs(self._features)
        for name, group in groupby(range(len(features)), lambda place: features[place].fuzzy_set):
            if name:
                yield name, float((inputs[:, list(group)] == 0.0).all(axis=1).mean())


def _fitted(history: History, fitted: BoolArray, test_since: int) -> str:
    last = int(history.times[np.flatnonzero(fitted)[-1]])
    if last < test_since:
        return f"before {as_text(test_since)}"
    return f"up to {as_text(last)}, except for its test runs"


def _changed(bars: str, was: str, now: str) -> Note:
    return Note(
        code=NoteCode.TRAINING_BARS_CHANGED,
        text=f"The {bars} in the time that the model was trained on are not those that it was "
        f"trained on (fingerprint {was[:12]}… then, {now[:12]}… now): prices may have been "
        "adjusted since, as after a split. Its inputs may not mean what they meant.",
    )


def _shares(shares: Mapping[str, float]) -> str:
    """The inputs of which many values are outside, the worst first."""
    many = {name: share for name, share in shares.items() if share > MANY}
    worst = sorted(many, key=lambda name: -many[name])
    return ", ".join(f"{name} on {100 * many[name]:.0f} %" for name in worst)

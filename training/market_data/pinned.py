"""The bars that an operation was started with, whatever was imported since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from training.market_data.bars import Bars
from training.market_data.catalog import load_bars, load_version, readings_of, series_behind
from training.market_data.reading.record import Reading, Shape
from training.market_data.samples import SAMPLES, load_sample
from training.market_data.timeframes import resample, sources_of
from training.series.pinning import SAMPLE, pinned_import
from training.series.versions import current_import
from training.strategy import Strategy
from training.strategy.values import Timeframe


@dataclass(frozen=True, kw_only=True)
class PinnedBars:
    """Loads as `load_bars` does, from the imports that are named."""

    imports: Mapping[str, int]
    """Numbers by `SYMBOL/timeframe` of the series; 0 of a sample. Of other series today's count."""

    @classmethod
    def of_today(cls, symbols: Iterable[str], timeframes: Iterable[Timeframe]) -> Self:
        """The current imports of the series that bars of these symbols and timeframes come from."""
        names = list(timeframes)
        imports = {}
        for symbol in symbols:
            behind = series_behind(symbol)
            for source in dict.fromkeys(behind[name] for name in names if name in behind):
                current = current_import(symbol, source)
                imports[f"{symbol}/{source}"] = current.number if current else SAMPLE
        return cls(imports=imports)

    def load_bars(self, symbol: str, timeframe: Timeframe, *, end: int | None = None) -> Bars:
        """
        The bars of a symbol whose opens are not after `end`; today's where the pinned are gone.

        Raises as `load_bars`.
        """
        for source in (timeframe, *sources_of(timeframe)):
            bars = self._load(symbol, source)
            if bars is not None and source == timeframe:
                return bars.between(None, end)
            if bars is not None:
                return resample(bars.between(None, end), source=source, target=timeframe)
        return load_bars(symbol, timeframe, end=end)

    def readings_of(self, symbol: str, timeframe: Timeframe) -> list[Reading]:
        """
        How the files were read that the bars come from, the newest first; of each shape one.

        Of a timeframe that is resampled it is the newest one of the series that it is made of.
        """
        for source in (timeframe, *sources_of(timeframe)):
            number = self.imports.get(f"{symbol}/{source}")
            if number is not None:
                known = [] if number == SAMPLE else readings_of(symbol, source, up_to=number)
                return _one_a_shape(known) if source == timeframe else known[:1]
        return []

    def readings_by_symbol(self, strategy: Strategy) -> dict[str, list[Reading]]:
        """Of files at a strategy's base timeframe; a symbol without any is left out."""
        found = {
            symbol: self.readings_of(symbol, strategy.base_timeframe) for symbol in strategy.symbols
        }
        return {symbol: readings for symbol, readings in found.items() if readings}

    def _load(self, symbol: str, timeframe: Timeframe) -> Bars | None:
        number = self.imports.get(f"{symbol}/{timeframe}")
        if number is None:
            return None
        if number == SAMPLE:
            return load_sample(symbol, timeframe) if (symbol, timeframe) in SAMPLES else None
        one = pinned_import(f"{symbol}/{timeframe}", number)
        return None if one is None else load_version(one)


def readings_today(symbol: str, timeframe: Timeframe) -> list[Reading]:
    """`PinnedBars.readings_of` of the bars that count today."""
    return PinnedBars.of_today([symbol], [timeframe]).readings_of(symbol, timeframe)


def _one_a_shape(readings: Sequence[Reading]) -> list[Reading]:
    newest: dict[Shape | None, Reading] = {}
    for reading in readings:
        newest.setdefault(reading.shape, reading)
    return list(newest.values())


def pinned_or_today(
    imports: Mapping[str, int] | None, symbols: Iterable[str], timeframes: Iterable[Timeframe]
) -> PinnedBars:
    """Those that are named, where they are all there; else today's."""
    if imports is not None and all(
        number == SAMPLE or pinned_import(name, number) for name, number in imports.items()
    ):
        return PinnedBars(imports=imports)
    return PinnedBars.of_today(symbols, timeframes)

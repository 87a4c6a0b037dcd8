"""Which market data there is, and the bars of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoints.errors import StorageUnreachableError
from operations.errors import StorageUnavailable
from training.market_data.bars import Bars
from training.market_data.errors import MarketDataDamaged, MarketDataMissing
from training.market_data.reading.record import Reading
from training.market_data.report import describe
from training.market_data.samples import SAMPLES, load_sample, sample_timeframes
from training.market_data.stored import StoredBarsDamaged, load_data
from training.market_data.timeframes import resample, sources_of
from training.models import Import, MarketData
from training.series.versions import current_import
from training.strategy.values import TIMEFRAMES, Timeframe

IMPORTS_REMEMBERED = 100
"""Newest imports of a series whose readings are looked at: each repeats earlier ones."""


@dataclass(frozen=True, kw_only=True)
class CatalogEntry:
    """Bars that can be trained on as they are."""

    symbol: str
    timeframe: str
    fingerprint: str
    is_sample: bool
    """Ships with KTRDR; gives way to anything that is imported for the symbol."""
    report: dict[str, Any]
    """`DataReport` as JSON."""
    imported_at: datetime | None = None
    """None of a sample."""


def load_bars(
    symbol: str, timeframe: Timeframe, *, start: int | None = None, end: int | None = None
) -> Bars:
    """
    The bars of a symbol whose opens lie from start to end, inclusive.

    A timeframe without data of its own is resampled from one that divides it and has some
    (`sources_of`), up to `end`; a last bar that has not ended by then is left out. The shipped
    samples count only where nothing was imported for the symbol.

    Args:
        symbol: as imported.
        timeframe: length of a bar.
        start: Unix seconds.
        end: Unix seconds.

    Raises:
        MarketDataMissing: nothing to load or to resample; the message says how to import.
        MarketDataDamaged: the stored file is not what was imported.
        StorageUnavailable: the storage does not answer.
    """
    source = _source(symbol, timeframe)
    if source == timeframe:
        return _load(symbol, timeframe).between(start, end)
    bars = _load(symbol, source).between(None, end)
    return resample(bars, source=source, target=timeframe).between(start, end)


def has_own_bars(symbol: str, timeframe: Timeframe) -> bool:
    """Whether there are bars of a symbol at this very timeframe, none to be resampled first."""
    return timeframe in _timeframes(symbol)


def num_bars(symbol: str, timeframe: Timeframe) -> int:
    """
    How many bars are read for those of a timeframe: of the series that they come from.

    Raises:
        MarketDataMissing: there are none.
    """
    source = _source(symbol, timeframe)
    current = current_import(symbol, source)
    return len(load_sample(symbol, source)) if current is None else current.num_rows


def series_behind(symbol: str) -> dict[Timeframe, Timeframe]:
    """By timeframe that can be loaded of a symbol: that of the series which its bars come from."""
    there = _timeframes(symbol)
    sources = {name: _source_among(there, name) for name in TIMEFRAMES}
    return {name: source for name, source in sources.items() if source is not None}


def readings_of(symbol: str, timeframe: Timeframe, *, up_to: int | None = None) -> list[Reading]:
    """
    How files of a symbol at a timeframe were read, the newest first; undone ones left out.

    Args:
        symbol: of the series.
        timeframe: of the series.
        up_to: number of the import that counts as the newest; None of today's.
    """
    imports = Import.objects.of(symbol, timeframe)
    known = imports if up_to is None else imports.filter(number__lte=up_to)
    stored = {one.number: one for one in known[:IMPORTS_REMEMBERED]}
    readings = []
    number = max(stored, default=None)
    while number is not None and (one := stored.get(number)):
        report = one.report or (stored[one.back_to].report if one.back_to in stored else None)
        readings.append(_reading_in(report))
        number = one.based_on
    return [reading for reading in readings if reading is not None]


def _reading_in(report: dict[str, Any] | None) -> Reading | None:
    recorded = report and report.get("reading")
    return Reading.from_json(recorded) if recorded else None


def symbols() -> set[str]:
    """Every symbol that there are bars of, samples among them."""
    imported = Import.objects.order_by().values_list("symbol", flat=True).distinct()
    return {*imported, *(name for name, _ in SAMPLES)}


def list_market_data(symbol: str | None = None) -> list[CatalogEntry]:
    """What there is, by symbol and timeframe: of each series the bars that count."""
    imports = Import.objects.current()
    of_symbol = imports if symbol is None else imports.filter(symbol=symbol)
    current = {
        (one.symbol, one.timeframe): _entry_of(one, one.data)
        for one in of_symbol
        if one.data is not None
    }
    imported = {name for name, _ in current}
    for name, timeframe in SAMPLES:
        if name not in imported and symbol in (None, name):
            current[name, timeframe] = _entry_of_sample(name, timeframe)
    return sorted(current.values(), key=lambda entry: (entry.symbol, _rank(entry.timeframe)))


def load_version(one: Import) -> Bars:
    """
    The bars of a series as an import left them.

    Raises:
        MarketDataMissing: they are kept no longer.
        MarketDataDamaged: the stored file is not what was imported.
        StorageUnavailable: the storage does not answer.
    """
    data = one.data
    if data is None:
        hint = f" The bars of import {one.number} are kept no longer."
        raise MarketDataMissing(symbol=one.symbol, timeframe=one.timeframe, hint=hint)
    return _read(data)


def _read(data: MarketData) -> Bars:
    """Again where its file was replaced by another one meanwhile."""
    try:
        return load_data(data)
    except StoredBarsDamaged as error:
        now = MarketData.objects.filter(pk=data.pk).first()
        if now is not None and now.file != data.file:
            return _read(now)
        raise MarketDataDamaged(
            symbol=data.symbol, timeframe=data.timeframe, reason=str(error)
        ) from error
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error


def _timeframes(symbol: str) -> tuple[str, ...]:
    imported = Import.objects.filter(symbol=symbol).values_list("timeframe", flat=True)
    return tuple(imported.distinct().order_by()) or sample_timeframes(symbol)


def _source(symbol: str, timeframe: Timeframe) -> Timeframe:
    """The timeframe of the bars that those of a timeframe come from. Raises `MarketDataMissing`."""
    there = _timeframes(symbol)
    source = _source_among(there, timeframe)
    if source is None:
        raise MarketDataMissing(
            symbol=symbol, timeframe=timeframe, hint=_hint(symbol, timeframe, there)
        )
    return source


def _source_among(there: tuple[str, ...], timeframe: Timeframe) -> Timeframe | None:
    return next((name for name in (timeframe, *sources_of(timeframe)) if name in there), None)


def _load(symbol: str, timeframe: Timeframe) -> Bars:
    current = current_import(symbol, timeframe)
    return load_sample(symbol, timeframe) if current is None else load_version(current)


def _entry_of(one: Import, data: MarketData) -> CatalogEntry:
    return CatalogEntry(
        symbol=data.symbol,
        timeframe=data.timeframe,
        fingerprint=data.fingerprint,
        is_sample=False,
        report=data.report,
        imported_at=one.imported_at,
    )


def _entry_of_sample(symbol: str, timeframe: Timeframe) -> CatalogEntry:
    bars = load_sample(symbol, timeframe)
    return CatalogEntry(
        symbol=symbol,
        timeframe=timeframe,
        fingerprint=bars.fingerprint(),
        is_sample=True,
        report=describe(bars, timeframe).as_json(),
    )


def _hint(symbol: str, timeframe: str, there: tuple[str, ...]) -> str:
    if there:
        return (
            f" There is {', '.join(sorted(there, key=_rank))}, of which no {timeframe} can be made."
        )
    known = sorted({entry.symbol for entry in list_market_data()})
    return f" Symbols with data: {', '.join(known[:20])}."


def _rank(timeframe: str) -> int:
    names: tuple[str, ...] = TIMEFRAMES
    return names.index(timeframe)

"""
From a file of prices to the market data that trainings use.

`import_market_data` is the whole way, for a command, and for a child process of the room for
bounded work: it reads, compares with what is stored, stores, and enters the import. A preview reads
with `reading.read.read_bars` and asks `plan_import` what an import would do. `training/series/` has
what undoes and forgets, and an import as JSON; `catalog.py` shows what there is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from functools import partial
from pathlib import Path
from typing import Any

from checkpoints.errors import StorageUnreachableError
from checkpoints.failpoints import failpoint
from operations.errors import StorageUnavailable
from operations.writing import write_prepared
from training.market_data.bars import Bars
from training.market_data.catalog import load_version, readings_of, symbols
from training.market_data.continuing import DoNotContinue, put_together
from training.market_data.errors import (
    MarketDataDiffers,
    MarketDataInvalid,
    SymbolInDoubt,
)
from training.market_data.reading.options import NOTHING_SAID, Options
from training.market_data.reading.read import instruments, read_bars
from training.market_data.report import DataReport, as_text, describe
from training.market_data.samples import sample_timeframes
from training.market_data.stored import StoredBarsDamaged, load_data, store_bars
from training.models import Import, ImportKind, MarketData
from training.series.entering import Imported, PreparedImport, enter_all, enter_import
from training.series.versions import current_import
from training.strategy.values import SYMBOL, SYMBOL_TEXT, TIMEFRAMES, Timeframe

Tell = Callable[[str], None]


def _nobody(step: str) -> None:
    """Nobody is told of steps."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an import of some bars would do, to be told before it is done."""

    kind: ImportKind | None
    """None: the same bars are stored already, and nothing changes."""
    based_on: Import | None
    """The current import, whose bars these go on with or replace."""
    bars: Bars
    """The series from then on."""
    words: tuple[str, ...]
    goes_on: bool = False
    """The bars before are its first ones."""


def import_market_data(
    path: Path | Sequence[Path],
    *,
    symbol: str,
    timeframe: Timeframe,
    options: Options = NOTHING_SAID,
    replace: bool = False,
    new_symbol: bool = False,
    tell: Tell = _nobody,
) -> Imported:
    """
    Add a file's bars to a symbol's at a timeframe, or let them take their place.

    Nothing is changed unless the whole file is good. What trainings started with stays stored. How
    the file was read is stored with the bars, and a file of the same shape is read so again. Of
    several imports at once each goes on with what the one before has left.

    Args:
        path: a file, or several that continue each other.
        symbol: name under which strategies refer to the data.
        timeframe: length of a bar.
        options: what is said about the file.
        replace: let the bars take the place of those that are stored, if they do not go on.
        new_symbol: the symbol is another one than what differs from it by case alone.
        tell: is told each step that begins.

    Raises:
        MarketDataInvalid: the file, the symbol or the timeframe cannot be used.
        MarketDataDiffers: the bars do not go on with those that are stored.
        SymbolInDoubt: there is a symbol that differs by case alone.
        MarketDataDamaged: what is stored cannot be read, and is not to be replaced.
        StorageUnavailable: the storage did not take the bars.
    """
    prepare = partial(
        prepare_import,
        path,
        symbol=symbol,
        timeframe=timeframe,
        options=options,
        replace=replace,
        new_symbol=new_symbol,
        tell=tell,
    )
    return write_prepared(prepare, enter_import)


def import_every_instrument(
    paths: Sequence[Path],
    *,
    timeframe: Timeframe,
    options: Options,
    replace: bool = False,
    new_symbol: bool = False,
) -> list[Imported]:
    """
    Import each instrument that a file names, under its own name: all of them, or none.

    Raises:
        MarketDataInvalid: the file names none.
        DomainError: as `import_market_data`, where one of them cannot be imported.
    """
    names = dict.fromkeys(name for path in paths for name in instruments(path, options))
    if not names:
        raise MarketDataInvalid(paths[0].name, ["no column names its instruments: say --symbol"])
    return write_prepared(
        lambda: [
            prepare_import(
                paths,
                symbol=name,
                timeframe=timeframe,
                options=_only(options, name),
                replace=replace,
                new_symbol=new_symbol,
            )
            for name in names
        ],
        enter_all,
    )


def prepare_import(
    path: Path | Sequence[Path],
    *,
    symbol: str,
    timeframe: Timeframe,
    options: Options = NOTHING_SAID,
    replace: bool = False,
    new_symbol: bool = False,
    tell: Tell = _nobody,
) -> PreparedImport:
    """Read, compare and store, outside of a transaction; raises as `import_market_data`."""
    check_name(symbol, timeframe, new_symbol=new_symbol)
    tell("reading the file")
    bars, report = read_bars(
        path,
        timeframe=timeframe,
        symbol=symbol,
        options=options,
        remembered=readings_of(symbol, timeframe),
    )
    source = ", ".join(one.name for one in ([path] if isinstance(path, Path) else path))
    tell(f"comparing {len(bars):,} bars with what is stored")
    plan = plan_import(bars, symbol=symbol, timeframe=timeframe, source=source, replace=replace)
    data = _version_of(plan.bars, symbol, timeframe, report)
    if not _is_stored(data):
        tell(f"storing {len(plan.bars):,} bars")
        data.file = _store(plan.bars)
    failpoint("import.stored")
    return PreparedImport(
        based_on=plan.based_on,
        data=data,
        entry=_entry_of(plan, data, report.as_json()),
        report=report,
        words=plan.words,
        goes_on=plan.goes_on,
    )


def plan_import(
    bars: Bars, *, symbol: str, timeframe: Timeframe, source: str, replace: bool = False
) -> Plan:
    """
    What an import of bars would do to a series. Nothing is stored.

    Raises:
        MarketDataDiffers: they do not go on with what is stored, which is not to be replaced.
        MarketDataDamaged: what is stored cannot be read, and is not to be replaced.
    """
    current = current_import(symbol, timeframe)
    if current is None:
        return Plan(
            kind=ImportKind.APPEND, based_on=None, bars=bars, words=_first(symbol, timeframe, bars)
        )
    if bars.fingerprint() == current.fingerprint:
        return Plan(kind=None, based_on=current, bars=bars, words=UNCHANGED)
    if replace:
        return Plan(kind=ImportKind.REPLACE, based_on=current, bars=bars, words=_replacing(current))
    known = load_version(current)
    try:
        continued = put_together(known, bars, timeframe)
    except DoNotContinue as error:
        raise _refusal(current, source, str(error)) from error
    if not continued.words:
        return Plan(kind=None, based_on=current, bars=continued.bars, words=UNCHANGED)
    return Plan(
        kind=ImportKind.APPEND,
        based_on=current,
        bars=continued.bars,
        words=continued.words,
        goes_on=known.has_rows_of(continued.bars.rows(slice(0, len(known)))),
    )


def check_name(symbol: str, timeframe: str, *, new_symbol: bool = False) -> None:
    """Raises `MarketDataInvalid`, `SymbolInDoubt`."""
    if not re.fullmatch(SYMBOL, symbol):
        raise MarketDataInvalid(f"symbol {symbol[:40]!r}", [SYMBOL_TEXT])
    if timeframe not in TIMEFRAMES:
        known = f"a timeframe is one of {', '.join(TIMEFRAMES)}"
        raise MarketDataInvalid(f"timeframe {timeframe[:40]!r}", [known])
    there = symbols()
    alike = sorted(name for name in there if name.casefold() == symbol.casefold())
    if alike and symbol not in there and not new_symbol:
        raise SymbolInDoubt(symbol=symbol, known=alike[0])


UNCHANGED = ("the same bars are stored already: nothing changes",)


def _only(options: Options, instrument: str) -> Options:
    return replace_fields(options, only=instrument)


def _first(symbol: str, timeframe: Timeframe, bars: Bars) -> tuple[str, ...]:
    told = f"the first {len(bars)} bars of {symbol} at {timeframe}"
    if timeframe in sample_timeframes(symbol):
        return (told, f"the sample of {symbol} that ships with KTRDR gives way to them")
    return (told,)


def _replacing(current: Import) -> tuple[str, ...]:
    return (f"replaces {current.num_rows} rows to {_last(current)} (import {current.number})",)


def _last(current: Import) -> str:
    return as_text(current.data.last_time) if current.data else "an unknown bar"


def _refusal(current: Import, source: str, reason: str) -> MarketDataDiffers:
    return MarketDataDiffers(
        source=source,
        symbol=current.symbol,
        timeframe=current.timeframe,
        reason=reason,
        rows=current.num_rows,
        last=_last(current),
    )


def _version_of(bars: Bars, symbol: str, timeframe: Timeframe, report: DataReport) -> MarketData:
    """The row of the series from then on; of the file's bars alone the report is the file's.

    Days are the series', also then: a file that repeats all of its bars may not tell of them.
    """
    if report.rows != len(bars):
        report = describe(bars, timeframe, reading=report.reading)
    report = replace_fields(report, day_ends=bars.day_ends, day_closes=bars.day_closes)
    return MarketData(
        symbol=symbol,
        timeframe=timeframe,
        fingerprint=bars.fingerprint(),
        num_rows=len(bars),
        first_time=int(bars.times[0]),
        last_time=int(bars.times[-1]),
        report=report.as_json(),
    )


def _entry_of(plan: Plan, data: MarketData, report: dict[str, Any]) -> Import | None:
    if plan.kind is None:
        return None
    number = plan.based_on.number if plan.based_on else None
    return Import(
        symbol=data.symbol,
        timeframe=data.timeframe,
        number=(number or 0) + 1,
        kind=plan.kind,
        based_on=number,
        fingerprint=data.fingerprint,
        num_rows=data.num_rows,
        report=report,
        words=list(plan.words),
    )


def _is_stored(new: MarketData) -> bool:
    """Whether these bars are a version of the series whose file is whole: else it is written."""
    known = MarketData.objects.filter(
        symbol=new.symbol, timeframe=new.timeframe, fingerprint=new.fingerprint
    )
    if (data := known.first()) is None:
        return False
    try:
        load_data(data)
    except StoredBarsDamaged:
        return False
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error
    return True


def _store(bars: Bars) -> str:
    try:
        return store_bars(bars)
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error

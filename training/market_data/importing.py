"""From a file of prices to the market data that trainings use."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.db import transaction
from django.db.models.functions import Now

from checkpoints.errors import StorageUnreachableError
from operations.errors import StorageUnavailable
from training.market_data.catalog import readings_of
from training.market_data.errors import MarketDataInvalid
from training.market_data.reading.options import NOTHING_SAID, Options
from training.market_data.reading.read import instruments, read_bars
from training.market_data.stored import store_bars
from training.models import MarketData
from training.strategy.values import SYMBOL, SYMBOL_TEXT, TIMEFRAMES, Timeframe


def import_market_data(
    path: Path | Sequence[Path],
    *,
    symbol: str,
    timeframe: Timeframe,
    options: Options = NOTHING_SAID,
) -> MarketData:
    """
    Make a file's bars the current ones of a symbol at a timeframe.

    Nothing is changed unless the whole file is good; importing it again changes nothing but which
    data is current. What trainings started with stays stored. How the file was read is stored with
    the bars, and a file of the same shape is read so again.

    Args:
        path: a file, or several that continue each other.
        symbol: name under which strategies refer to the data.
        timeframe: length of a bar.
        options: what is said about the file.

    Raises:
        MarketDataInvalid: the file, the symbol or the timeframe cannot be used.
        StorageUnavailable: the storage did not take the bars.
    """
    _check_name(symbol, timeframe)
    bars, report = read_bars(
        path,
        timeframe=timeframe,
        symbol=symbol,
        options=options,
        remembered=readings_of(symbol, timeframe),
    )
    try:
        file = store_bars(bars)
    except StorageUnreachableError as error:
        raise StorageUnavailable(reason=str(error)) from error
    data, _ = MarketData.objects.update_or_create(
        symbol=symbol,
        timeframe=timeframe,
        fingerprint=bars.fingerprint(),
        defaults={
            "file": file,
            "num_rows": len(bars),
            "first_time": int(bars.times[0]),
            "last_time": int(bars.times[-1]),
            "report": report.as_json(),
            "imported_at": Now(),
        },
    )
    data.refresh_from_db()
    return data


def import_every_instrument(
    paths: Sequence[Path], *, timeframe: Timeframe, options: Options
) -> list[MarketData]:
    """
    Import each instrument that a file names, under its own name: all of them, or none.

    Raises:
        MarketDataInvalid: the file names none, or one of them cannot be imported.
        StorageUnavailable: the storage did not take the bars.
    """
    names = dict.fromkeys(name for path in paths for name in instruments(path, options))
    if not names:
        raise MarketDataInvalid(paths[0].name, ["no column names its instruments: say --symbol"])
    with transaction.atomic():
        return [
            import_market_data(
                paths, symbol=name, timeframe=timeframe, options=replace(options, only=name)
            )
            for name in names
        ]


def _check_name(symbol: str, timeframe: str) -> None:
    if not re.fullmatch(SYMBOL, symbol):
        raise MarketDataInvalid(f"symbol {symbol[:40]!r}", [SYMBOL_TEXT])
    if timeframe not in TIMEFRAMES:
        known = f"a timeframe is one of {', '.join(TIMEFRAMES)}"
        raise MarketDataInvalid(f"timeframe {timeframe[:40]!r}", [known])

"""From a file of prices to the market data that trainings use."""

import re
from collections.abc import Sequence
from pathlib import Path

from django.db.models.functions import Now

from checkpoints.errors import StorageUnreachableError
from operations.errors import StorageUnavailable
from training.market_data.errors import MarketDataInvalid
from training.market_data.reading import read_bars
from training.market_data.stored import store_bars
from training.models import MarketData
from training.strategy.values import SYMBOL, SYMBOL_TEXT, TIMEFRAMES, Timeframe


def import_market_data(
    path: Path | Sequence[Path], *, symbol: str, timeframe: Timeframe, timezone: str = "UTC"
) -> MarketData:
    """
    Make a file's bars the current ones of a symbol at a timeframe.

    Nothing is changed unless the whole file is good; importing it again changes nothing but which
    data is current. What trainings started with stays stored.

    Args:
        path: a CSV or Parquet file, or several that continue each other.
        symbol: name under which strategies refer to the data.
        timeframe: length of a bar.
        timezone: IANA name of the zone of times without an offset.

    Raises:
        MarketDataInvalid: the file, the symbol or the timeframe cannot be used.
        StorageUnavailable: the storage did not take the bars.
    """
    _check_name(symbol, timeframe)
    bars, report = read_bars(path, timeframe=timeframe, timezone=timezone)
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


def _check_name(symbol: str, timeframe: str) -> None:
    if not re.fullmatch(SYMBOL, symbol):
        raise MarketDataInvalid(f"symbol {symbol[:40]!r}", [SYMBOL_TEXT])
    if timeframe not in TIMEFRAMES:
        known = f"a timeframe is one of {', '.join(TIMEFRAMES)}"
        raise MarketDataInvalid(f"timeframe {timeframe[:40]!r}", [known])

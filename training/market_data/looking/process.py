"""What is done with stored bars for a page or a download; of long series, in a child."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from operations.bounded.work import Tell
from training.market_data.bars import Bars
from training.market_data.catalog import load_bars
from training.market_data.errors import TooManyBars
from training.market_data.looking.candles import draw_candles
from training.market_data.looking.export import as_table
from training.tables.writing import as_rows, written


def candles(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """`Candles` of `symbol` and `timeframe`, from `start` to `end`, as plain JSON."""
    tell("reading the bars")
    bars = load_bars(arguments["symbol"], arguments["timeframe"])
    tell("drawing them")
    return asdict(
        draw_candles(bars, arguments["timeframe"], start=arguments["start"], end=arguments["end"])
    )


def rows(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """The first `limit` bars as `rows`, and the open of the `next` one, if there is any."""
    tell("reading the bars")
    bars = _wanted(arguments)
    limit = arguments["limit"]
    return {
        "rows": as_rows(as_table(bars.rows(slice(0, limit)))),
        "next": int(bars.times[limit]) if len(bars) > limit else None,
    }


def export(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Write the bars to `path` in a `format`; returns size and SHA-256 of what was written.

    Raises `TooManyBars` where they are more than `limit`.
    """
    tell("reading the bars")
    bars, path = _wanted(arguments), Path(arguments["path"])
    if len(bars) > (limit := arguments["limit"]):
        raise TooManyBars(reason=f"{len(bars):,} bars are more than {limit:,}.")
    tell("writing them")
    return written(as_table(bars), path, format=arguments["format"])


def _wanted(arguments: Mapping[str, Any]) -> Bars:
    return load_bars(
        arguments["symbol"],
        arguments["timeframe"],
        start=arguments["start"],
        end=arguments["end"],
    )

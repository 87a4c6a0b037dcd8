"""What is done with an upload in a child of the room for bounded work."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from operations import actor
from operations.actor import Actor
from operations.bounded.work import Tell
from training.market_data.bars import Bars
from training.market_data.catalog import readings_of
from training.market_data.errors import (
    MarketDataDamaged,
    MarketDataDiffers,
    MarketDataInvalid,
    SymbolInDoubt,
)
from training.market_data.importing import check_name, import_market_data, plan_import
from training.market_data.looking.export import as_table
from training.market_data.reading.options import Options
from training.market_data.reading.read import read_bars
from training.market_data.report import DataReport
from training.tables.writing import as_rows
from training.uploads import folder
from training.uploads.asked import Asked

FIRST_ROWS = 20
READ_AGAIN_BYTES = 4_000_000
"""Of larger files it is not shown what other options would make of them."""
OTHERS = {"dates": ("dmy", "mdy", "ymd"), "decimal": (".", ","), "stamps": ("open", "close")}
"""Options whose every value can be tried."""


def preview(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """What an import of the upload would store: nothing is.

    Raises as `read_bars`, with what each other value of an option would make of the first row.
    """
    asked, path = _begun(arguments)
    tell("reading the file")
    try:
        bars, report = _read(path, asked, asked.parsed())
    except MarketDataInvalid as error:
        tell("reading it otherwise")
        answers = [
            {
                "pointer": f"--{one['option']} {one['value']}",
                "detail": f"first row: {one['time']}, last: {one['last']}",
            }
            for one in _others(path, asked, {})
        ]
        error.errors = [*error.errors, *answers]
        raise
    tell("comparing it with what is stored")
    plan = _planned(bars, asked, path.name)
    tell("reading it otherwise")
    decided = (
        {one.about.value: one.value for one in report.reading.decisions} if report.reading else {}
    )
    return {
        "report": report.as_json(),
        "fingerprint": bars.fingerprint(),
        "rows": as_rows(as_table(bars.rows(slice(0, FIRST_ROWS)))),
        "others": _others(path, asked, decided),
        "plan": plan,
    }


def _planned(bars: Bars, asked: Asked, source: str) -> dict[str, Any]:
    """What an import would do to the series, or why it would be refused."""
    said, symbol, timeframe = asked.of_import(), asked.symbol, asked.timeframe
    try:
        check_name(symbol, timeframe, new_symbol=said["new_symbol"])
        plan = plan_import(
            bars, symbol=symbol, timeframe=timeframe, source=source, replace=said["replace"]
        )
    except (MarketDataDiffers, MarketDataDamaged, SymbolInDoubt) as error:
        refused = {"code": error.code, "detail": str(error)}
        return {"kind": None, "words": [], "rows": None, "refused": refused}
    kind = plan.kind.value if plan.kind else None
    return {"kind": kind, "words": list(plan.words), "rows": len(plan.bars), "refused": None}


def store(arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Import the upload. Raises as `import_market_data`."""
    asked, path = _begun(arguments)

    def told(step: str) -> None:
        tell(step)
        folder.enter_step(path, step)

    with actor.process_is(Actor(**arguments["actor"])):
        imported = import_market_data(
            path,
            symbol=asked.symbol,
            timeframe=asked.timeframe,
            options=asked.parsed(),
            tell=told,
            **asked.of_import(),
        )
    return {
        "symbol": imported.data.symbol,
        "timeframe": imported.data.timeframe,
        "number": imported.entry.number,
        "changed": imported.changed,
        "words": list(imported.words),
        "fingerprint": imported.data.fingerprint,
        "rows": imported.data.num_rows,
        "report": imported.report.as_json(),
    }


def _begun(arguments: Mapping[str, Any]) -> tuple[Asked, Path]:
    """What is unpacked lies beside the upload, and goes with it even if this process is killed."""
    tempfile.tempdir = arguments["unpack_to"]
    return Asked(**arguments["asked"]), Path(arguments["path"])


def _read(path: Path, asked: Asked, options: Options) -> tuple[Bars, DataReport]:
    return read_bars(
        path,
        timeframe=asked.timeframe,
        symbol=asked.symbol,
        options=options,
        remembered=readings_of(asked.symbol, asked.timeframe),
    )


def _others(path: Path, asked: Asked, decided: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first bar as each other value would have it, of those that read the file at all."""
    if path.stat().st_size > READ_AGAIN_BYTES:
        return []
    found = []
    for name, values in OTHERS.items():
        for value in values:
            if asked.options.get(name) or value == decided.get(name):
                continue
            try:
                bars, report = _read(path, asked, Options.of({**vars(asked.parsed()), name: value}))
            except MarketDataInvalid:
                continue
            [first] = as_rows(as_table(bars.rows(slice(0, 1))))
            found.append({"option": name, "value": value, "last": report.last, **first})
    return found

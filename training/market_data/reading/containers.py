"""Files of any kind as tables."""

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import fastexcel
import polars as pl

from training.market_data.reading.layout import find_layout
from training.market_data.reading.ledger import Ledger
from training.market_data.reading.names import is_known, plain
from training.market_data.reading.options import Options
from training.market_data.reading.record import About, By
from training.market_data.reading.stated_zones import stated_zones
from training.market_data.reading.table import Table, positions
from training.market_data.reading.texts import read_text
from training.market_data.reading.unpacking import is_workbook, unpacked

_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_SHEET_LINES = 300
MOST_ROWS = 20_000_000
"""Of a Parquet or Feather file: 38 years of minutes."""


def open_table(path: Path, ledger: Ledger) -> Table:
    """
    Read a file's table, whatever it is packed in.

    Raises:
        MarketDataInvalid: it cannot be read as one.
    """
    try:
        with unpacked(path) as (plain, packed):
            if packed:
                ledger.decide(About.CONTAINER, packed, By.PROOF, f"{packed} file, unpacked")
            return _reader_of(plain)(plain, path.name, ledger)
    except OSError as error:
        _refuse(path, ledger, f"it cannot be read: {error.strerror or 'it is damaged'}")
    except (pl.exceptions.PolarsError, fastexcel.FastExcelError) as error:
        _refuse(path, ledger, f"it cannot be read: {_first_words(error)}")
    except ValueError as error:
        _refuse(path, ledger, str(error))
    raise AssertionError  # `_refuse` has raised


def _refuse(path: Path, ledger: Ledger, problem: str) -> None:
    many = path.name != ledger.source
    ledger.refuse(f"{path.name}: {problem}" if many else problem)


def _first_words(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or "it is damaged"


def _reader_of(path: Path) -> Callable[[Path, str, Ledger], Table]:
    with path.open("rb") as file:
        beginning = file.read(65_536)
    for magic, reader in _BY_MAGIC.items():
        if beginning.startswith(magic):
            return reader
    if beginning.startswith(b"PK") and is_workbook(path):
        return _read_workbook
    if beginning.startswith(b"FEA1"):
        raise ValueError("it is a Feather file of version 1: write it again as version 2")
    return _read_json if beginning.lstrip()[:1] in (b"{", b"[") else read_text


def _typed(
    frame: pl.DataFrame, source: str, container: str, names: tuple[str, ...] | None = None
) -> Table:
    return Table(
        source=source,
        container=container,
        delimiter=None,
        names=tuple(frame.columns) if names is None else names,
        frame=positions(frame),
        word="row",
        first=1,
    )


def _said(kind: str, ledger: Ledger) -> None:
    ledger.decide(About.CONTAINER, kind, By.PROOF, f"{kind} file")


def _read_parquet(path: Path, source: str, ledger: Ledger) -> Table:
    _said("Parquet", ledger)
    _require_rows(pl.scan_parquet(path))
    names = pl.read_parquet_schema(path)
    used = _used(list(names), ledger)
    return _typed(_with_others(pl.read_parquet(path, columns=used), names), source, "parquet")


def _read_feather(path: Path, source: str, ledger: Ledger) -> Table:
    _said("Feather", ledger)
    _require_rows(pl.scan_ipc(path))
    names = pl.read_ipc_schema(path)
    used = _used(list(names), ledger)
    return _typed(_with_others(pl.read_ipc(path, columns=used), names), source, "feather")


def _used(names: list[str], ledger: Ledger) -> list[str]:
    """Columns to be read; at least one, which tells how many rows there are."""
    said = ledger.names_columns()
    alike = {plain(name) for name in said}
    used = [
        name
        for number, name in enumerate(names, start=1)
        if is_known(name) or f"#{number}" in said or plain(name) in alike
    ]
    return used or names[:1]


def _with_others(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Each column at its place: those that nobody asks for are empty."""
    return frame.select(
        pl.col(name) if name in frame.columns else pl.lit(None).alias(name) for name in names
    )


def _require_rows(frame: pl.LazyFrame) -> None:
    """Looks at what the file says of itself: a few bytes can unpack to any number of rows."""
    rows = frame.select(pl.len()).collect().item()
    if rows > MOST_ROWS:
        raise ValueError(f"it has {rows:,} rows, and {MOST_ROWS:,} are read at most: part it")


def _read_json(path: Path, source: str, ledger: Ledger) -> Table:
    """Lines of objects, or one array of objects or of arrays."""
    content = path.read_bytes().lstrip()
    if content.startswith(b"["):
        rows = json.loads(content)
        if not all(isinstance(row, dict | list) for row in rows):
            raise ValueError("it is JSON, and no list of rows")
        frame = pl.DataFrame(rows, orient="row", infer_schema_length=None, strict=False)
        names = () if rows and isinstance(rows[0], list) else None
    else:
        frame, names = pl.read_ndjson(io.BytesIO(content), infer_schema_length=None), None
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    if nested:
        raise ValueError(f"it is JSON with more than a value in {nested[0]}: write rows of values")
    _said("JSON", ledger)
    return _typed(frame, source, "JSON", names)


def _read_workbook(path: Path, source: str, ledger: Ledger) -> Table:
    """One sheet; dates by the workbook's own date system, formulas by their stored values."""
    workbook = fastexcel.read_excel(path)
    name = _sheet(workbook, ledger.options)
    ledger.decide(About.CONTAINER, name, _by_sheet(ledger.options), f"workbook, sheet {name}")
    cells = workbook.load_sheet(name, header_row=None, dtypes="string").to_polars()
    head = [
        ["" if cell is None else cell for cell in row] for row in cells.head(_SHEET_LINES).rows()
    ]
    lines = ["\t".join(" ".join(cell.split()) for cell in row).rstrip("\t") for row in head]
    layout = find_layout(lines, Options(delimiter="\t", header=ledger.options.header))
    ledger.stated_zones += stated_zones(enumerate(lines[: layout.before], start=1))
    names = layout.names + ("",) * (cells.width - len(layout.names)) if layout.names else ()
    return Table(
        source=source,
        container="xlsx",
        delimiter=None,
        names=names,
        frame=positions(cells.slice(layout.first)),
        word="row",
        first=layout.first + 1,
        tickers=layout.tickers,
    )


def _by_sheet(options: Options) -> By:
    return By.OPTION if options.sheet else By.PROOF


def _sheet(workbook: fastexcel.ExcelReader, options: Options) -> str:
    names = list(workbook.sheet_names)
    if options.sheet is not None:
        if options.sheet not in names:
            raise ValueError(f"there is no sheet {options.sheet}; there is {', '.join(names)}")
        return options.sheet
    visible = [name for name in names if workbook.load_sheet(name, n_rows=0).visible == "visible"]
    if len(visible) != 1:
        raise ValueError(f"it has {len(visible)} sheets ({', '.join(visible)}): say --sheet NAME")
    return visible[0]


_BY_MAGIC: dict[bytes, Callable[[Path, str, Ledger], Table]] = {
    b"PAR1": _read_parquet,
    b"ARROW1": _read_feather,
    _OLD_WORKBOOK: _read_workbook,
}

"""Made-up bars, and the dialects in which vendors write them."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """One bar; prices as text, so that a file has exactly these."""

    time: datetime
    """Its open, UTC."""
    open: str
    high: str
    low: str
    close: str
    volume: int

    @property
    def prices(self) -> tuple[str, str, str, str]:
        return self.open, self.high, self.low, self.close


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def rows(
    first: str = "2024-01-02",
    count: int = 40,
    *,
    step: timedelta = DAY,
    zone: str = "UTC",
    places: int = 4,
    price: float = 100.0,
    weekends: bool = False,
) -> list[Row]:
    """
    Bars of a random walk; days without weekends unless asked.

    Local times advance on the clock of the zone, instants by the step.
    """
    walk = np.random.default_rng(7)
    time, made = at(first, zone), []
    while len(made) < count:
        if step < DAY or weekends or time.astimezone(ZoneInfo(zone)).weekday() < 5:
            change, spread = walk.normal(0, 0.01), abs(walk.normal(0, 0.004))
            after = price * (1 + change)
            high, low = max(price, after) * (1 + spread), min(price, after) * (1 - spread)
            texts = [f"{value:.{places}f}" for value in (price, high, low, after)]
            made.append(Row(time, *texts, int(walk.integers(1000, 9999))))  # type: ignore[arg-type]
            price = after
        local = time.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + step
        time = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if step >= DAY else time + step
    return made


def local(row: Row, zone: str, form: str) -> str:
    return row.time.astimezone(ZoneInfo(zone)).strftime(form)


Line = Callable[[Row], Iterable[object]]


def csv(
    header: str | None, line: Line, bars: Sequence[Row], *, mark: str = ",", end: str = "\n"
) -> bytes:
    """A text with one line for each bar."""
    lines = [] if header is None else [header]
    lines += [mark.join(str(value) for value in line(row)) for row in bars]
    return (end.join(lines) + end).encode()


def plain(form: str = "%Y-%m-%d", zone: str = "UTC") -> Line:
    """Time, prices and volume."""
    return lambda row: (local(row, zone, form), *row.prices, row.volume)


HEADER = "Date,Open,High,Low,Close,Volume"


def days(bars: Sequence[Row] | None = None) -> bytes:
    """The plainest file of days."""
    return csv(HEADER, plain(), rows() if bars is None else bars)


def hours(bars: Sequence[Row] | None = None) -> bytes:
    return csv(HEADER, plain("%Y-%m-%d %H:%M:%S"), rows(step=HOUR) if bars is None else bars)


def frame(bars: Sequence[Row], times: Sequence[object], name: str = "timestamp") -> pl.DataFrame:
    columns = {key: [float(getattr(row, key)) for row in bars] for key in ("open", "high", "low")}
    close = [float(row.close) for row in bars]
    volumes = [row.volume for row in bars]
    return pl.DataFrame({name: times, **columns, "close": close, "volume": volumes})


def parquet(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def feather(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_ipc(buffer)
    return buffer.getvalue()


def json_lines(bars: Sequence[Row]) -> bytes:
    return "\n".join(
        json.dumps({"t": int(row.time.timestamp()), "o": float(row.open), "h": float(row.high),
                    "l": float(row.low), "c": float(row.close), "v": row.volume})
        for row in bars
    ).encode()  # fmt: skip


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content)


def workbook(
    table: Sequence[Sequence[object]],
    *,
    sheets: Sequence[str] = ("Prices",),
    date1904: bool = False,
) -> bytes:
    """A workbook as small as can be: numbers, dates (style 1), text; the first sheet is full."""
    cells = "".join(
        f"<row>{''.join(_cell(value, date1904) for value in line)}</row>" for line in table
    )
    names = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/relationships/worksheet" '
        f'Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}/relationships">'
        f'<workbookPr date1904="{int(date1904)}"/><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="rId99" Type="{_OFFICE}/relationships/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    for number in range(1, len(sheets) + 1):
        data = cells if number == 1 else ""
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_SHEET}"><sheetData>{data}</sheetData></worksheet>'
        )
    return zipped({name: text.encode() for name, text in parts.items()})


_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _cell(value: object, date1904: bool) -> str:
    if isinstance(value, datetime):
        first = datetime(1904, 1, 1, tzinfo=UTC) if date1904 else datetime(1899, 12, 30, tzinfo=UTC)
        return f'<c s="1"><v>{(value - first) / DAY!r}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def shifted(bars: Sequence[Row], by: timedelta) -> list[Row]:
    """The same bars at other times."""
    return [replace(row, time=row.time + by) for row in bars]

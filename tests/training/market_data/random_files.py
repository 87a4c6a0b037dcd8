"""Random bars in random formats, with what a person who knows the file would say about it."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.training.market_data.writing import (
    Row,
    feather,
    frame,
    gzipped,
    parquet,
    workbook,
    zipped,
)
from training.market_data.reading.options import Options
from training.strategy.values import Timeframe

STEPS: dict[Timeframe, timedelta] = {
    "1m": timedelta(minutes=1),
    "3m": timedelta(minutes=3),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "45m": timedelta(minutes=45),
    "1h": timedelta(hours=1),
    "3h": timedelta(hours=3),
    "4h": timedelta(hours=4),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
    "1w": timedelta(days=7),
}
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Sydney")
CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.000", "%I:%M:%S %p", "%H%M%S")
DATES = {
    "%Y-%m-%d": None, "%Y/%m/%d": None, "%Y.%m.%d": None, "%Y%m%d": None, "%d.%m.%Y": "dmy",
    "%d/%m/%Y": "dmy", "%m/%d/%Y": "mdy", "%-m/%-d/%Y": "mdy", "%d-%m-%Y": "dmy", "%d/%m/%y": "dmy",
    "%m/%d/%y": "mdy", "%y/%m/%d": "ymd", "%d-%b-%Y": None, "%b %d, %Y": None, "%d %B %Y": None,
}  # fmt: skip
"""Forms of a date, and the order of its numbers where it has one."""
HEADERS = (
    ("Date", "Open", "High", "Low", "Close", "Volume"),
    ("time", "o", "h", "l", "c", "v"),
    ("<DATE>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<TICKVOL>"),
    ("Datum", "Eröffnung", "Hoch", "Tief", "Schlusskurs", "Volumen"),
    ("timestamp", "1. open", "2. high", "3. low", "4. close", "5. volume"),
    ("Date", "Open", "High", "Low", "Close/Last", "Volume (BTC)"),
)


@dataclass
class File:
    """A random file."""

    name: str
    content: bytes
    timeframe: Timeframe
    bars: list[Row]
    """What has to be read."""
    assumed: Options
    """What no file tells: without it an assumption is made, and said."""
    known: Options
    """All that a person could say."""
    day_ends: int = 0
    day_closes: int = 0
    described: dict[str, object] = field(default_factory=dict)


def random_file(seed: int) -> File:
    """The same file for the same seed."""
    return _Writer(random.Random(seed)).file()


class _Writer:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.timeframe: Timeframe = chance.choice(list(STEPS))
        self.step = STEPS[self.timeframe]
        self.is_daily = self.step >= timedelta(days=1)
        self.zone = "UTC" if self.is_daily else chance.choice(self._zones())
        self.places = chance.randint(0, 6)
        bars = self._bars()
        self.is_close = not self.is_daily and chance.random() < 0.15
        self.bars = self._with_whole_hours(bars)
        self.said: dict[str, object] = {}
        self.assumed: dict[str, object] = {}
        self.day_ends = self.day_closes = 0
        self.described: dict[str, Any] = {"zone": self.zone, "places": self.places}

    def file(self) -> File:
        kind = self.chance.choice(["text"] * 8 + ["xlsx", "parquet", "feather", "json"])
        name, content = getattr(self, f"_{kind}")()
        return File(
            name=name,
            content=content,
            timeframe=self.timeframe,
            bars=self.bars,
            assumed=Options.of(self.assumed),
            known=Options.of(self.assumed | self.said),
            day_ends=self.day_ends,
            day_closes=self.day_closes,
            described=self.described | {"kind": kind},
        )

    def _zones(self) -> tuple[str, ...]:
        """Of bars of 45 min or 4 h an hour that comes twice has other ones each time: refused."""
        return ("UTC", "Asia/Tokyo") if timedelta(hours=1) % self.step else ZONES

    # -- Bars

    def _bars(self) -> list[Row]:
        time, price, made = self._first(), 10 ** self.chance.uniform(0, 5), []
        has_changes = self.zone not in ("UTC", "Asia/Tokyo")
        gaps = 0 if has_changes else self.chance.choice([0, 0, 0.03])  # not one of two equal hours
        for _ in range(self.chance.randint(5, 70)):
            made.append(self._row(time, price))
            price *= 1 + self.chance.gauss(0, 0.01)
            time += self.step * (self.chance.randint(2, 40) if self.chance.random() < gaps else 1)
        return made

    def _with_whole_hours(self, bars: list[Row]) -> list[Row]:
        """A file that is cut within an hour that comes twice is refused: later ones, then."""
        while not self.is_daily and self._cuts_an_hour(bars):
            bars = [replace(row, time=row.time + timedelta(days=1)) for row in bars]
        return bars

    def _cuts_an_hour(self, bars: list[Row]) -> bool:
        clock = [self._written(row) for row in bars]
        counts = Counter(time.replace(tzinfo=None) for time in clock)
        return any(
            time.replace(fold=0).utcoffset() != time.replace(fold=1).utcoffset()
            and counts[time.replace(tzinfo=None)] == 1
            for time in clock
        )

    def _first(self) -> datetime:
        day = datetime(1975, 1, 6, tzinfo=UTC) + timedelta(days=self.chance.randint(0, 20_000))
        if self.timeframe == "1w":
            return day - timedelta(days=day.weekday())
        if self.is_daily:
            return day
        if self.chance.random() < 0.2:  # across a clock change
            day = datetime(self.chance.randint(2008, 2024), 11, 1, 22, tzinfo=UTC)
        return day + self.step * self.chance.randint(0, 3)

    def _row(self, time: datetime, price: float) -> Row:
        low, high = sorted(price * (1 + self.chance.gauss(0, 0.004)) for _ in range(2))
        first, last = (self.chance.uniform(low, high) for _ in range(2))
        least = 10.0**-self.places
        values = (max(value, least) for value in (first, high, low, last))
        texts = [f"{value:.{self.places}f}" for value in values]
        return Row(time, *texts, self.chance.randint(1, 10**7))  # type: ignore[arg-type]

    # -- Times

    def _written(self, row: Row) -> datetime:
        time = row.time + self.step if self.is_close else row.time
        return time.astimezone(ZoneInfo(self.zone))

    def _assume_local(self) -> None:
        if self.zone != "UTC":
            self.assumed["timezone"] = self.zone
        self._assume_stamps()

    def _assume_stamps(self) -> None:
        if self.is_close:
            self.assumed["stamps"] = "close"

    def _times(self) -> list[str]:
        kind = self.chance.choice(["local", "local", "offset", "epoch"])
        self.described["times"] = kind
        if kind == "epoch":
            self._assume_stamps()
            factor = self.chance.choice([1, 1000, 10**6, 10**9])
            return [str(int(self._written(row).timestamp()) * factor) for row in self.bars]
        if kind == "offset" and self.is_daily:
            return [time.isoformat(self.chance.choice("T ")) for time in self._local_midnights()]
        if kind == "offset":
            self._assume_stamps()
            return [self._written(row).isoformat(self.chance.choice("T ")) for row in self.bars]
        return self._local_times()

    def _local_midnights(self) -> list[datetime]:
        """Of the bars' dates: all days end with the latest, the first with the earliest."""
        zone = ZoneInfo(self.chance.choice(ZONES))
        self.described["zone"] = zone.key
        times = [row.time.replace(tzinfo=zone) for row in self.bars]
        later = [int(-(time.utcoffset() or timedelta()).total_seconds()) for time in times]
        self.day_ends, self.day_closes = max(0, *later), min(0, *later)
        return times

    def _local_times(self) -> list[str]:
        form = self.chance.choice(list(DATES))
        if DATES[form]:
            self.said["dates"] = DATES[form]
        if not self.is_daily:
            self._assume_local()
            form = f"{form} {self.chance.choice(CLOCKS)}"
        self.described["form"] = form
        return [self._written(row).strftime(form) for row in self.bars]

    # -- Texts

    def _text(self) -> tuple[str, bytes]:
        mark = self.chance.choice([",", ";", "\t", "|"])
        times = self._times()
        decimal = self.chance.choice([".", ".", ","])
        thousands = self.chance.choice(["", "", {".": ",", ",": "."}[decimal], " ", "'"])
        if mark == decimal == "," and not self.places:
            thousands = ""  # 18.123 between commas has always been a number with a point
        if mark == "\t" and self.described.get("form", "").startswith("%Y.") and not self.places:
            thousands = ""  # nor is it one in a file of MetaTrader's
        self.said["decimal"] = decimal
        self.described |= {"mark": mark, "decimal": decimal, "thousands": thousands}
        order = [1, 2, 3, 4, 5]
        header: Sequence[str] | None = self.chance.choice(HEADERS)
        if self.chance.random() < 0.15:
            header = None
        else:
            self.chance.shuffle(order)
        lines = [] if header is None else [[header[0], *(header[place] for place in order)]]
        for time, row in zip(times, self.bars, strict=True):
            numbers = [_number(it, decimal, thousands) for it in row.prices]
            values = [time, *numbers, str(row.volume)]
            lines.append([time, *(values[place] for place in order)])
        rows = [mark.join(_quoted(cell, mark, self.chance) for cell in line) for line in lines]
        return self._packed(rows, is_headed=header is not None)

    def _packed(self, rows: list[str], *, is_headed: bool) -> tuple[str, bytes]:
        if self.chance.random() < 0.3:
            rows = [*rows[: int(is_headed)], *reversed(rows[int(is_headed) :])]
        if is_headed and self.chance.random() < 0.15:
            first = ["# made up", "Prices", "sep=;" if ";" in rows[0] else "#"]
            rows = [self.chance.choice(first), *rows]
        end = self.chance.choice(["\n", "\r\n"])
        text = end.join(rows) + self.chance.choice(["", end, end + end])
        content = text.encode(self.chance.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
        packing = self.chance.choice(["csv", "csv", "csv", "gz", "zip"])
        if packing == "gz":
            return "prices.csv.gz", gzipped(content)
        if packing == "zip":
            return "prices.zip", zipped({"prices.csv": content})
        return "prices.csv", content

    # -- Other containers

    def _xlsx(self) -> tuple[str, bytes]:
        self._assume_local()
        table: list[list[object]] = [list(HEADERS[0])]
        for row in self.bars:
            time = self._written(row).replace(tzinfo=UTC)
            table.append([time, *map(float, row.prices), row.volume])
        return "prices.xlsx", workbook(table, date1904=self.chance.random() < 0.3)

    def _frame(self) -> tuple[list[object], str]:
        kind = self.chance.choice(["zoned", "naive", "epoch"])
        if kind == "zoned" or self.is_daily:
            self._assume_stamps()
            return [self._written(row) for row in self.bars], "date"
        if kind == "naive":
            self._assume_local()
            return [self._written(row).replace(tzinfo=None) for row in self.bars], "datetime"
        self._assume_stamps()
        return [int(self._written(row).timestamp()) * 1000 for row in self.bars], "timestamp"

    def _parquet(self) -> tuple[str, bytes]:
        times, name = self._frame()
        return "prices.parquet", parquet(frame(self.bars, times, name))

    def _feather(self) -> tuple[str, bytes]:
        times, name = self._frame()
        return "prices.feather", feather(frame(self.bars, times, name))

    def _json(self) -> tuple[str, bytes]:
        self._assume_stamps()
        rows = [
            {"t": int(self._written(row).timestamp()), "o": float(row.open), "h": float(row.high),
             "l": float(row.low), "c": float(row.close), "v": row.volume}
            for row in self.bars
        ]  # fmt: skip
        return "prices.jsonl", "\n".join(map(json.dumps, rows)).encode()


def _number(text: str, decimal: str, thousands: str) -> str:
    whole, point, rest = text.partition(".")
    if thousands and len(whole) > 3:
        whole = f"{int(whole):,}".replace(",", thousands)
    return f"{whole}{decimal}{rest}" if point else whole


def _quoted(cell: str, mark: str, chance: random.Random) -> str:
    return f'"{cell}"' if mark in cell or chance.random() < 0.02 else cell

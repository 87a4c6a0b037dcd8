"""Bars of a CSV file, how long they last, and bars of a higher timeframe made of them."""

import csv
import math
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.trained.bundle_reader import Array

HOUR, DAY = 3600, 86_400
MONDAY = 4 * DAY  # 1970-01-05, the first Monday of Unix time
OF_MONTHS = (25 * DAY, 36 * DAY)  # between months dated by their first or last day of trading
TIME_NAMES = ("time", "date", "datetime", "timestamp")
PRICES = ("open", "high", "low", "close")

Times = NDArray[np.int64]


class BarsRefused(ValueError):
    """Bars that no decision can be made of; the text says why, and what to do."""


@dataclass(frozen=True)
class Bars:
    """In time order; all are [bars]."""

    times: Times  # opens, Unix seconds
    open: Array
    high: Array
    low: Array
    close: Array
    volume: Array

    def rows(self, rows: slice) -> "Bars":
        return Bars(*(getattr(self, field.name)[rows] for field in fields(self)))

    def column(self, name: str) -> Array:
        """A price, the volume, or an average of prices by its name."""
        averaged = {"hl2": PRICES[1:3], "hlc3": PRICES[1:], "ohlc4": PRICES}.get(name)
        if averaged is None:
            values: Array = getattr(self, name)
            return values
        first, *others = (getattr(self, price) for price in averaged)
        average: Array = sum(others, first) / float(len(averaged))
        return average


def read_bars(path: str | Path, *, with_volume: bool = True) -> Bars:
    """A CSV file with a header: time (or date), open, high, low, close and volume, in any order.

    A time is that of the bar's open, ISO 8601; without an offset it is UTC. Bars ascend, each once.
    Without a column volume it is 0, unless `with_volume` says that it matters. Raises `BarsRefused`
    with the line.
    """
    name = Path(path).name
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        columns = _columns([title.strip().lower() for title in next(reader, [])], name, with_volume)
        rows = [_row(row, columns, f"{name} line {reader.line_num}") for row in reader if any(row)]
    if not rows:
        raise BarsRefused(f"{name} has no bars: under its header stands a line for each.")
    times = np.array([row[0] for row in rows], np.int64)
    _require_ascending(times, name)
    return Bars(times, *np.array([row[1:] for row in rows], np.float64).T.copy())


def _columns(titles: list[str], name: str, with_volume: bool) -> dict[str, int]:
    found = {column: titles.index(column) for column in (*PRICES, "volume") if column in titles}
    if dated := [title for title in TIME_NAMES if title in titles]:
        found["time"] = titles.index(dated[0])
    needed = ("time", *PRICES, *(("volume",) if with_volume else ()))
    if missing := [column for column in needed if column not in found]:
        told = f"{', '.join(missing)}; its header has {', '.join(titles) or 'nothing'}"
        raise BarsRefused(f"{name} has no column {told}.")
    return found


def _row(row: list[str], columns: dict[str, int], place: str) -> tuple[float, ...]:
    try:
        time = seconds_at(row[columns["time"]].strip())
        prices = [float(row[columns[name]]) for name in PRICES]
        volume = float(row[columns["volume"]]) if "volume" in columns else 0.0
    except (ValueError, IndexError, OverflowError) as error:
        raise BarsRefused(f"{place}: it is no bar ({error}).") from None
    if not all(math.isfinite(value) for value in (*prices, volume)):
        raise BarsRefused(f"{place}: a value is not a finite number. Leave such a bar out.")
    if min(prices) <= 0.0 or volume < 0.0 or prices[1] < prices[2]:
        raise BarsRefused(
            f"{place}: prices are above 0, high is not below low, volume not below 0."
        )
    return (time, *prices, volume)


def seconds_at(text: str) -> int:
    """Unix seconds; without an offset the time is UTC."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def as_text(seconds: int) -> str:
    """ISO 8601 with a Z; of midnight the date alone."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")


def _require_ascending(times: Times, name: str) -> None:
    steps = np.diff(times)
    if (steps <= 0).any():
        row = int((steps <= 0).argmax())
        before, after = as_text(int(times[row])), as_text(int(times[row + 1]))
        told = f"{after} stands twice" if before == after else f"{after} stands after {before}"
        raise BarsRefused(f"{name}: {told}. Sort the bars by time, the oldest first, each once.")


def require_timeframe(times: Times, timeframe: str, length: int) -> None:
    """Raises `BarsRefused` where most bars are not as far apart as those of the model."""
    steps = np.diff(times)
    if timeframe == "1M":
        steps = np.where((OF_MONTHS[0] <= steps) & (steps <= OF_MONTHS[1]), length, steps)
    elif length >= DAY:  # a change of the clocks
        steps = np.where(np.abs(steps - length) <= HOUR, length, steps)
    values, counts = np.unique(steps, return_counts=True)
    if values.size and (usual := int(values[counts.argmax()])) != length:
        told = f"The model decides on bars of {timeframe}: most of these are {usual} s apart"
        raise BarsRefused(f"{told}, not {length}. Give it bars of {timeframe}.")


def bar_ends(times: Times, timeframe: str, length: int) -> Times:
    """Unix seconds [bars]: one length after the open, or with the next bar's open."""
    ends, opens = _later(times, timeframe, length), times[1:]
    longer_by = HOUR if length > HOUR else 0  # the night in which clocks go back
    ends[:-1] = np.where(opens <= ends[:-1] + longer_by, opens, ends[:-1])
    return ends


def resample(bars: Bars, source: tuple[str, int], target: tuple[str, int]) -> Bars:
    """Bars of a higher timeframe (name, seconds), which begin at whole multiples of it, UTC.

    A bar belongs to the higher bar in which it ends. The last one is left out unless it has ended.
    """
    ends = bar_ends(bars.times, *source)
    opens = period_start(ends - 1, *target)
    phases = bars.times[-2:] % source[1]
    is_stub = phases.size == 2 and bool(phases[0] != phases[1])
    whole = _later(opens, *target) <= (bars.times[-1:] if is_stub else ends[-1:])
    bars, opens = bars.rows(slice(0, int(whole.sum()))), opens[whole]
    first = np.flatnonzero(np.diff(opens, prepend=opens[:1] - 1))
    if not first.size:
        return bars.rows(slice(0, 0))
    last = np.append(first[1:], opens.size) - 1
    return Bars(
        opens[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
    )


def period_start(times: Times, timeframe: str, length: int) -> Times:
    """Weeks begin on Monday, months on their first."""
    if timeframe == "1M":
        return _month_start(_month_of(times))
    offset = MONDAY if timeframe == "1w" else 0
    return (times - offset) // length * length + offset


def _later(times: Times, timeframe: str, length: int) -> Times:
    """One bar later; of a month the same day of the next, or the first of the one after."""
    if timeframe != "1M":
        return times + length
    months = _month_of(times)
    moved = _month_start(months + 1) + (times - _month_start(months))
    return np.minimum(moved, _month_start(months + 2))


def _month_of(times: Times) -> Times:
    months: Any = times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return months  # type: ignore[no-any-return]


def _month_start(months: Times) -> Times:
    starts: Any = months.astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
    return starts  # type: ignore[no-any-return]
